package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.timeout.IdleState;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channel options, and handlers for the life of a channel, that the program gives to its connector. */
class ChannelSetupTest extends SocketManagerRig {
    /** Records the first byte of all input. */
    private static final class FirstBytes extends ChannelInboundHandlerAdapter {
        private final List<Integer> seen;

        FirstBytes(List<Integer> seen) {
            this.seen = seen;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf input = (ByteBuf) message;
            seen.add((int) input.getByte(input.readerIndex()));
            context.fireChannelRead(message);
        }
    }

    private final List<Integer> firstBytes = new CopyOnWriteArrayList<>();

    private ConnectionManager<NettyConnection> managerWith(NettyConnectorBuilder connector) {
        return manager(connector, 4, 2, options -> options);
    }

    // ---- options

    @Test
    void anOptionIsSetBeforeTheChannelConnects() throws Exception {
        CompletableFuture<Integer> before = new CompletableFuture<>();
        managerWith(NettyConnector.builder()
                .option(ChannelOption.SO_RCVBUF, 20_000)
                .option(ChannelOption.TCP_NODELAY, false)
                .option(ChannelOption.SO_LINGER, 7)
                .channelInitializer(channel -> {
                    assertThat(channel.isActive()).isFalse();
                    before.complete(channel.config().getOption(ChannelOption.SO_RCVBUF));
                }));
        Lease<NettyConnection> lease = acquired();

        assertThat(before.get(20, TimeUnit.SECONDS)).isBetween(20_000, 40_000);
        var config = lease.connection().channel().config();
        assertThat(config.getOption(ChannelOption.TCP_NODELAY)).isFalse();
        assertThat(config.getOption(ChannelOption.SO_LINGER)).isEqualTo(7);
        config.setOption(ChannelOption.SO_LINGER, -1);
        lease.invalidate();
    }

    @Test
    void anOptionThatTheConnectorNeedsIsRefusedAtOnce() {
        NettyConnectorBuilder options = NettyConnector.builder();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.option(ChannelOption.AUTO_READ, false))
                .withMessageStartingWith("option AUTO_READ is not allowed: the connector watches");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.option(ChannelOption.ALLOW_HALF_CLOSURE, true))
                .withMessageContaining("use allowHalfClosure");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> options.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1))
                .withMessageContaining("dialTimeout");
    }

    @Test
    @SuppressWarnings("NullAway")
    void anOptionThatTheSocketsDoNotTakeIsRefusedWhenTheConnectorIsBuilt() {
        EventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NettyConnector.builder()
                            .eventLoopGroup(nio)
                            .option(EpollChannelOption.TCP_CORK, true)
                            .build())
                    .withMessageContaining("TCP_CORK = true is not allowed: the sockets of NIO do not have it");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NettyConnector.builder()
                            .eventLoopGroup(nio)
                            .option(ChannelOption.SO_SNDBUF, -5)
                            .build(ProtocolRig.LINES))
                    .withMessageContaining("SO_SNDBUF = -5 is not allowed");
            assertThatNullPointerException()
                    .isThrownBy(() -> NettyConnector.builder().option(ChannelOption.SO_SNDBUF, null))
                    .withMessage("value");
        } finally {
            nio.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    // ---- handlers

    @Test
    void handlersForTheLifeOfAChannelStayFromLeaseToLease() throws Exception {
        managerWith(NettyConnector.builder()
                .channelInitializer(channel -> channel.pipeline().addLast(new FirstBytes(firstBytes))));
        for (int i = 0; i < 2; i++) {
            Lease<NettyConnection> lease = acquired();
            assertThat(lease.origin()).isEqualTo(i == 0 ? LeaseOrigin.NEW : LeaseOrigin.IMMEDIATE);
            exchange(lease);
            lease.release();
        }
        assertThat(firstBytes).containsExactly((int) 'e', (int) 'e');
    }

    @Test
    void aConnectionOfAProtocolIsReusedWithSuchAHandler() throws Exception {
        AtomicInteger initialized = new AtomicInteger();
        try (ConnectionManager<Requests<String, String>> requests = ConnectionManager.builder(NettyConnector.builder()
                        .channelInitializer(channel -> {
                            initialized.incrementAndGet();
                            channel.pipeline().addLast(new FirstBytes(firstBytes));
                        })
                        .build(ProtocolRig.LINES))
                .build()) {
            for (int i = 0; i < 3; i++) {
                String answer = requests.blocking()
                        .use(endpoint, lease -> lease.connection().call("echo ping\n"));
                assertThat(answer).isEqualTo("echo ping");
            }
        }
        assertThat(initialized).hasValue(1);
        assertThat(firstBytes).hasSize(3);
    }

    @Test
    void withTlsSuchAHandlerSeesWhatIsEncrypted() throws Exception {
        try (ScriptedServer tlsServer = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder()
                        .tls(Certificates.clientContext())
                        .channelInitializer(channel -> channel.pipeline().addLast(new FirstBytes(firstBytes))))) {
            RecordingEvents events = rig.dial("https", "127.0.0.1", tlsServer.port());
            tlsServer.acceptTls(Certificates.good());
            events.link();
            assertThat(firstBytes).first().as("a handshake record").isEqualTo(22);
        }
    }

    @Test
    void eventsOfSuchAHandlerReachTheHandlersOfALease() throws Exception {
        managerWith(NettyConnector.builder().channelInitializer(channel -> channel.pipeline()
                .addLast(new IdleStateHandler(50, 0, 0, TimeUnit.MILLISECONDS))));
        Lease<NettyConnection> lease = acquired();
        CompletableFuture<IdleState> idle = new CompletableFuture<>();
        lease.connection().attach(new ChannelInboundHandlerAdapter() {
            @Override
            public void userEventTriggered(ChannelHandlerContext context, Object event) {
                if (event instanceof IdleStateEvent silence) {
                    idle.complete(silence.state());
                }
            }
        });
        assertThat(idle.get(20, TimeUnit.SECONDS)).isEqualTo(IdleState.READER_IDLE);
        lease.release();
    }

    // ---- what an initializer does wrong

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("I22")
    void anInitializerThatThrowsFailsItsDialOnly(boolean error) throws Exception {
        AtomicInteger calls = new AtomicInteger();
        managerWith(NettyConnector.builder().channelInitializer(channel -> {
            if (calls.incrementAndGet() == 1) {
                if (error) {
                    throw new AssertionError("no handler today");
                }
                throw new IllegalStateException("no handler today");
            }
        }));
        AcquireException failure = failed(manager.acquire(endpoint));
        assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
        assertThat(failure)
                .hasMessageContaining("the channelInitializer threw")
                .hasMessageContaining("no handler today");
        Lease<NettyConnection> lease = acquired();
        exchange(lease);
        lease.release();
    }

    @Test
    @Tag("I22")
    void anInitializerThatClosesItsChannelFailsItsDial() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        managerWith(NettyConnector.builder().channelInitializer(channel -> {
            if (calls.incrementAndGet() == 1) {
                channel.close();
            }
        }));
        assertThat(failed(manager.acquire(endpoint)).phase()).isEqualTo(Phase.CONNECT);
    }

    @Test
    @Tag("I22")
    void anInitializerThatChangesWhatTheConnectorNeedsChangesNothing() throws Exception {
        managerWith(NettyConnector.builder()
                .channelInitializer(channel ->
                        channel.config().setAutoRead(false).setOption(ChannelOption.ALLOW_HALF_CLOSURE, false)));
        Lease<NettyConnection> lease = acquired();
        exchange(lease);
        assertThat(lease.connection().channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE))
                .isTrue();
        lease.release();
    }

    @Test
    @SuppressWarnings("deprecation") // of the executor; some programs still give one
    @Tag("I22")
    void aHandlerWithAnExecutorOfItsOwnIsRefused() throws Exception {
        EventLoopGroup other = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            AtomicInteger calls = new AtomicInteger();
            managerWith(NettyConnector.builder().channelInitializer(channel -> channel.pipeline()
                    .addLast(calls.incrementAndGet() == 1 ? other : null, new FirstBytes(firstBytes))));
            assertThat(failed(manager.acquire(endpoint))).hasMessageContaining("with an executor of its own");
        } finally {
            other.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    @Test
    void aBuilderThatIsUsedAgainDoesNotChangeWhatItHasBuilt() throws Exception {
        List<String> used = new ArrayList<>();
        NettyConnectorBuilder options = NettyConnector.builder().channelInitializer(channel -> used.add("first"));
        managerWith(options);
        options.channelInitializer(channel -> used.add("second")).option(ChannelOption.TCP_NODELAY, false);
        Lease<NettyConnection> lease = acquired();
        assertThat(used).containsExactly("first");
        assertThat(lease.connection().channel().config().getOption(ChannelOption.TCP_NODELAY))
                .isTrue();
        lease.release();
    }
}
