package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** TLS to a proxy has settings of its own. */
class ProxyTlsTest {
    private final ScriptedServer proxy = ScriptedServer.start();
    private final CompletableFuture<String> client = new CompletableFuture<>();

    @AfterEach
    void stop() throws Exception {
        proxy.close();
    }

    /** Accepts one connection, asks for a certificate, and agrees to be a proxy. */
    private void serve(SSLContext context) {
        Thread thread = new Thread(() -> {
            try {
                ScriptedServer.Peer raw = proxy.accept();
                SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(raw.rawSocket, null, false);
                secure.setUseClientMode(false);
                secure.setWantClientAuth(true);
                secure.startHandshake();
                client.complete(nameOf(secure));
                secure.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                secure.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (Exception e) {
                client.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static String nameOf(SSLSocket secure) {
        try {
            return secure.getSession().getPeerPrincipal().getName();
        } catch (SSLPeerUnverifiedException e) {
            return "none";
        }
    }

    private Endpoint proxyEndpoint() {
        return Endpoint.of("https", "127.0.0.1", proxy.port());
    }

    private static RecordingEvents dial(ConnectorRig rig, Endpoint through) {
        return rig.dial(Endpoint.of("test", "target.test", 443).withProxy(through), new RecordingEvents())
                .events();
    }

    private String shownTo(ConnectorRig rig, Endpoint through) throws Exception {
        serve(Certificates.good());
        dial(rig, through).link();
        return client.get(20, TimeUnit.SECONDS);
    }

    private void assertRefused(ConnectorRig rig, String reason) throws Exception {
        DialException failure = dial(rig, proxyEndpoint()).failure();
        assertThat(failure.phase()).isEqualTo(Phase.PROXY);
        assertThat(failure.text()).startsWith("proxy " + proxyEndpoint()).contains(reason);
    }

    @Test
    void theAuthoritiesOfTheEndpointAreNotThoseOfTheProxy() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder().tls(Certificates.clientContext()))) {
            serve(Certificates.good());
            assertRefused(rig, "certification path");
        }
    }

    @Test
    void theCertificateOfTheEndpointIsNotShownToTheProxy() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder()
                .tls(Certificates.clientAs("alice").build())
                .proxyTls(Certificates.clientContext()))) {
            assertThat(shownTo(rig, proxyEndpoint())).isEqualTo("none");
        }
    }

    @Test
    void aProxyIsShownTheIdentityThatItsEndpointNames() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder()
                .identity("alice", Certificates.clientAs("alice").build()))) {
            assertThat(shownTo(rig, proxyEndpoint().withIdentity("alice"))).contains("alice");
        }
    }

    @Test
    void theNameOfAProxyIsVerifiedThoughThatOfTheEndpointIsNot() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(NettyConnector.builder()
                .withoutHostVerification()
                .tls(Certificates.clientContext())
                .proxyTls(Certificates.clientContext()))) {
            serve(Certificates.ofOtherName());
            assertRefused(rig, "subject alternative");
        }
    }
}
