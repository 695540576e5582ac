package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.keepalive.Endpoint;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.io.File;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every transport of the class path. With the profile {@code native} these are all transports. */
class TransportTest {
    static Stream<Transport> transports() {
        return Transport.available().stream();
    }

    @Test
    void theAvailableTransportsAreThoseThatTheBuildExpects() {
        String expected = System.getProperty("keepalive.transports", "NIO");

        assertThat(Transport.available().stream().map(Transport::name)).containsExactly(expected.split(","));
        assertThat(Transport.best().name()).isEqualTo(expected.split(",")[0]);
    }

    @Test
    void withoutNettysNativeClassesTheJdksTransportIsUsed() throws Exception {
        List<URL> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.matches(".*netty-transport-(classes|native)-(epoll|io_uring).*")) {
                path.add(Path.of(entry).toUri().toURL());
            }
        }
        try (URLClassLoader loader =
                new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            assertThatExceptionOfType(ClassNotFoundException.class)
                    .isThrownBy(() -> loader.loadClass(EpollIoHandler.class.getName()));

            Object used = loader.loadClass(WithoutNativeClasses.class.getName())
                    .getMethod("call")
                    .invoke(loader.loadClass(WithoutNativeClasses.class.getName())
                            .getConstructor()
                            .newInstance());

            assertThat(used).isEqualTo("NIO, own: NIO; others are refused");
        }
    }

    /** The program. It is public, since another class loader creates it. */
    public static final class WithoutNativeClasses implements Callable<String> {
        @Override
        @SuppressWarnings("deprecation") // of the group; some programs still have one
        public String call() {
            EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            EventLoopGroup others = new DefaultEventLoopGroup(1);
            try {
                NettyConnector.builder().eventLoopGroup(loops).build();
                String used = Transport.of(loops).name() + ", own: "
                        + Transport.best().name();
                try {
                    NettyConnector.builder().eventLoopGroup(others).build();
                    return used;
                } catch (IllegalArgumentException refused) {
                    return used + "; others are refused";
                }
            } finally {
                loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
                others.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void eachTransportOpensConnectionsOnItsOwnEventLoops(Transport transport) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport.ioHandlerFactory());
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().eventLoopGroup(loops))) {
            NettyLink link = rig.dial("test", "localhost", server.port()).link();

            assertThat(link.channel()).isInstanceOf(transport.tcpClass());
            assertThat(server.accept().rawSocket.isConnected()).isTrue();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @ParameterizedTest
    @MethodSource("transports")
    void keepAliveProbesAndTheUserTimeoutArePassedToTheSystem(Transport transport) throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, transport.ioHandlerFactory());
        NettyConnectorBuilder options = NettyConnector.builder()
                .eventLoopGroup(loops)
                .tcpKeepAlive(Duration.ofSeconds(7), Duration.ofSeconds(3), 2);
        if (transport.userTimeout() != null) {
            options.tcpUserTimeout(Duration.ofMillis(4_321));
        }
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(options)) {
            var config = rig.dial(server).link().channel().config();

            assertThat(config.getOption(transport.keepIdle())).isEqualTo(7);
            assertThat(config.getOption(transport.keepInterval())).isEqualTo(3);
            assertThat(config.getOption(transport.keepCount())).isEqualTo(2);
            if (transport.userTimeout() != null) {
                assertThat(config.getOption(transport.userTimeout())).isEqualTo(4_321);
            }
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void aTimeoutThatTheTransportDoesNotSupportIsRefusedWhenTheConnectorIsBuilt() {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, new NioTransport().ioHandlerFactory());
        NettyConnectorBuilder options =
                NettyConnector.builder().eventLoopGroup(loops).tcpUserTimeout(Duration.ofSeconds(1));

        assertThatIllegalArgumentException().isThrownBy(options::build).withMessageContaining("not allowed with NIO");
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Test
    void timesOutsideTheSystemsRangeAreRefused() {
        for (Duration none : List.of(Duration.ZERO, Duration.ofNanos(1), Duration.ofDays(30))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NettyConnector.builder().tcpUserTimeout(none))
                    .withMessageContaining(none.toString());
        }
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().tcpKeepAlive(Duration.ofMillis(999), second, 1))
                .withMessageStartingWith("idle PT0.999S is not allowed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().tcpKeepAlive(second, Duration.ofSeconds(40_000), 1))
                .withMessageStartingWith("interval");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().tcpKeepAlive(second, second, 128))
                .withMessage("probes 128 is not allowed: 1 to 127");
    }

    @Test
    void theEndpointsLocalAddressTakesPrecedenceOverTheBindAddress() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = new ConnectorRig(NettyConnector.builder().bindAddress("127.0.0.9"))) {
            Endpoint endpoint = Endpoint.of("test", "127.0.0.1", server.port())
                    .withLocalAddress(InetAddress.getByName("127.0.0.8"));

            rig.dial(endpoint, new RecordingEvents()).events().link();

            InetSocketAddress seen = server.accept().remoteAddress();
            assertThat(seen.getAddress().getHostAddress()).isEqualTo("127.0.0.8");
        }
    }
}
