package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients are tested without sockets: over Netty's local transport. */
class LocalTransportTest {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, LocalIoHandler.newFactory());
    private final List<Channel> accepted = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** A server that answers each line in upper case. */
    private void serve(String name, @Nullable SslContext tls) {
        new ServerBootstrap()
                .group(loops)
                .channel(LocalServerChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.add(channel);
                        if (tls != null) {
                            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                        }
                        channel.pipeline()
                                .addLast(
                                        new LineBasedFrameDecoder(100),
                                        new StringDecoder(),
                                        new StringEncoder(),
                                        new SimpleChannelInboundHandler<String>() {
                                            @Override
                                            protected void channelRead0(ChannelHandlerContext context, String line) {
                                                context.writeAndFlush(line.toUpperCase(java.util.Locale.ROOT) + "\n");
                                            }
                                        });
                    }
                })
                .bind(new LocalAddress(name))
                .syncUninterruptibly();
    }

    private NettyConnectorBuilder connector() throws Exception {
        return NettyConnector.builder()
                .eventLoopGroup(loops)
                .tls(Certificates.clientContext())
                .option(ChannelOption.TCP_NODELAY, true);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aProtocolIsSpokenWithoutASocketAndALookup(boolean tls) throws Exception {
        serve(Certificates.NAME + ":6379", tls ? Certificates.nettyServer() : null);
        Endpoint redis = Endpoint.of(tls ? "rediss" : "redis", Certificates.NAME, 6379);
        try (ConnectionManager<Requests<String, String>> manager =
                ConnectionManager.builder(connector().build(ProtocolRig.LINES)).build()) {
            for (int i = 0; i < 3; i++) {
                String answer = manager.blocking()
                        .use(redis, lease -> lease.connection().call("ping\n"));
                assertThat(answer).isEqualTo("PING");
            }
            assertThat(accepted).hasSize(1);

            accepted.get(0).close();

            await().until(() -> manager.snapshot().all().open() == 0);
        }
    }

    @Test
    void aConnectionIsStartedReleasedReusedAndEndedByItsPeer() throws Exception {
        serve("lines.test:7", null);
        Endpoint endpoint = Endpoint.of("line", "lines.test", 7);
        try (ConnectionManager<NettyConnection> manager =
                ConnectionManager.builder(connector().build()).build()) {
            for (int i = 0; i < 2; i++) {
                Lease<NettyConnection> lease = manager.acquire(endpoint).get(20, TimeUnit.SECONDS);
                assertThat(lease.origin()).isEqualTo(i == 0 ? LeaseOrigin.NEW : LeaseOrigin.IMMEDIATE);
                RecordingListener<String> listener = new RecordingListener<>();
                lease.connection().start(listener).send("ping");
                assertThat(listener.next()).isEqualTo("PING");
                if (i == 1) {
                    accepted.get(0).close();
                    assertThat(listener.end()).isNull();
                }
                lease.release();
            }
            await().until(() -> manager.snapshot().all().open() == 0);
        }
    }

    @Test
    void whereNoServerIsBoundTheConnectionIsRefused() throws Exception {
        try (ConnectionManager<NettyConnection> manager =
                ConnectionManager.builder(connector().build()).build()) {
            AcquireException failure = PoeRig.failed(manager.acquire(Endpoint.of("line", "nobody.test", 7)));
            assertThat(failure.errorNumber()).isEqualTo(111);
        }
    }
}
