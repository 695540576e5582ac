package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which released connections can be leased again. */
class ResetTest extends ConnectionRig {
    @Test
    void anUntouchedConnectionIsReusableAtOnce() throws Exception {
        CountDownLatch go = ConnectorRig.blockEventLoop(link);
        lease.connection();

        lease.release();

        assertThat(events.resets)
                .as("answered although the event loop is blocked")
                .containsExactly(true);
        go.countDown();
    }

    @Test
    void aConnectionWhoseHandleWasNotRequestedIsReusableAtOnce() {
        lease.release();

        assertThat(events.resets).containsExactly(true);
    }

    @Test
    void aHandlerInFrontOfTheInputGuardCannotKeepTheConnectionFromClosing() throws Exception {
        rig.close();
        server.close();
        server = ScriptedServer.start();
        rig = new ConnectorRig(
                NettyConnector.builder().tls(Certificates.clientContext()).withoutHostVerification());
        events = new RecordingEvents();
        rig.dial(Endpoint.of("https", "127.0.0.1", server.port()), events);
        peer = server.acceptTls(Certificates.good());
        link = events.link();
        lease = new FakeLease(link, events);
        ChannelHandler keeper = new ChannelDuplexHandler() {
            @Override
            public void close(ChannelHandlerContext context, ChannelPromise promise) {
                promise.setSuccess();
            }
        };
        Channel channel = lease.connection().channel();
        channel.eventLoop()
                .submit(() -> channel.pipeline()
                        .addAfter(channel.pipeline().context(SslHandler.class).name(), null, keeper))
                .get(20, TimeUnit.SECONDS);

        link.close();

        assertThat(events.closeCause()).isNull();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void afterACleanExchangeAConnectionIsReusableAndItsPipelineIsUnchanged() throws Exception {
        List<String> before = link.channel().pipeline().names();
        for (int i = 0; i < 3; i++) {
            exchange();
            lease.release();

            assertThat(events.reusable()).isTrue();
            assertThat(link.channel().pipeline().names()).isEqualTo(before);
            lease = new FakeLease(link, events);
        }
        assertThat(listener.ends).hasValue(0);
    }

    @Test
    void aReleaseInsideTheListenerIsAnsweredOnceAndTheConnectionIsReusable() throws Exception {
        lease.connection().start(new RecordingListener<>() {
            @Override
            public void input(String frame) {
                lease.release();
            }
        });

        peer.send("one\r\n");

        assertThat(events.reusable()).isTrue();
    }

    @Test
    @Tag("G11")
    void aConnectionWithAnUnreadFrameIsNotReusable() throws Exception {
        RecordingListener<String> reader = new RecordingListener<>() {
            @Override
            public void input(String frame) {
                super.input(frame);
                lease.release();
            }
        };
        lease.connection().start(reader);

        peer.send("one\r\ntwo\r\n");

        assertThat(events.reusable()).isFalse();
        assertThat(reader.inputs).containsExactly("one");
    }

    @Test
    void aConnectionWithAnUnreadFrameInTheDecoderIsNotReusable() throws Exception {
        Framing<String> words = Framing.of(
                String.class,
                () -> List.of(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        ((ByteBuf) message).release();
                        for (String word : List.of("one", "two")) {
                            context.fireChannelRead(word);
                        }
                    }
                }));
        lease.connection().start(words, new RecordingListener<>() {
            @Override
            public void input(String frame) {
                lease.release();
            }
        });

        peer.send("x");

        assertThat(events.reusable()).isFalse();
    }

    @Test
    @Tag("G11")
    void aConnectionWithAPartialLineIsNotReusable() throws Exception {
        lease.connection().start(listener);
        peer.send("one\r\nbegun, not end");
        assertThat(listener.next()).isEqualTo("one");

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aConnectionWithFramesHeldBackByAPauseIsNotReusable() throws Exception {
        FrameStream<String> frames = lease.connection().start(new RecordingListener<>() {
            @Override
            public void started(FrameStream<String> started) {
                started.pauseInput();
                started.resumeInput();
            }

            @Override
            public void input(String frame) {
                listener.inputs.add(frame);
                listener.started.join().pauseInput();
            }
        });
        listener.started.complete(frames);
        peer.send("one\r\ntwo\r\n");
        listener.next();
        ConnectorRig.awaitEventLoop(link);

        lease.release();

        assertThat(events.reusable()).isFalse();
        assertThat(link.channel().config().isAutoRead()).as("watched").isTrue();
    }

    @Test
    void aPausedConnectionWithInputInTheSocketIsNotReusable() throws Exception {
        lease.connection().start(listener).pauseInput();
        ConnectorRig.awaitEventLoop(link);
        peer.send("unread\r\n");
        awaitArrival();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    @Tag("G09")
    void aConnectionWithInputThatTheEventLoopHasNotReadIsNotReusable() throws Exception {
        exchange();
        CountDownLatch go = ConnectorRig.blockEventLoop(link);
        peer.send("unread\r\n");
        awaitArrival();

        lease.release();
        go.countDown();

        assertThat(events.reusable()).isFalse();
        assertThat(listener.inputs).isEmpty();
    }

    @Test
    void aConnectionWithHeldBackInputIsNotReusable() throws Exception {
        lease.connection();
        peer.send("banner\r\n");
        await().until(() -> events.inputsReceived.get() == 1);
        ConnectorRig.awaitEventLoop(link);

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aPauseDoesNotOutliveTheLease() throws Exception {
        FrameStream<String> frames = lease.connection().start(listener);
        frames.pauseInput();

        lease.release();

        assertThat(events.reusable()).isTrue();
        peer.finish();
        events.closeCause();
    }

    @Test
    @Tag("G23")
    void aConnectionThatThePeerHasHalfClosedIsNotReusable() throws Exception {
        lease.connection().start(listener);
        peer.finish();
        assertThat(listener.end()).isNull();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    @Tag("G23")
    void aConnectionWhoseEndTheHolderHasNotSeenIsNotReusable() throws Exception {
        lease.connection();
        peer.finish();
        events.closeCause();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aConnectionWhoseInputWasShutDownIsNotReusable() throws Exception {
        lease.connection().start(listener).shutdownInput();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aConnectionWhoseOutputWasShutDownIsNotReusable() throws Exception {
        lease.connection().start(listener).shutdownOutput();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aConnectionWhoseChannelOutputWasShutDownIsNotReusable() throws Exception {
        ((io.netty.channel.socket.SocketChannel) lease.connection().channel())
                .shutdownOutput()
                .sync();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aBrokenConnectionIsNotReusable() throws Exception {
        lease.connection().start(listener);
        peer.reset();
        assertThat(listener.end()).hasMessageContaining("reset");

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void anExceptionFromAnAttachedHandlerEndsTheConnectionAndIsItsCause() throws Exception {
        IllegalStateException broken = new IllegalStateException("broken handler");
        lease.connection()
                .attach(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        ((ByteBuf) message).release();
                        throw broken;
                    }
                })
                .sync();
        peer.send("x");

        assertThat(events.closeCause()).isSameAs(broken);
        lease.release();
        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aConnectionWithInputThatNoAttachedHandlerTookIsNotReusable() throws Exception {
        CompletableFuture<Void> one = attachReaderOfOneLine();
        peer.send("one\r\ntwo\r\n");
        one.get(20, TimeUnit.SECONDS);

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    @Tag("G11")
    void aConnectionWithBytesLeftInADecoderIsNotReusable() throws Exception {
        CompletableFuture<Void> one = attachReaderOfOneLine();
        peer.send("one\r\ntw");
        one.get(20, TimeUnit.SECONDS);

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aConnectionWithBytesLeftInADecoderIsNotReusableEvenIfAHandlerWouldTakeThem() throws Exception {
        BlockingQueue<String> taken = new LinkedBlockingQueue<>();
        lease.connection()
                .attach(new LineBasedFrameDecoder(80), new StringDecoder(), new SimpleChannelInboundHandler<String>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext context, String message) {
                        taken.add(message);
                    }
                })
                .sync();
        peer.send("one\r\ntw");
        assertThat(taken.poll(20, TimeUnit.SECONDS)).isEqualTo("one");

        lease.release();

        assertThat(events.reusable()).isFalse();
        assertThat(taken).isEmpty();
    }

    @Test
    void handlersAddedToThePipelineDirectlyAreRemoved() throws Exception {
        List<String> before = link.channel().pipeline().names();
        CompletableFuture<Void> removed = new CompletableFuture<>();
        lease.connection().channel().pipeline().addLast("mine", new ChannelInboundHandlerAdapter() {
            @Override
            public void handlerRemoved(ChannelHandlerContext context) {
                removed.complete(null);
            }
        });

        lease.release();

        assertThat(events.reusable()).isTrue();
        assertThat(removed).isCompleted();
        assertThat(link.channel().pipeline().names()).isEqualTo(before);
    }

    @Test
    void aConnectionWithAHandlerInFrontOfTheInputGuardIsNotReusable() throws Exception {
        lease.connection().channel().pipeline().addFirst(new ChannelInboundHandlerAdapter());

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aConnectionWithTlsThatTheHolderAddedIsNotReusable() throws Exception {
        lease.connection()
                .attach(Certificates.clientContext().newHandler(link.channel().alloc()))
                .sync();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    @SuppressWarnings("deprecation")
    void aConnectionWithAHandlerOnAnotherExecutorIsNotReusable() throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        try {
            lease.connection().channel().pipeline().addLast(executor, new ChannelInboundHandlerAdapter());

            lease.release();

            assertThat(events.reusable()).isFalse();
        } finally {
            executor.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void aConnectionWithoutItsInputGuardIsNotReusable() throws Exception {
        lease.connection().channel().pipeline().remove(InputGuard.class);

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    @Tag("G10")
    void sentFramesGoOutBeforeTheConnectionIsReusable() throws Exception {
        String big = "x".repeat(3_000_000);
        FrameStream<String> frames = lease.connection().start(listener);
        frames.send(big);
        frames.send("last");

        lease.release();

        assertThat(peer.readLine()).hasSize(big.length() + 1);
        assertThat(peer.readLine()).isEqualTo("last\r");
        assertThat(events.reusable()).isTrue();
    }

    @Test
    void aConnectionWithAFailedWriteIsNotReusable() throws Exception {
        lease.connection().channel().writeAndFlush(new Object()).awaitUninterruptibly();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void anUnflushedWriteIsFlushedAtTheRelease() throws Exception {
        lease.connection().channel().write(io.netty.buffer.Unpooled.copiedBuffer(new byte[] {'a', '\n'}));

        lease.release();

        assertThat(events.reusable()).isTrue();
        assertThat(peer.readLine()).isEqualTo("a");
    }

    @Test
    void aConnectionThatClosesWhileAHandlerHoldsBackAWriteIsNotReusable() throws Exception {
        lease.connection()
                .attach((ChannelHandler) new ChannelDuplexHandler() {
                    @Override
                    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
                        context.channel()
                                .closeFuture()
                                .addListener(closed -> promise.setFailure(new java.io.IOException("kept")));
                    }
                })
                .sync();
        link.channel().writeAndFlush("kept");

        lease.release();
        ConnectorRig.awaitEventLoop(link);
        assertThat(events.resets).as("answers, while the write is under way").isEmpty();
        link.close();

        assertThat(events.reusable()).isFalse();
    }

    @Test
    void aConnectionClosedMeanwhileIsNotReusable() throws Exception {
        lease.connection().start(listener);
        link.channel().close().sync();

        lease.release();

        assertThat(events.reusable()).isFalse();
    }

    private void exchange() throws Exception {
        lease.connection().start(listener).send("ping");
        assertThat(peer.readLine()).isEqualTo("ping\r");
        peer.send("pong\r\n");
        assertThat(listener.next()).isEqualTo("pong");
    }

    /**
     * Waits until the host of the peer knows that all its output is acknowledged, and so is in the socket of this side.
     */
    private void awaitArrival() throws Exception {
        await().until(() -> SocketStats.unacknowledged(peer.rawSocket.getLocalPort(), peer.rawSocket.getPort()) == 0);
    }

    /**
     * Attaches a handler that consumes one line and passes on all others. When this line has come, all bytes that were
     * sent with it have come too.
     */
    private CompletableFuture<Void> attachReaderOfOneLine() throws Exception {
        CompletableFuture<Void> one = new CompletableFuture<>();
        lease.connection()
                .attach(new LineBasedFrameDecoder(80), new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext context, Object message) {
                        if (one.complete(null)) {
                            ((ByteBuf) message).release();
                        } else {
                            context.fireChannelRead(message);
                        }
                    }
                })
                .sync();
        return one;
    }
}
