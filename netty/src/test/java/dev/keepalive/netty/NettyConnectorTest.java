package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import io.netty.channel.DefaultEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NettyConnectorTest {
    @Test
    void aConnectorBelongsToOneManager() {
        NettyConnector connector = NettyConnector.create();
        connector.claim();

        assertThatIllegalStateException()
                .isThrownBy(connector::claim)
                .withMessageContaining("belongs to a manager already");
    }

    @Test
    void anUnusedConnectorHoldsNoThread() throws Exception {
        Set<Thread> before = loopThreads();
        NettyConnector connector = NettyConnector.create();

        connector.claim();

        assertThat(before).containsAll(loopThreads());
        connector.close().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(before).containsAll(loopThreads());
    }

    @Test
    void theThreadsOfAConnectorAreDaemonsAndEndWithIt() throws Exception {
        Set<Thread> before = loopThreads();
        try (ScriptedServer server = ScriptedServer.start()) {
            ConnectorRig rig = ConnectorRig.withDefaults();
            rig.dial(server).link();
            Set<Thread> made = loopThreads();
            made.removeAll(before);

            assertThat(made).isNotEmpty().allMatch(Thread::isDaemon);
            rig.close();

            await().until(() -> made.stream().noneMatch(Thread::isAlive));
        }
    }

    @Test
    void aClosedConnectorDialsNoMore() throws Exception {
        ConnectorRig rig = ConnectorRig.withDefaults();
        rig.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> rig.dial("test", "127.0.0.1", 9))
                .withMessageContaining("closed");
    }

    @Test
    void sharedEventLoopsAreUsedAndNotShutDown() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (ScriptedServer server = ScriptedServer.start()) {
            ConnectorRig rig = new ConnectorRig(NettyConnector.builder().eventLoopGroup(loops));
            NettyLink link = rig.dial(server).link();

            assertThat(loops).containsExactly(link.channel().eventLoop());
            rig.close();
            assertThat(loops.isShuttingDown()).isFalse();
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void theCurrentEventLoopIsKnownOnItAndNowhereElse() throws Exception {
        try (ScriptedServer server = ScriptedServer.start();
                ConnectorRig rig = ConnectorRig.withDefaults()) {
            assertThat(rig.connector.currentEventLoop()).isNull();
            NettyLink link = rig.dial(server).link();

            assertThat(rig.connector.currentEventLoop()).isNull();
            CompletableFuture<Executor> seen = CompletableFuture.supplyAsync(
                    rig.connector::currentEventLoop, link.channel().eventLoop());
            assertThat(seen.get(20, TimeUnit.SECONDS)).isSameAs(link.channel().eventLoop());
        }
    }

    @Test
    void aResolverThatTheUserPassedIsNotClosed() throws Exception {
        FakeResolver resolver = new FakeResolver();

        new ConnectorRig(NettyConnector.builder().resolver(resolver)).close();

        assertThat(resolver.closed).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "redis", "anything-goes", "https", "line", "rediss", "nats+tls"})
    void aSchemeIsFreeText(String scheme) {
        assertThatCode(() -> NettyConnector.create().requireSupported(Endpoint.of(scheme, "h", 1)))
                .doesNotThrowAnyException();
    }

    @Test
    void aSchemeOfTlsSettingsIsInTheGrammarOfSchemes() {
        NettyConnectorBuilder builder = NettyConnector.builder();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.tls("\u212aelvin", Certificates.clientContext()))
                .withMessageContaining("RFC 3986");
    }

    @ParameterizedTest
    @ValueSource(strings = {"unix", "udp", "coaps", "dtls", "quic"})
    void aSchemeOfAnotherTransportIsRefused(String scheme) {
        NettyConnectorBuilder builder = NettyConnector.builder();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.build().requireSupported(Endpoint.of(scheme, "h", 1)))
                .withMessageContaining(scheme);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.tls(scheme, Certificates.clientContext()))
                .withMessageContaining(scheme);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "", "127.0.0.1:80", "1.2.3", "eth0", "127.0.0.010", "\uff11", "::\uff11", "00001::"
            })
    void aBindAddressThatIsNotNumericIsRefused(String address) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().bindAddress(address))
                .withMessageContaining("'" + address + "'")
                .withMessageContaining("numeric");
    }

    @Test
    void aNullOptionIsRefused() {
        NettyConnectorBuilder builder = NettyConnector.builder();

        assertThatNullPointerException().isThrownBy(() -> builder.bindAddress((InetAddress) null));
        assertThatNullPointerException().isThrownBy(() -> builder.bindAddress((String) null));
        assertThatNullPointerException().isThrownBy(() -> builder.resolver(null));
        assertThatNullPointerException().isThrownBy(() -> builder.eventLoopGroup(null));
        assertThatNullPointerException().isThrownBy(() -> builder.tls(null));
        assertThatNullPointerException().isThrownBy(() -> builder.tls(null, Certificates.clientContext()));
    }

    @Test
    @SuppressWarnings("deprecation") // of no transport that could be refused in another way
    void eventLoopsOfAnotherTransportAreRefused() {
        EventLoopGroup loops = new DefaultEventLoopGroup(1);
        try {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> NettyConnector.builder().eventLoopGroup(loops))
                    .withMessageContaining("MultiThreadIoEventLoopGroup of one of these transports: ");
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void theTlsSettingsOfAServerAreRefused() throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .subject("CN=x")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        SslContext server =
                SslContextBuilder.forServer(bundle.toKeyManagerFactory()).build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> NettyConnector.builder().tls(server))
                .withMessageContaining("forClient");
    }

    private static Set<Thread> loopThreads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> !thread.getName().startsWith("keepalive-netty"));
        return threads;
    }
}
