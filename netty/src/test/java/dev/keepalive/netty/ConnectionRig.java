package dev.keepalive.netty;

import static org.awaitility.Awaitility.await;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A test with one connection, which is open at both ends, and a lease of it. */
abstract class ConnectionRig {
    ScriptedServer server;
    ConnectorRig rig;
    RecordingEvents events;
    NettyLink link;
    ScriptedServer.Peer peer;
    FakeLease lease;
    final RecordingListener<String> listener = new RecordingListener<>();

    @BeforeEach
    void open() throws Exception {
        server = ScriptedServer.start();
        rig = ConnectorRig.withDefaults();
        events = rig.dial(server);
        link = events.link();
        peer = server.accept();
        lease = new FakeLease(link, events);
    }

    @AfterEach
    void close() throws Exception {
        Closeables.closeAll(rig, server);
    }

    /** Replaces the connection by one with this version of TLS. */
    void openTls(String version) throws Exception {
        rig.close();
        rig = new ConnectorRig(NettyConnector.builder()
                .tls(Certificates.client().protocols(version).build()));
        CompletableFuture<ScriptedServer.Peer> accepted = CompletableFuture.supplyAsync(() -> {
            try {
                return server.acceptTls(Certificates.good());
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        });
        events = rig.dial("https", "127.0.0.1", server.port());
        link = events.link();
        peer = accepted.get(20, TimeUnit.SECONDS);
        lease = new FakeLease(link, events);
    }

    /** Sends until the socket takes no more. */
    static CompletableFuture<Void> fill(FrameStream<String> frames) {
        CompletableFuture<Void> last = frames.send("x".repeat(8_000_000)).toCompletableFuture();
        await().until(() -> !frames.isWritable());
        return last;
    }
}
