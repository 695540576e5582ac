package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import dev.keepalive.testservers.TestServer;
import io.netty.pkitesting.X509Bundle;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against an OpenSSL server, whose session tickets and certificate requests differ from those of the JDK. */
class OpensslTest {
    private final X509Bundle bundle = Certificates.ofServer(Certificates.NAME, "other.test");
    private ConnectorRig rig;

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E07")
    void aSessionIsResumedByTheSameEndpointAndByNoOther(String version) throws Exception {
        open(version);
        try (TestServer openssl = openssl("-www", "-num_tickets", "2")) {
            Endpoint endpoint = Endpoint.of("https", "127.0.0.1", openssl.port());
            assertThat(page(endpoint)).contains("New, " + version);
            assertThat(page(endpoint)).contains("Reused, " + version);
            assertThat(page(endpoint.withTls("other.test"))).contains("New, " + version);
            assertThat(page(endpoint.withIdentity("alice"))).contains("New, " + version);
            assertThat(page(endpoint.withIdentity("bob"))).contains("New, " + version);
            assertThat(page(endpoint.withProtocols("http/1.1"))).contains("New, " + version);
            assertThat(page(endpoint.withIdentity("alice"))).contains("Reused, " + version);
        }
    }

    /** The trust store of the JDK is one of the test. */
    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E19")
    void sessionsOfTheDefaultSettingsAreForgotten(String version, @TempDir Path folder) throws Exception {
        Path store = folder.resolve("trust.p12");
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry("root", Certificates.root());
        try (OutputStream file = Files.newOutputStream(store)) {
            roots.store(file, "secret".toCharArray());
        }
        System.setProperty("javax.net.ssl.trustStore", store.toString());
        System.setProperty("javax.net.ssl.trustStorePassword", "secret");
        try (TestServer openssl = openssl("-www", version.equals("TLSv1.2") ? "-tls1_2" : "-tls1_3")) {
            rig = new ConnectorRig(NettyConnector.builder());
            Endpoint endpoint = Endpoint.of("https", "127.0.0.1", openssl.port());
            assertThat(page(endpoint)).contains("New, " + version);
            assertThat(page(endpoint)).contains("Reused, " + version);
            rig.connector.forget(any -> true);
            assertThat(page(endpoint)).contains("New, " + version);
            assertThat(page(endpoint)).contains("Reused, " + version);
        } finally {
            System.clearProperty("javax.net.ssl.trustStore");
            System.clearProperty("javax.net.ssl.trustStorePassword");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
    @Tag("E05")
    void theServerSeesTheCertificateOfTheEndpointsIdentity(String version) throws Exception {
        open(version);
        try (TestServer openssl = openssl("-www", "-verify", "1")) {
            Endpoint endpoint = Endpoint.of("https", "127.0.0.1", openssl.port());
            assertThat(page(endpoint.withIdentity("alice")))
                    .containsPattern("Subject: CN ?= ?alice")
                    .doesNotContain("bob");
            assertThat(page(endpoint.withIdentity("bob")))
                    .containsPattern("Subject: CN ?= ?bob")
                    .doesNotContain("alice");
            assertThat(page(endpoint)).contains("no client certificate available");
        }
    }

    @Test
    void manyTicketsOnAnIdleConnectionAreNotInput() throws Exception {
        open("TLSv1.3");
        try (TestServer openssl = openssl("-rev", "-num_tickets", "20")) {
            RecordingEvents events = rig.dial("https", "127.0.0.1", openssl.port());
            NettyLink link = events.link();
            for (int i = 0; i < 3; i++) {
                FakeLease lease = new FakeLease(link, events);
                RecordingListener<String> answers = new RecordingListener<>();
                lease.connection().start(answers).send("abc");
                assertThat(answers.next()).isEqualTo("cba");
                lease.release();
                assertThat(events.reusable()).isTrue();
            }
            assertThat(events.inputsReceived).hasValue(0);
        }
    }

    /**
     * OpenSSL sends its flight in one write. A JDK server would still be writing when it is refused, and would see only
     * a failed write.
     */
    @Test
    void theServerIsToldThatItsCertificateWasRefused() throws Exception {
        rig = new ConnectorRig(NettyConnector.builder());
        try (TestServer openssl = openssl()) {
            DialException failure =
                    rig.dial("https", "127.0.0.1", openssl.port()).failure();

            assertThat(failure.phase()).isEqualTo(Phase.TLS);
            await().untilAsserted(() -> assertThat(openssl.log()).contains("alert certificate unknown"));
        }
    }

    private void open(String version) throws Exception {
        rig = new ConnectorRig(NettyConnector.builder()
                .tls(Certificates.client().protocols(version).build())
                .identity(
                        "alice",
                        Certificates.clientAs("alice").protocols(version).build())
                .identity("bob", Certificates.clientAs("bob").protocols(version).build()));
    }

    private TestServer openssl(String... options) {
        return TestServer.opensslServer(bundle.getCertificatePathPEM(), bundle.getPrivateKeyPEM(), options);
    }

    /** The status page of the server about this connection. */
    private String page(Endpoint endpoint) throws Exception {
        RecordingEvents events = rig.dial(endpoint, new RecordingEvents()).events();
        FakeLease lease = new FakeLease(events.link(), events);
        StringBuilder page = new StringBuilder();
        RecordingListener<String> lines = new RecordingListener<>() {
            @Override
            public void input(String line) {
                page.append(line).append('\n');
            }
        };
        FrameStream<String> frames = lease.connection().start(lines);
        frames.send("GET / HTTP/1.0");
        frames.send("");
        lines.end();
        lease.invalidate(null);
        events.closed.get(20, TimeUnit.SECONDS);
        return page.toString();
    }
}
