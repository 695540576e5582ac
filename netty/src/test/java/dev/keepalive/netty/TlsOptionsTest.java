package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The TLS options of an endpoint, and what the server sees of them. */
class TlsOptionsTest {
    private final FakeResolver resolver = new FakeResolver()
            .name(Certificates.NAME, "127.0.0.1")
            .name("wrong.test", "127.0.0.1")
            .name("my_service.test", "127.0.0.1");
    private TlsServer server;
    private ConnectorRig rig;

    @BeforeEach
    void start() throws Exception {
        server = new TlsServer();
        rig = new ConnectorRig(options());
    }

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig, server);
    }

    // ---- sessions

    @Test
    void theTimeOfSessionsIsFromNothingToADay() {
        NettyConnectorBuilder options =
                NettyConnector.builder().tlsSessionTimeout(Duration.ZERO).tlsSessionTimeout(Duration.ofDays(1));
        assertThatThrownBy(() -> options.tlsSessionTimeout(Duration.ofNanos(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tlsSessionTimeout PT-0.000000001S is not allowed: zero to PT24H");
        assertThatThrownBy(() -> options.tlsSessionTimeout(Duration.ofDays(1).plusNanos(1)))
                .hasMessage("tlsSessionTimeout PT24H0.000000001S is not allowed: zero to PT24H");
    }

    // ---- server name

    @Test
    void anySchemeUsesTlsIfTheEndpointSaysSo() throws Exception {
        assertThat(answerTo(
                        "name",
                        Endpoint.of("lines", Certificates.NAME, server.port()).withTls()))
                .isEqualTo("[" + Certificates.NAME + "]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"wss", "rediss", "grpcs", "stomps", "valkeys", "tls", "ssl", "nats+tls", "redis+ssl"})
    void aSchemeThatMeansTlsUsesTheDefaultSettings(String scheme) throws Exception {
        assertThat(answerTo("name", Endpoint.of(scheme, Certificates.NAME, server.port())))
                .isEqualTo("[" + Certificates.NAME + "]");
        assertThat(failureOf(Endpoint.of(scheme, "wrong.test", server.port()))).contains("wrong.test");
    }

    @Test
    void aNameWithAnUnderscoreCannotBeVerifiedAndTheErrorSaysSo() throws Exception {
        Endpoint endpoint = Endpoint.of("https", "my_service.test", server.port());
        assertThat(failureOf(endpoint))
                .isEqualTo("the JDK verifies no certificate for a name with an underscore, like 'my_service.test': give"
                        + " the certificate's name with Endpoint.withTls(serverName)");
        assertThat(answerTo("name", endpoint.withTls(Certificates.NAME))).isEqualTo("[" + Certificates.NAME + "]");
    }

    @Test
    void theSettingsOfTheSchemeTakePrecedenceOverThoseOfHttps() throws Exception {
        reopen(options().tls("lines", trustingNoServer()));
        assertThat(failureOf(
                        Endpoint.of("lines", Certificates.NAME, server.port()).withTls()))
                .contains("PKIX");
        assertThat(answerTo("hello", server.endpoint())).isEqualTo("hello");
    }

    @Test
    void theServerNameIsSentAndVerifiedInsteadOfTheHost() throws Exception {
        Endpoint byAddress = Endpoint.of("https", "127.0.0.1", server.port());
        assertThat(answerTo("name", byAddress.withTls(Certificates.NAME))).isEqualTo("[" + Certificates.NAME + "]");
        assertThat(failureOf(byAddress.withTls("wrong.test"))).contains("wrong.test");
        assertThat(answerTo(
                        "name",
                        Endpoint.of("https", "wrong.test", server.port()).withTls(Certificates.NAME)))
                .isEqualTo("[" + Certificates.NAME + "]");
        assertThat(answerTo(
                        "name",
                        Endpoint.of("https", "wrong.test", server.port()).withTls("127.0.0.1")))
                .isEqualTo("[]");
    }

    @Test
    void aServerNameOfTheSettingsIsNotSent() throws Exception {
        reopen(NettyConnector.builder()
                .resolver(resolver)
                .tls(Certificates.client()
                        .serverName(new javax.net.ssl.SNIHostName("wrong.test"))
                        .build()));
        assertThat(answerTo("name", Endpoint.of("https", "127.0.0.1", server.port())))
                .isEqualTo("[]");
    }

    // ---- identity

    @Test
    void theIdentityDecidesWhichClientCertificateTheServerSees() throws Exception {
        server.requestingClientCertificate();
        reopen(options()
                .identity("alice", Certificates.clientAs("alice").build())
                .identity("bob", Certificates.clientAs("bob").build()));
        assertThat(answerTo("subject", server.endpoint().withIdentity("alice"))).isEqualTo("CN=alice");
        assertThat(answerTo("subject", server.endpoint().withIdentity("bob"))).isEqualTo("CN=bob");
        assertThat(answerTo("subject", server.endpoint())).isEqualTo("none");
    }

    @Test
    void theIdentityTakesPrecedenceOverTheSettingsOfTheScheme() throws Exception {
        reopen(options().identity("strict", trustingNoServer()));
        assertThat(failureOf(server.endpoint().withIdentity("strict"))).contains("PKIX");
    }

    @Test
    void anUnknownIdentityIsRefusedAndTheKnownOnesAreListed() throws Exception {
        reopen(options().identity("bob", Certificates.clientContext()).identity("alice", Certificates.clientContext()));
        assertThatThrownBy(
                        () -> rig.connector.requireSupported(server.endpoint().withIdentity("carol")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("identity 'carol' is not allowed: this connector knows alice, bob; name it with"
                        + " builder().identity(\"carol\", sslContext)");
        assertThat(server.total()).isZero();
    }

    @Test
    void theRefusalSaysThatNoIdentityIsKnown() {
        assertThatThrownBy(
                        () -> rig.connector.requireSupported(server.endpoint().withIdentity("carol")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("this connector knows none");
    }

    @Test
    void anIdentityNeedsANameAndClientSettings() throws Exception {
        assertThatThrownBy(() -> options().identity(" ", Certificates.clientContext()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not blank");
        SslContext servers = SslContextBuilder.forServer(
                        Certificates.ofServer("x").toKeyManagerFactory())
                .build();
        assertThatThrownBy(() -> options().identity("x", servers))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("identity 'x' is not allowed to be a server's: use SslContextBuilder.forClient()");
    }

    // ---- protocols

    @Test
    void theProtocolsOfTheEndpointAreOfferedAndTheChosenOneIsReported() throws Exception {
        server.withProtocols("lines/2", "lines/1");
        assertThat(negotiated(server.endpoint().withProtocols("lines/1"))).isEqualTo("lines/1");
        assertThat(negotiated(server.endpoint().withProtocols("lines/1", "lines/2")))
                .isEqualTo("lines/2");
        assertThat(negotiated(server.endpoint())).isNull();
    }

    @Test
    void aServerThatKnowsNoneOfTheProtocolsRefuses() throws Exception {
        server.withProtocols("lines/2");
        assertThat(failureOf(server.endpoint().withProtocols("lines/1"))).contains("no_application_protocol");
    }

    @Test
    void aServerWithoutProtocolsChoosesNone() throws Exception {
        assertThat(negotiated(server.endpoint().withProtocols("lines/1"))).isNull();
    }

    @Test
    void theProtocolsOfTheSettingsAreOfferedAndThoseOfTheEndpointTakePrecedence() throws Exception {
        server.withProtocols("lines/2", "lines/1");
        reopen(NettyConnector.builder()
                .resolver(resolver)
                .tls(Certificates.client()
                        .applicationProtocolConfig(new ApplicationProtocolConfig(
                                Protocol.ALPN,
                                SelectorFailureBehavior.NO_ADVERTISE,
                                SelectedListenerFailureBehavior.ACCEPT,
                                "lines/2"))
                        .build()));
        assertThat(negotiated(server.endpoint())).isEqualTo("lines/2");
        assertThat(negotiated(server.endpoint().withProtocols("lines/1"))).isEqualTo("lines/1");
    }

    @Test
    void protocolsAreRefusedIfTheEngineWouldIgnoreThem() throws Exception {
        reopen(options().identity("no-alpn", FaultySslContext.withoutAlpn(Certificates.clientContext())));
        Endpoint endpoint = server.endpoint().withIdentity("no-alpn");
        assertThatThrownBy(() -> rig.connector.requireSupported(endpoint.withProtocols("lines/1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("protocols [lines/1] are not allowed: the TLS settings are not of the JDK's engine, so they"
                        + " must name the protocols themselves");
        assertThat(answerTo("hello", endpoint)).isEqualTo("hello");
    }

    @Test
    void settingsThatBlockDelayOnlyTheirOwnCaller() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        reopen(options().identity("slow", new FaultySslContext(Certificates.clientContext(), engine -> {
            if (blocked.getCount() > 0) {
                blocked.countDown();
                assertThatCode(goOn::await).doesNotThrowAnyException();
            }
            return engine;
        })));
        Endpoint endpoint = server.endpoint().withIdentity("slow").withProtocols("lines/1");
        CompletableFuture<Void> first = CompletableFuture.runAsync(
                () -> rig.connector.requireSupported(endpoint), TlsOptionsTest::runInNewThread);
        assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<Void> second = CompletableFuture.runAsync(
                () -> rig.connector.requireSupported(endpoint), TlsOptionsTest::runInNewThread);
        second.get(20, TimeUnit.SECONDS);
        goOn.countDown();
        first.get(20, TimeUnit.SECONDS);
    }

    @Test
    void inTheClearNothingIsNegotiated() throws Exception {
        try (ScriptedServer plain = ScriptedServer.start()) {
            RecordingEvents events = rig.dial(plain);
            FakeLease lease = new FakeLease(events.link(), events);
            assertThat(lease.connection().applicationProtocol()).isNull();
        }
    }

    @Test
    void theNegotiatedProtocolIsRefusedAfterTheLease() throws Exception {
        RecordingEvents events =
                rig.dial(server.endpoint(), new RecordingEvents()).events();
        FakeLease lease = new FakeLease(events.link(), events);
        NettyConnection connection = lease.connection();
        lease.release();
        assertThatThrownBy(connection::applicationProtocol).isInstanceOf(IllegalStateException.class);
    }

    // ---- helpers

    private NettyConnectorBuilder options() {
        return NettyConnector.builder().resolver(resolver).tls(Certificates.clientContext());
    }

    private void reopen(NettyConnectorBuilder options) throws Exception {
        rig.close();
        rig = new ConnectorRig(options);
    }

    private static SslContext trustingNoServer() throws Exception {
        return SslContextBuilder.forClient()
                .trustManager(Certificates.untrusted("untrusted.test").getRootCertificate())
                .build();
    }

    private String answerTo(String question, Endpoint endpoint) throws Exception {
        RecordingEvents events = rig.dial(endpoint, new RecordingEvents()).events();
        FakeLease lease = new FakeLease(events.link(), events);
        RecordingListener<String> answers = new RecordingListener<>();
        lease.connection().start(answers).send(question);
        return answers.next();
    }

    private String negotiated(Endpoint endpoint) throws Exception {
        RecordingEvents events = rig.dial(endpoint, new RecordingEvents()).events();
        FakeLease lease = new FakeLease(events.link(), events);
        String protocol = lease.connection().applicationProtocol();
        RecordingListener<String> answers = new RecordingListener<>();
        lease.connection().start(answers).send("protocol");
        assertThat(answers.next()).isEqualTo(protocol == null ? "" : protocol);
        return protocol;
    }

    private String failureOf(Endpoint endpoint) throws Exception {
        var failure = rig.dial(endpoint, new RecordingEvents()).events().failure();
        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        return failure.text();
    }

    private static void runInNewThread(Runnable task) {
        Thread thread = new Thread(task, "caller");
        thread.setDaemon(true);
        thread.start();
    }
}
