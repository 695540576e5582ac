package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a session may say before its connection is closed, and when it is not asked. */
class FarewellTest {
    private static final Duration SOON = Duration.ofMillis(1);

    private final ScriptedServer server = ScriptedServer.start();
    private final Endpoint endpoint = Endpoint.of("lines", "127.0.0.1", server.port());
    private final AtomicInteger farewells = new AtomicInteger();
    private final CompletableFuture<ProtocolContext> context = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Throwable> closed = new CompletableFuture<>();
    private final CompletableFuture<CloseReason> told = new CompletableFuture<>();
    private Consumer<ProtocolContext> farewell = of -> of.channel().writeAndFlush("QUIT\n");
    private @Nullable ConnectionManager<Requests<String, String>> manager;

    /** Lines, and a last one. */
    private final class Parting implements Session<Requests<String, String>> {
        private final ProtocolContext of;
        private final Session<Requests<String, String>> lines;

        Parting(ProtocolContext of) throws Exception {
            this.of = of;
            this.lines = ProtocolRig.LINES.install(of);
            of.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
                    // Hides it, so that the connection stays open.
                }
            });
            of.allowHalfClosure();
            context.complete(of);
        }

        @Override
        public Requests<String, String> open(Lease<Requests<String, String>> lease) {
            return lines.open(lease);
        }

        @Override
        public void received(Object message) {
            lines.received(message);
        }

        @Override
        public boolean isReusable() {
            return lines.isReusable();
        }

        @Override
        public void closing() {
            assertThat(of.channel().eventLoop().inEventLoop()).isTrue();
            farewells.incrementAndGet();
            farewell.accept(of);
        }

        @Override
        public void closed(@Nullable Throwable cause) {
            lines.closed(cause);
            closed.complete(cause);
        }
    }

    @AfterEach
    void nothingIsLost() throws Exception {
        Closeables.closeAll(
                () -> {
                    ConnectionManager<?> made = manager;
                    if (made != null) {
                        made.close();
                        made.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
                    }
                },
                server);
    }

    private void manage(NettyConnectorBuilder connector, Consumer<ManagerBuilder<Requests<String, String>>> options) {
        ManagerBuilder<Requests<String, String>> builder = ConnectionManager.builder(connector.build(Parting::new))
                .listener(new ConnectionListener() {
                    @Override
                    public void closed(Endpoint of, CloseReason reason, int uses, @Nullable Throwable cause) {
                        told.complete(reason);
                    }
                });
        options.accept(builder);
        manager = builder.build();
    }

    private void manage() {
        manage(NettyConnector.builder(), options -> {});
    }

    private Lease<Requests<String, String>> acquire(Endpoint of) throws Exception {
        return manager.acquire(of).get(20, TimeUnit.SECONDS);
    }

    private static void answered(Lease<Requests<String, String>> lease, ScriptedServer.Peer peer) throws Exception {
        CompletableFuture<String> answer = lease.connection().send("one\n");
        assertThat(peer.readLine()).isEqualTo("one");
        peer.send("ONE\n");
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("ONE");
    }

    /** How the manager ends a connection with which nothing is wrong. */
    enum End {
        IDLE(builder -> builder.idleTimeout(SOON), manager -> {}, CloseReason.IDLE_TIMEOUT),
        LIFETIME(builder -> builder.maxLifetime(SOON), manager -> {}, CloseReason.LIFETIME),
        RETIRED(builder -> {}, manager -> manager.evict(any -> true), CloseReason.RETIRED),
        DRAINED(builder -> {}, manager -> manager.drain(Duration.ofSeconds(20)), CloseReason.MANAGER_CLOSED),
        CLOSED(builder -> {}, ConnectionManager::close, CloseReason.MANAGER_CLOSED);

        private final Consumer<ManagerBuilder<?>> options;
        private final Consumer<ConnectionManager<?>> act;
        private final CloseReason reason;

        End(Consumer<ManagerBuilder<?>> options, Consumer<ConnectionManager<?>> act, CloseReason reason) {
            this.options = options;
            this.act = act;
            this.reason = reason;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionThatTheManagerClosesSaysFarewell(End end) throws Exception {
        manage(NettyConnector.builder(), end.options::accept);
        Lease<Requests<String, String>> lease = acquire(endpoint);
        ScriptedServer.Peer peer = server.accept();
        answered(lease, peer);
        lease.release();
        end.act.accept(manager);

        assertThat(peer.readAll()).isEqualTo("QUIT\n");
        assertThat(told.get(20, TimeUnit.SECONDS)).isEqualTo(end.reason);
        assertThat(closed.get(20, TimeUnit.SECONDS)).isNull();
        assertThat(farewells).hasValue(1);
    }

    static Stream<Transport> transports() {
        return Transport.available().stream();
    }

    /** The release comes from the answer's callback, so that the connection is closed before it is proven quiet. */
    @ParameterizedTest
    @MethodSource("transports")
    void soDoesOneThatIsRetiredWhileItIsLeased(Transport transport) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport.ioHandlerFactory());
        try {
            manage(NettyConnector.builder().eventLoopGroup(loops), options -> options.callbackExecutor(Runnable::run));
            Lease<Requests<String, String>> lease = acquire(endpoint);
            ScriptedServer.Peer peer = server.accept();
            context.get().retire();
            lease.connection().send("one\n").thenRun(lease::release);
            assertThat(peer.readLine()).isEqualTo("one");
            peer.send("ONE\n");

            assertThat(peer.readAll()).isEqualTo("QUIT\n");
            closed.get(20, TimeUnit.SECONDS);
            manager.close();
            manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    @Test
    void withTlsCloseNotifyComesBehindIt() throws Exception {
        manage(
                NettyConnector.builder()
                        .resolver(new FakeResolver().name(Certificates.NAME, "127.0.0.1"))
                        .tls(Certificates.clientContext()),
                options -> {});
        CompletableFuture<Lease<Requests<String, String>>> acquired = manager.acquire(
                Endpoint.of("lines", Certificates.NAME, server.port()).withTls());
        ScriptedServer.Peer peer =
                server.acceptTls(Certificates.server(Certificates.ofServer(Certificates.NAME), Map.of()));
        Lease<Requests<String, String>> lease = acquired.get(20, TimeUnit.SECONDS);
        answered(lease, peer);
        lease.release();
        manager.close();

        assertThat(peer.readAll()).as("without close_notify, this fails").isEqualTo("QUIT\n");
    }

    // ---- not

    @Test
    void noFarewellIsSaidToAPeerThatHasEnded() throws Exception {
        manage();
        Lease<Requests<String, String>> lease = acquire(endpoint);
        server.accept().finish();
        Channel channel = context.get().channel();
        await().until(() -> ((DuplexChannel) channel).isInputShutdown());
        lease.release();
        assertThat(closed.get(20, TimeUnit.SECONDS)).isNull();
        assertThat(farewells).hasValue(0);
    }

    @Test
    void noFarewellIsSaidOnAConnectionThatHasFailed() throws Exception {
        manage();
        acquire(endpoint).release();
        ScriptedServer.Peer peer = server.accept();
        context.get().channel().pipeline().fireExceptionCaught(new IOException("broken"));
        manager.evict(any -> true);
        assertThat(peer.readAll()).isEmpty();
        assertThat(closed.get(20, TimeUnit.SECONDS)).hasMessage("broken");
    }

    @Test
    void noFarewellIsSaidToAPeerThatSpeaksUnasked() throws Exception {
        manage();
        acquire(endpoint).release();
        ScriptedServer.Peer peer = server.accept();
        peer.send("HELLO\n");
        assertThat(peer.readAll()).isEmpty();
        assertThat(farewells).hasValue(0);
    }

    @Test
    void noFarewellIsSaidInTheMiddleOfAMessage() throws Exception {
        manage();
        Lease<Requests<String, String>> lease = acquire(endpoint);
        ScriptedServer.Peer peer = server.accept();
        lease.connection().send("one\n");
        assertThat(peer.readLine()).isEqualTo("one");
        lease.close();
        assertThat(peer.readAll()).isEmpty();
        assertThat(farewells).hasValue(0);
    }

    @Test
    void aSessionThatClosesTheConnectionIsNotAsked() throws Exception {
        manage();
        acquire(endpoint).release();
        ScriptedServer.Peer peer = server.accept();
        context.get().close(null);
        assertThat(peer.readAll()).isEmpty();
        assertThat(farewells).hasValue(0);
    }

    // ---- harm

    @Test
    void aFarewellThatThrowsIsTheCauseAndTheConnectionIsClosed() throws Exception {
        IllegalStateException fault = new IllegalStateException("no last word");
        farewell = of -> {
            throw fault;
        };
        manage();
        acquire(endpoint).release();
        ScriptedServer.Peer peer = server.accept();
        manager.close();
        assertThat(peer.readAll()).isEmpty();
        assertThat(closed.get(20, TimeUnit.SECONDS)).isSameAs(fault);
    }

    @Test
    void aFarewellThatClosesIsSaidOnce() throws Exception {
        farewell = of -> {
            of.channel().writeAndFlush("QUIT\n");
            of.close(null);
        };
        manage();
        acquire(endpoint).release();
        ScriptedServer.Peer peer = server.accept();
        manager.evict(any -> true);
        assertThat(peer.readAll()).isEqualTo("QUIT\n");
        assertThat(farewells).hasValue(1);
    }

    /** What the socket does not take is dropped, and released. */
    @Test
    void aFarewellThatThePeerDoesNotReadKeepsNothingOpen() throws Exception {
        farewell = of -> of.channel().writeAndFlush("Q".repeat(16 << 20));
        manage();
        acquire(endpoint).release();
        server.accept();
        manager.close();
        manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(farewells).hasValue(1);
    }
}
