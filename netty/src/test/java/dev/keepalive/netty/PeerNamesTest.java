package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trust manager that looks at the chain of certificates alone: the name is verified all the same. */
class PeerNamesTest {
    private static final X509ExtendedTrustManager CHAIN_ALONE = new X509ExtendedTrustManager() {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    };

    private final ScriptedServer server = ScriptedServer.start();

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static SslContext chainAlone() throws SSLException {
        return SslContextBuilder.forClient().trustManager(CHAIN_ALONE).build();
    }

    private void serve(String... names) {
        Thread thread = new Thread(() -> {
            try {
                server.acceptTls(Certificates.server(Certificates.ofServer(names), Map.of()));
            } catch (Exception ended) {
                // The client has refused the certificate.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static NettyConnectorBuilder connector() throws SSLException {
        return NettyConnector.builder().tls(chainAlone()).proxyTls(chainAlone());
    }

    private RecordingEvents dial(ConnectorRig rig, String name) {
        return rig.dial(Endpoint.of("test", "127.0.0.1", server.port()).withTls(name), new RecordingEvents())
                .events();
    }

    @ParameterizedTest
    @CsvSource({
        "good.test, good.test, true",
        "GOOD.test, good.TEST., true",
        "a.good.test, *.good.test, true",
        "ab.good.test, a*.good.test, true",
        "xn--a.good.test, *.good.test, true",
        "good.test, bad.test, false",
        "good.test, *.test, false",
        "a.b.good.test, *.good.test, false",
        "good.test, *.good.test, false",
        "a.good.test, *.*.test, false",
        "a.good.test, **.good.test, false",
        "xn--a.good.test, x*.good.test, false",
        "a.good.test, good.test, false"
    })
    void aWildcardStandsForOneFirstLabel(String name, String certified, boolean expected) {
        assertThat(PeerNames.matches(name, certified)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"good.test, good.test", "GOOD.test, good.TEST"})
    void aCertificateOfTheNameIsAccepted(String name, String certified) throws Exception {
        try (ConnectorRig rig = new ConnectorRig(connector())) {
            serve("x.test", certified);
            dial(rig, name).link();
        }
    }

    @ParameterizedTest
    @CsvSource({"good.test, bad.test", "a.good.test, good.test", "127.0.0.2, good.test"})
    void aCertificateOfOtherNamesIsRefused(String name, String certified) throws Exception {
        try (ConnectorRig rig = new ConnectorRig(connector())) {
            serve(certified);

            DialException failure = dial(rig, name).failure();

            assertThat(failure.phase()).isEqualTo(Phase.TLS);
            assertThat(failure.text()).contains("the certificate is not of " + name);
        }
    }

    @Test
    void itIsAcceptedIfNamesAreNotVerified() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(connector().withoutHostVerification())) {
            serve("bad.test");
            dial(rig, "good.test").link();
        }
    }

    @Test
    void startTlsVerifiesTheNameToo() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(connector())) {
            RecordingEvents events = rig.dial(server);
            FakeLease lease = new FakeLease(events.link(), events);
            ScriptedServer.Peer peer = server.accept();
            Thread thread = new Thread(() -> {
                try {
                    peer.startTls(Certificates.server(Certificates.ofServer("bad.test"), Map.of()));
                } catch (Exception ended) {
                    // The client has refused the certificate.
                }
            });
            thread.setDaemon(true);
            thread.start();
            Endpoint as = Endpoint.of("test", "127.0.0.1", server.port()).withTls("good.test");

            var done = lease.connection().startTls(as).toCompletableFuture();

            assertThatThrownBy(() -> done.get(20, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(SSLException.class)
                    .hasMessageContaining("the certificate is not of good.test");
            events.closeCause();
        }
    }

    @Test
    void aProxyOfAnotherNameIsAskedForNothing() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(connector().credentials("me", "user", "secret"))) {
            Endpoint proxy = Endpoint.of("https", "127.0.0.1", server.port())
                    .withTls("good.test")
                    .withCredentials("me");
            RecordingEvents events = rig.dial(
                            Endpoint.of("test", "target.test", 443).withProxy(proxy), new RecordingEvents())
                    .events();
            ScriptedServer.Peer peer =
                    server.acceptTls(Certificates.server(Certificates.ofServer("bad.test"), Map.of()));

            DialException failure = events.failure();

            assertThat(failure.phase()).isEqualTo(Phase.PROXY);
            assertThat(failure.text()).contains("the certificate is not of good.test");
            assertThat(heard(peer)).doesNotContain("CONNECT", "Proxy-Authorization");
        }
    }

    private static String heard(ScriptedServer.Peer peer) {
        try {
            return peer.readAll();
        } catch (IOException ended) {
            return "";
        }
    }
}
