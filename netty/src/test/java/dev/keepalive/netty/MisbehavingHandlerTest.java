package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Handlers that a lease attached, and that misbehave at its end or after it. */
class MisbehavingHandlerTest {
    private ScriptedServer server;
    private ConnectorRig rig;
    private RecordingEvents events;
    private NettyLink link;
    private ScriptedServer.Peer peer;
    private FakeLease lease;

    @BeforeEach
    void start() throws Exception {
        server = ScriptedServer.start();
        rig = ConnectorRig.withDefaults();
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
        lease = new FakeLease(link, events);
    }

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig, server);
    }

    @Test
    void aRemovedHandlerCannotWriteIntoTheNextHoldersStream() throws Exception {
        CompletableFuture<ChannelHandlerContext> kept = new CompletableFuture<>();
        lease.connection().attach(new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerAdded(ChannelHandlerContext context) {
                kept.complete(context);
            }
        });
        await().until(kept::isDone);
        lease.release();
        assertThat(events.reusable()).isTrue();

        ChannelFuture stale = kept.join().writeAndFlush(Unpooled.copiedBuffer("stale\n", StandardCharsets.UTF_8));

        assertThat(stale.await().cause()).isInstanceOf(IllegalStateException.class);
        new FakeLease(link, events)
                .connection()
                .start(new RecordingListener<>())
                .send("mine");
        assertThat(peer.readLine()).isEqualTo("mine\r");
    }

    @Test
    void aHandlerThatDoesNotPassOnACloseCannotKeepTheConnectionOpen() throws Exception {
        lease.connection().attach(new ChannelOutboundHandlerAdapter() {
            @Override
            public void close(ChannelHandlerContext context, ChannelPromise promise) {
                // not passed on
            }
        });
        ConnectorRig.awaitEventLoop(link);

        link.close();

        events.closeCause();
        assertThat(peer.readAll()).isEmpty();
    }

    @Test
    void aHandlerInFrontThatDoesNotPassOnACloseCannotKeepTheConnectionOpen() throws Exception {
        lease.connection().channel().pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void close(ChannelHandlerContext context, ChannelPromise promise) {
                // not passed on
            }
        });

        link.close();

        events.closeCause();
        assertThat(peer.readAll()).isEmpty();
    }

    @Test
    void aConnectionOnWhichAHandlerLeavesAnotherHandlerIsNotReusable() throws Exception {
        lease.connection().attach(new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerRemoved(ChannelHandlerContext context) {
                context.pipeline().addLast(new ChannelInboundHandlerAdapter());
            }
        });
        ConnectorRig.awaitEventLoop(link);

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aFramingWithoutHandlersEndsTheConnection() throws Exception {
        Framing<String> none = Framing.of(String.class, () -> null);
        RecordingListener<String> listener = new RecordingListener<>();

        lease.connection().start(none, listener);

        assertThat(listener.end()).isInstanceOf(NullPointerException.class).hasMessage("the framing's handlers");
    }

    @Test
    void attachingAHandlerThatCannotBeAddedFails() throws Exception {
        ChannelFuture attached = lease.connection().attach(new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerAdded(ChannelHandlerContext context) {
                throw new IllegalArgumentException("not here");
            }
        });

        assertThat(attached.await().isSuccess()).isFalse();
    }
}
