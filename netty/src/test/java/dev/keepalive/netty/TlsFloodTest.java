package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Connector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Peers that send TLS records without data, for ever, on a connection that looks idle. A server of the JDK sends a key
 * update (TLS 1.3), or a request to renegotiate (TLS 1.2), when it is asked for a handshake.
 */
class TlsFloodTest {
    /** A key update is a record of 27 bytes. */
    private static final int ENOUGH = TlsInputLimit.MAX_BYTES / 27 + 1;

    /** More than the buffers of the sockets hold before the peer notices the end. */
    private static final int GIVEN_UP = 200_000;

    private static final String REASON = "bytes of TLS records without data";

    private final ScriptedServer server = ScriptedServer.start();
    private final CompletableFuture<CloseReason> reason = new CompletableFuture<>();
    private final CompletableFuture<Throwable> cause = new CompletableFuture<>();
    private @Nullable ConnectionManager<?> manager;

    @AfterEach
    void stop() throws Exception {
        ConnectionManager<?> made = manager;
        Closeables.closeAll(
                () -> {
                    if (made != null) {
                        made.close();
                        made.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
                    }
                },
                server);
    }

    @Test
    @Tag("G25")
    void anIdleConnectionIsClosed() throws Exception {
        CompletableFuture<ScriptedServer.Peer> accepted = acceptTls();
        ConnectionManager<NettyConnection> connections =
                managed(trusting("TLSv1.3").build());
        connections.acquire(secure()).get(20, TimeUnit.SECONDS).release();
        flood(accepted.get(20, TimeUnit.SECONDS));
        assertClosed();
    }

    @Test
    @Tag("G25")
    void anIdleConnectionThatIsAskedToRenegotiateWithoutEndIsClosed() throws Exception {
        CompletableFuture<ScriptedServer.Peer> accepted = acceptTls();
        ConnectionManager<NettyConnection> connections =
                managed(trusting("TLSv1.2").build());
        connections.acquire(secure()).get(20, TimeUnit.SECONDS).release();
        renegotiate(accepted.get(20, TimeUnit.SECONDS));
        assertClosed();
    }

    @Test
    @Tag("G25")
    void aConnectionThatWasNeverLeasedIsClosed() throws Exception {
        try (ConnectorRig rig = new ConnectorRig(trusting("TLSv1.3"))) {
            CompletableFuture<ScriptedServer.Peer> accepted = acceptTls();
            RecordingEvents events = rig.dial(secure(), new RecordingEvents()).events();
            events.link();
            flood(accepted.get(20, TimeUnit.SECONDS));
            assertThat(events.closeCause()).hasMessageContaining(REASON);
        }
    }

    @Test
    @Tag("G25")
    void aConnectionThatIsLeasedIsClosedToo() throws Exception {
        CompletableFuture<ScriptedServer.Peer> accepted = acceptTls();
        ConnectionManager<NettyConnection> connections =
                managed(trusting("TLSv1.3").build());
        Lease<NettyConnection> lease = connections.acquire(secure()).get(20, TimeUnit.SECONDS);
        RecordingListener<String> listener = new RecordingListener<>();
        lease.connection().start(listener);
        flood(accepted.get(20, TimeUnit.SECONDS));
        assertThat(listener.end()).hasMessageContaining(REASON);
        lease.release();
    }

    @Test
    @Tag("G25")
    void anIdleConnectionThatSpeaksAProtocolIsClosed() throws Exception {
        CompletableFuture<ScriptedServer.Peer> accepted = acceptTls();
        ConnectionManager<Requests<String, String>> connections =
                managed(trusting("TLSv1.3").build(ProtocolRig.LINES));
        Lease<Requests<String, String>> lease = connections.acquire(secure()).get(20, TimeUnit.SECONDS);
        CompletableFuture<String> answer = lease.connection().send("one\n");
        ScriptedServer.Peer peer = accepted.get(20, TimeUnit.SECONDS);
        assertThat(peer.readLine()).isEqualTo("one");
        peer.send("ONE\n");
        assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("ONE");
        lease.release();
        flood(peer);
        assertThat(reason.get(20, TimeUnit.SECONDS)).isEqualTo(CloseReason.UNEXPECTED_INPUT);
        // A part of a record on an idle connection is more than it may have kept, so it may be closed for that before.
        assertThat(cause.get(20, TimeUnit.SECONDS))
                .hasMessageMatching(".*" + REASON + "|the peer sent something that nothing had asked for.*");
    }

    @Test
    @Tag("G25")
    void aRequestFailsIfThePeerFloodsInPlaceOfAnAnswer() throws Exception {
        CompletableFuture<ScriptedServer.Peer> accepted = acceptTls();
        ConnectionManager<Requests<String, String>> connections =
                managed(trusting("TLSv1.3").build(ProtocolRig.LINES));
        Lease<Requests<String, String>> lease = connections.acquire(secure()).get(20, TimeUnit.SECONDS);
        CompletableFuture<String> answer = lease.connection().send("one\n");
        ScriptedServer.Peer peer = accepted.get(20, TimeUnit.SECONDS);
        assertThat(peer.readLine()).isEqualTo("one");
        flood(peer);
        assertThat(ProtocolRig.lost(answer)).hasStackTraceContaining(REASON);
        lease.release();
    }

    @Test
    @Tag("G25")
    void aConnectionAfterStartTlsIsClosed() throws Exception {
        CompletableFuture<ScriptedServer.Peer> accepted = acceptTls();
        ConnectionManager<NettyConnection> connections =
                managed(trusting("TLSv1.3").build());
        Endpoint plain = Endpoint.of("lines", "127.0.0.1", server.port());
        Lease<NettyConnection> lease = connections.acquire(plain).get(20, TimeUnit.SECONDS);
        lease.connection().startTls(plain.withTls()).toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(lease.releaseAs(plain.withTls())).isTrue();
        await().until(() -> connections.snapshot().all().idle() == 1);
        flood(accepted.get(20, TimeUnit.SECONDS));
        assertClosed();
    }

    @Test
    @Tag("G25")
    void aConnectionInTheClearThroughAProxyWithTlsIsClosed() throws Exception {
        CompletableFuture<ScriptedServer.Peer> accepted = acceptTls().thenApply(proxy -> {
            try {
                return proxy.send("HTTP/1.1 200 OK\r\n\r\n");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        ConnectionManager<NettyConnection> connections = managed(
                NettyConnector.builder().proxyTls(Certificates.clientContext()).build());
        Endpoint proxied = Endpoint.of("lines", "behind.test", 1).withProxy(secure());
        connections.acquire(proxied).get(20, TimeUnit.SECONDS).release();
        flood(accepted.get(20, TimeUnit.SECONDS));
        assertClosed();
    }

    @Test
    @Tag("G25")
    void whatHasDataInBetweenIsNoFlood() throws Exception {
        CompletableFuture<ScriptedServer.Peer> accepted = acceptTls();
        ConnectionManager<NettyConnection> connections =
                managed(trusting("TLSv1.3").build());
        Lease<NettyConnection> lease = connections.acquire(secure()).get(20, TimeUnit.SECONDS);
        RecordingListener<String> listener = new RecordingListener<>();
        lease.connection().start(listener);
        ScriptedServer.Peer peer = accepted.get(20, TimeUnit.SECONDS);
        for (int i = 0; i < 3; i++) {
            for (int updates = 0; updates < ENOUGH / 2; updates++) {
                peer.tls().startHandshake();
            }
            peer.send("line " + i + "\r\n");
            assertThat(listener.next()).isEqualTo("line " + i);
        }
        assertThat(lease.release()).isTrue();
        assertThat(connections.acquire(secure()).get(20, TimeUnit.SECONDS).release())
                .isTrue();
        assertThat(reason).isNotDone();
    }

    // ---- helpers

    private Endpoint secure() {
        return Endpoint.of("https", "127.0.0.1", server.port());
    }

    private static NettyConnectorBuilder trusting(String version) throws Exception {
        return NettyConnector.builder()
                .tls(Certificates.client().protocols(version).build());
    }

    private <C> ConnectionManager<C> managed(Connector<C> connector) {
        ConnectionManager<C> made = ConnectionManager.builder(connector)
                .idleTimeout(Duration.ofMinutes(5))
                .listener(new ConnectionListener() {
                    @Override
                    public void closed(Endpoint endpoint, CloseReason why, int uses, @Nullable Throwable broken) {
                        cause.complete(broken);
                        reason.complete(why);
                    }
                })
                .build();
        manager = made;
        return made;
    }

    private CompletableFuture<ScriptedServer.Peer> acceptTls() {
        CompletableFuture<ScriptedServer.Peer> accepted = new CompletableFuture<>();
        daemon(() -> {
            try {
                accepted.complete(server.acceptTls(Certificates.good()));
            } catch (Throwable e) {
                accepted.completeExceptionally(e);
            }
        });
        return accepted;
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "tls-flood");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Floods the connection until it is closed. What the client answers is taken from the socket and dropped, so that
     * nothing delays its close.
     */
    private static void flood(ScriptedServer.Peer peer) throws IOException {
        InputStream answers = peer.rawSocket.getInputStream();
        daemon(() -> {
            try {
                answers.transferTo(OutputStream.nullOutputStream());
            } catch (IOException closed) {
                // as expected
            }
        });
        try {
            for (int i = 0; i < GIVEN_UP; i++) {
                peer.tls().startHandshake();
            }
        } catch (IOException closed) {
            return;
        }
        throw new AssertionError("the peer could send " + GIVEN_UP + " messages");
    }

    /** Asks for one handshake after the other, until the connection is closed. */
    private static void renegotiate(ScriptedServer.Peer peer) throws Exception {
        Semaphore next = new Semaphore(1);
        peer.tls().addHandshakeCompletedListener(completed -> next.release());
        daemon(() -> {
            try {
                peer.readAll();
            } catch (IOException closed) {
                // then the next handshake fails
            }
            next.release(GIVEN_UP);
        });
        try {
            for (int i = 0; i < GIVEN_UP; i++) {
                assertThat(next.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
                peer.tls().startHandshake();
            }
        } catch (IOException closed) {
            return;
        }
        throw new AssertionError("the peer could ask for " + GIVEN_UP + " handshakes");
    }

    private void assertClosed() throws Exception {
        assertThat(reason.get(20, TimeUnit.SECONDS)).isEqualTo(CloseReason.UNEXPECTED_INPUT);
        assertThat(cause.get(20, TimeUnit.SECONDS)).hasMessageContaining(REASON);
    }
}
