package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Endpoint;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which connections resume each other's TLS sessions. The handshakes are real. In a resumed session the server sends no
 * certificate, so the client verifies none.
 */
class TlsSessionResumptionTest {
    private static final String OTHER = "other.test";

    private final AtomicInteger verified = new AtomicInteger();
    private final FakeResolver resolver =
            new FakeResolver().name(Certificates.NAME, "127.0.0.1").name(OTHER, "127.0.0.1");
    private TlsServer server;
    private SslContext shared;
    private ConnectorRig rig;

    @BeforeEach
    void start() throws Exception {
        server = new TlsServer(Certificates.ofServer(Certificates.NAME, OTHER), Map.of()).withProtocols("one", "two");
    }

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig, server);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E07")
    void equalEndpointsResumeTheSession(String version) throws Exception {
        open(version);
        assertThat(resumes(server.endpoint())).isFalse();
        assertThat(resumes(server.endpoint())).isTrue();
        assertThat(resumes(endpointWithAllParts())).isFalse();
        assertThat(resumes(endpointWithAllParts())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E07")
    void endpointsThatDifferInAnyPartDoNotShareASession(String version) throws Exception {
        open(version);
        Endpoint endpoint = server.endpoint();
        Endpoint byAddress = Endpoint.of("https", "127.0.0.1", server.port());
        List<Endpoint> different = List.of(
                endpoint,
                endpoint.withTls(OTHER),
                Endpoint.of("https", OTHER, server.port()),
                Endpoint.of("https", OTHER, server.port()).withTls(Certificates.NAME),
                byAddress,
                byAddress.withTls(Certificates.NAME),
                endpoint.withIdentity("first"),
                endpoint.withIdentity("second"),
                endpoint.withProtocols("one"),
                endpoint.withProtocols("two"),
                endpoint.withProtocols("one", "two"),
                endpoint.withOwner("alice"),
                endpoint.withOwner("bob"),
                Endpoint.of("lines", Certificates.NAME, server.port()).withTls());
        for (Endpoint each : different) {
            assertThat(resumes(each)).as("%s resumes", each).isFalse();
        }
        assertThat(server.total()).isEqualTo(different.size());
        for (Endpoint each : different) {
            assertThat(resumes(each)).as("%s resumes its own", each).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E07")
    void theSessionWithAProxyIsNotResumedWithTheHostBehindIt(String version) throws Exception {
        open(version);
        Endpoint proxy = server.endpoint();
        assertThat(resumes(proxy)).isFalse();
        assertThat(resumesAfterStartTls(proxy)).isTrue();
        assertThat(resumesAfterStartTls(proxy.withProxy(proxy))).isFalse();
        assertThat(resumesAfterStartTls(proxy.withProxy(proxy.withCredentials("me"))))
                .isFalse();
        assertThat(resumesAfterStartTls(proxy.withProxy(proxy))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E06")
    @Tag("E07")
    void anUnverifiedSessionIsNotResumedByAVerifyingConnector(String version) throws Exception {
        open(version);
        rig.close();
        rig = new ConnectorRig(options().withoutHostVerification());
        Endpoint wrong = Endpoint.of("https", "127.0.0.1", server.port()).withTls("wrong.test");
        assertThat(resumes(wrong)).isFalse();
        assertThat(resumes(wrong)).isTrue();
        rig.close();
        rig = new ConnectorRig(options());
        assertThat(rig.dial(wrong, new RecordingEvents()).events().failure().text())
                .contains("wrong.test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E19")
    void whatAHandshakeUnderWayBringsIsNotFoundOnceItIsForgotten(String version) throws Exception {
        open(version);
        Endpoint endpoint = server.endpoint();
        // Within the handshake: the server has the connection, and has said nothing yet.
        server.withSettings(parameters -> rig.connector.forget(endpoint::equals));
        assertThat(resumes(endpoint)).isFalse();
        server.withSettings(parameters -> {});
        assertThat(resumes(endpoint)).as("after a full handshake").isFalse();
        server.withSettings(parameters -> rig.connector.forget(endpoint::equals));
        assertThat(resumes(endpoint)).isTrue();
        server.withSettings(parameters -> {});
        assertThat(resumes(endpoint)).as("after a resumed session").isFalse();
        assertThat(resumes(endpoint)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E19")
    void anotherConnectorOfTheSameSettingsForgetsNothing(String version) throws Exception {
        open(version);
        try (ConnectorRig other = new ConnectorRig(options())) {
            assertThat(resumes(server.endpoint())).isFalse();
            assertThat(resumes(endpointWithAllParts())).isFalse();
            other.connector.forget(any -> true);
            assertThat(resumes(server.endpoint())).isTrue();
            rig.connector.forget(server.endpoint()::equals);
            assertThat(resumes(server.endpoint())).isFalse();
            assertThat(resumes(endpointWithAllParts())).as("what did not match").isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E20")
    void withoutTimeNoSessionIsResumed(String version) throws Exception {
        open(version);
        rig.close();
        rig = new ConnectorRig(options().tlsSessionTimeout(Duration.ZERO));
        assertThat(resumes(server.endpoint())).isFalse();
        assertThat(resumes(server.endpoint())).isFalse();
    }

    private Endpoint endpointWithAllParts() {
        return Endpoint.of("lines", "127.0.0.1", server.port())
                .withTls(OTHER)
                .withIdentity("first")
                .withProtocols("one", "two")
                .withTarget(server.endpoint())
                .withOwner("alice");
    }

    // ---- helpers

    /** All connectors of this test share their settings, and so their sessions. */
    private void open(String version) throws Exception {
        shared = Certificates.client()
                .trustManager(Certificates.countingTrustManager(verified))
                .protocols(version)
                .build();
        rig = new ConnectorRig(options());
    }

    private NettyConnectorBuilder options() {
        return NettyConnector.builder()
                .resolver(resolver)
                .tls(shared)
                .identity("first", shared)
                .identity("second", shared);
    }

    /** Whether a new connection to this endpoint resumes a session. */
    private boolean resumes(Endpoint endpoint) throws Exception {
        int before = verified.get();
        RecordingEvents events = rig.dial(endpoint, new RecordingEvents()).events();
        exchange(new FakeLease(events.link(), events));
        end(events);
        return verified.get() == before;
    }

    /** Whether a handshake for this endpoint on a plaintext connection resumes a session. */
    private boolean resumesAfterStartTls(Endpoint endpoint) throws Exception {
        int before = verified.get();
        RecordingEvents events = rig.dial("test", "127.0.0.1", server.port());
        FakeLease lease = new FakeLease(events.link(), events);
        lease.connection().startTls(endpoint).toCompletableFuture().get(20, TimeUnit.SECONDS);
        exchange(lease);
        end(events);
        return verified.get() == before;
    }

    /** Sends a question and waits for the answer. The session tickets of the server come before it. */
    private static void exchange(FakeLease lease) throws Exception {
        RecordingListener<String> answers = new RecordingListener<>();
        lease.connection().start(answers).send("hello");
        assertThat(answers.next()).isEqualTo("hello");
    }

    private static void end(RecordingEvents events) throws Exception {
        events.link().close();
        events.closeCause();
    }
}
