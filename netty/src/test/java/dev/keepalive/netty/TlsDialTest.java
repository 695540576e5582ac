package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TlsDialTest {
    private final FakeResolver resolver = new FakeResolver()
            .name(Certificates.NAME, "127.0.0.1")
            .name("under_score.test", "127.0.0.1")
            .name("wrong.test", "127.0.0.1");
    private ScriptedServer server;
    private ConnectorRig rig;

    @BeforeEach
    void start() {
        server = ScriptedServer.start();
        rig = new ConnectorRig(options());
    }

    @AfterEach
    void stop() throws Exception {
        Closeables.closeAll(rig, server);
    }

    @Test
    void anHttpsDialCompletesTheHandshakeBeforeItIsOpened() throws Exception {
        CompletableFuture<ScriptedServer.Peer> peer = serve(Certificates.good());

        RecordingEvents events = rig.dial("https", Certificates.NAME, server.port());

        assertThat(events.link().tls()).isNotNull();
        assertThat(events.phases).containsExactly(Phase.RESOLVE, Phase.CONNECT, Phase.TLS);
        ExtendedSSLSession session =
                (ExtendedSSLSession) peer.get(20, TimeUnit.SECONDS).tls().getSession();
        assertThat(session.getRequestedServerNames()).isEqualTo(List.of(new SNIHostName(Certificates.NAME)));
    }

    @Test
    void anAddressIsVerifiedTooButNotSentAsAName() throws Exception {
        CompletableFuture<ScriptedServer.Peer> peer = serve(Certificates.good());

        rig.dial("https", "127.0.0.1", server.port()).link();

        ExtendedSSLSession session =
                (ExtendedSSLSession) peer.get(20, TimeUnit.SECONDS).tls().getSession();
        assertThat(session.getRequestedServerNames()).isEmpty();
    }

    @Test
    void aNameWithAFinalDotIsTheSameNameToTls() throws Exception {
        resolver.name(Certificates.NAME + ".", "127.0.0.1");
        CompletableFuture<ScriptedServer.Peer> peer = serve(Certificates.good());

        rig.dial("https", Certificates.NAME + ".", server.port()).link();

        ExtendedSSLSession session =
                (ExtendedSSLSession) peer.get(20, TimeUnit.SECONDS).tls().getSession();
        assertThat(session.getRequestedServerNames()).isEqualTo(List.of(new SNIHostName(Certificates.NAME)));
    }

    @Test
    void aSchemeWithTlsSettingsUsesTls() throws Exception {
        serve(Certificates.good());
        try (ConnectorRig redis = new ConnectorRig(
                NettyConnector.builder().resolver(resolver).tls("rediss", Certificates.clientContext()))) {
            assertThat(redis.dial("rediss", Certificates.NAME, server.port())
                            .link()
                            .tls())
                    .isNotNull();
        }
    }

    @Test
    void aCertificateOfAnotherNameIsRefused() throws Exception {
        serve(Certificates.ofOtherName());

        DialException failure =
                rig.dial("https", Certificates.NAME, server.port()).failure();

        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure.errorNumber()).isZero();
        assertThat(failure.text()).contains("No subject alternative DNS name matching " + Certificates.NAME);
    }

    @Test
    void theHostIsVerifiedAlthoughTheUsersSettingsDoNotAskForIt() throws Exception {
        serve(Certificates.good());
        try (ConnectorRig lax = new ConnectorRig(NettyConnector.builder()
                .resolver(resolver)
                .tls(Certificates.client().endpointIdentificationAlgorithm(null).build()))) {
            assertThat(lax.dial("https", "wrong.test", server.port()).failure().phase())
                    .isEqualTo(Phase.TLS);
        }
    }

    @Test
    void hostVerificationCanBeTurnedOff() throws Exception {
        serve(Certificates.ofOtherName());
        try (ConnectorRig blind = new ConnectorRig(options().withoutHostVerification())) {
            assertThat(blind.dial("https", Certificates.NAME, server.port()).link())
                    .isNotNull();
        }
    }

    @Test
    void withoutHostVerificationTheCertificateMustBeTrustedNevertheless() throws Exception {
        serve(Certificates.selfSigned());
        try (ConnectorRig blind = new ConnectorRig(options().withoutHostVerification())) {
            assertThat(blind.dial("https", Certificates.NAME, server.port())
                            .failure()
                            .text())
                    .contains("PKIX");
        }
    }

    @Test
    void aNameWithAnUnderscoreIsAllowed() throws Exception {
        serve(Certificates.good());
        try (ConnectorRig blind = new ConnectorRig(options().withoutHostVerification())) {
            assertThat(blind.dial("https", "under_score.test", server.port()).link())
                    .isNotNull();
        }
    }

    @Test
    void aSelfSignedCertificateIsRefused() throws Exception {
        serve(Certificates.selfSigned());

        DialException failure =
                rig.dial("https", Certificates.NAME, server.port()).failure();

        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure.text())
                .contains("PKIX path building failed")
                .contains("unable to find valid certification path to requested target");
    }

    @Test
    void theDefaultSettingsTrustTheAuthoritiesOfTheJdk() throws Exception {
        serve(Certificates.good());
        try (ConnectorRig strict = new ConnectorRig(NettyConnector.builder().resolver(resolver))) {
            assertThat(strict.dial("https", Certificates.NAME, server.port())
                            .failure()
                            .text())
                    .contains("PKIX path building failed");
        }
    }

    @Test
    void anExpiredCertificateIsRefusedWithItsDate() throws Exception {
        serve(Certificates.expired());

        DialException failure =
                rig.dial("https", Certificates.NAME, server.port()).failure();

        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure.text()).contains("NotAfter").contains("2020");
    }

    @Test
    void aServerThatSpeaksNoTlsIsRefused() throws Exception {
        RecordingEvents events = rig.dial("https", Certificates.NAME, server.port());
        server.accept().send("220 hello, this is mail\r\n");

        DialException failure = events.failure();

        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure.text()).contains("not an SSL/TLS record");
    }

    @Test
    void aFailedHandshakeEndsTheDialWithoutTryingOtherAddresses() throws Exception {
        resolver.name(Certificates.NAME, "127.0.0.1", "127.0.0.1");
        serve(Certificates.ofOtherName());

        DialException failure =
                rig.dial("https", Certificates.NAME, server.port()).failure();

        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure.getSuppressed()).isEmpty();
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void aHandshakeThatStallsCanBeStopped() throws Exception {
        RecordingEvents events = new RecordingEvents();
        Dial dial = rig.dial(Endpoint.of("https", Certificates.NAME, server.port()), events)
                .dial();
        ScriptedServer.Peer peer = server.accept();
        await().until(() -> events.phases.contains(Phase.TLS));

        dial.stop();

        DialException failure = events.failure();
        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure.text()).isEqualTo("stopped");
        peer.readAll();
        assertThat(events.answers).hasValue(1);
    }

    @Test
    void aFinDuringTheHandshakeFailsTheDial() throws Exception {
        RecordingEvents events = rig.dial("https", Certificates.NAME, server.port());
        ScriptedServer.Peer peer = server.accept();
        peer.rawSocket.getInputStream().read();

        peer.finish();

        DialException failure = events.failure();
        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure.text()).isEqualTo("the peer closed the connection during the handshake");
    }

    @Test
    void aResetDuringTheHandshakeFailsTheDialAsAReset() throws Exception {
        RecordingEvents events = rig.dial("https", Certificates.NAME, server.port());
        ScriptedServer.Peer peer = server.accept();
        peer.rawSocket.getInputStream().read();

        peer.reset();

        DialException failure = events.failure();
        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure.errorNumber()).isEqualTo(104);
        assertThat(failure.text()).isEqualTo("Connection reset by peer");
    }

    private NettyConnectorBuilder options() {
        return NettyConnector.builder().resolver(resolver).tls(Certificates.clientContext());
    }

    private CompletableFuture<ScriptedServer.Peer> serve(SSLContext context) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return server.acceptTls(context);
            } catch (Exception e) {
                throw new java.util.concurrent.CompletionException(e);
            }
        });
    }
}
