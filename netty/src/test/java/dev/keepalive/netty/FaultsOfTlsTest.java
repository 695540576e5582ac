package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fault catalogue, part E: handshakes and closes that go wrong. */
@EnabledOnOs(OS.LINUX)
class FaultsOfTlsTest extends TlsManagerRig {
    @Test
    @Tag("E01")
    void aStalledHandshakeEndsWithItsDialAndTheNextWaiterIsServed() throws Exception {
        try (ScriptedServer mute = ScriptedServer.start()) {
            newTrustingManager(1, 1, options -> options.dialTimeout(Duration.ofSeconds(3)));
            CompletableFuture<Lease<NettyConnection>> stalled =
                    manager.acquire(Endpoint.of("https", "127.0.0.1", mute.port()));
            CompletableFuture<Lease<NettyConnection>> next = manager.acquire(tls.endpoint());
            ScriptedServer.Peer peer = mute.accept();
            AcquireException failure = failed(stalled);
            assertThat(failure.phase()).isEqualTo(Phase.TLS);
            assertThat(answer(got(next), "hello")).isEqualTo("hello");
            peer.readAll();
        }
    }

    @Test
    void unusableTlsSettingsFailOnlyTheirOwnDial() throws Exception {
        manager(
                trustingConnector()
                        .identity("broken", FaultySslContext.withMissingClasses(Certificates.clientContext())),
                2,
                2,
                all -> all);

        AcquireException failure = failed(manager.acquire(tls.endpoint().withIdentity("broken")));

        assertThat(failure).hasMessageContaining("com/example/Provider");
        assertThat(answer(tls.endpoint(), "hello")).isEqualTo("hello");
    }

    @Test
    void anEngineThatThrowsAfterTheHandshakeFailsOnlyItsOwnDial() throws Exception {
        manager(
                trustingConnector()
                        .identity("broken", FaultySslContext.withFailingProtocolQuery(Certificates.clientContext())),
                2,
                2,
                all -> all);

        AcquireException failure = failed(manager.acquire(tls.endpoint().withIdentity("broken")));

        assertThat(failure.phase()).isEqualTo(Phase.TLS);
        assertThat(failure).hasMessageContaining("the engine does not know the protocol");
        assertThat(answer(tls.endpoint(), "hello")).isEqualTo("hello");
    }

    @ParameterizedTest
    @ValueSource(strings = {"untrusted", "of another name", "expired"})
    @Tag("E02")
    void anInvalidCertificateFailsTheAcquireAndTlsIsNeverSkipped(String what) throws Exception {
        SSLContext context =
                switch (what) {
                    case "untrusted" -> Certificates.selfSigned();
                    case "of another name" -> Certificates.ofOtherName();
                    default -> Certificates.expired();
                };
        try (ScriptedServer bad = ScriptedServer.start()) {
            newTrustingManager(2, 2);
            CompletableFuture<Lease<NettyConnection>> acquired =
                    manager.acquire(Endpoint.of("https", Certificates.NAME, bad.port()));
            try {
                bad.acceptTls(context).readAll();
            } catch (IOException refusedByTheClient) {
                // expected
            }
            AcquireException failure = failed(acquired);
            assertThat(failure).isInstanceOf(AcquireException.DialFailed.class);
            assertThat(failure.phase()).isEqualTo(Phase.TLS);
            assertThat(answer(tls.endpoint(), "hello")).isEqualTo("hello");
            assertThat(bad.connections()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("E03")
    void aPeerThatClosesAfterItsHelloFailsTheAcquireAndLeavesNoSocket(boolean byReset) throws Exception {
        try (ScriptedServer middle = ScriptedServer.start()) {
            newTrustingManager(1, 1);
            CompletableFuture<Lease<NettyConnection>> acquired =
                    manager.acquire(Endpoint.of("https", Certificates.NAME, middle.port()));
            ScriptedServer.Peer peer = middle.accept();
            try (Socket real = new Socket("127.0.0.1", tls.port())) {
                real.getOutputStream().write(record(peer.rawSocket));
                peer.rawSocket.getOutputStream().write(record(real));
            }
            if (byReset) {
                peer.reset();
            } else {
                peer.finish();
            }
            AcquireException failure = failed(acquired);
            assertThat(failure.phase()).isEqualTo(Phase.TLS);
            assertThat(failure.errorNumber()).isEqualTo(byReset ? 104 : 0);
            await().until(() -> tls.open() == 0);
            assertThat(answer(tls.endpoint(), "hello")).isEqualTo("hello");
        }
    }

    /** Reads one TLS record. */
    private static byte[] record(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] header = in.readNBytes(5);
        byte[] body = in.readNBytes((header[3] & 0xff) << 8 | header[4] & 0xff);
        byte[] record = new byte[header.length + body.length];
        System.arraycopy(header, 0, record, 0, header.length);
        System.arraycopy(body, 0, record, header.length, body.length);
        return record;
    }

    @Test
    @Tag("E13")
    void aPeerThatDoesNotReadDelaysNoOtherAcquireWhenItsConnectionIsClosed() throws Exception {
        try (ScriptedServer notReading = ScriptedServer.start()) {
            newTrustingManager(2, 1);
            Endpoint endpoint = Endpoint.of("https", "127.0.0.1", notReading.port());
            CompletableFuture<Lease<NettyConnection>> acquired = manager.acquire(endpoint);
            ScriptedServer.Peer peer = notReading.acceptTls(Certificates.good());
            Lease<NettyConnection> lease = got(acquired);
            fill(lease);
            assertThat(lease.invalidate()).isTrue();

            // Other acquires get their permits although the peer has not read anything yet.
            assertThat(answer(tls.endpoint(), "hello")).isEqualTo("hello");
            CompletableFuture<Lease<NettyConnection>> again = manager.acquire(endpoint);
            ScriptedServer.Peer next = notReading.acceptTls(Certificates.good());
            Lease<NettyConnection> renewed = got(again);
            assertThat(renewed.origin()).isEqualTo(LeaseOrigin.NEW);
            renewed.invalidate();
            assertThat(next.readAll()).isEmpty();
            await().until(() -> manager.snapshot().endpoints().get(endpoint) == null);
            peer.reset();
        }
    }

    /** Sends until the socket takes no more. Encryption takes time, so the wait is longer. */
    private static void fill(Lease<NettyConnection> lease) {
        FrameStream<String> frames = lease.connection().start(new RecordingListener<>());
        frames.send("x".repeat(8_000_000));
        await().atMost(Duration.ofMinutes(1)).until(() -> !frames.isWritable());
    }

    @Test
    @Tag("E13")
    void peersThatDoNotReadDoNotKeepTheManagerFromClosing() throws Exception {
        try (ScriptedServer notReading = ScriptedServer.start()) {
            newTrustingManager(2, 2);
            Endpoint endpoint = Endpoint.of("https", "127.0.0.1", notReading.port());
            for (int i = 0; i < 2; i++) {
                CompletableFuture<Lease<NettyConnection>> acquired = manager.acquire(endpoint);
                notReading.acceptTls(Certificates.good());
                fill(got(acquired));
            }
            manager.close();
            manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(List.copyOf(manager.snapshot().endpoints().keySet())).isEmpty();
        }
    }
}
