package dev.keepalive.netty;

import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** A test of a protocol of lines, over real sockets, against a server that the test controls. */
abstract class ProtocolRig {
    static final RequestResponse<String, String> LINES = RequestResponse.of(
            String.class,
            pipeline -> pipeline.addLast(new LineBasedFrameDecoder(1000), new StringDecoder(), new StringEncoder()));

    final ScriptedServer server = ScriptedServer.start();
    final Endpoint endpoint = Endpoint.of("lines", "127.0.0.1", server.port());
    ConnectionManager<Requests<String, String>> manager = manager(LINES);

    private static ConnectionManager<Requests<String, String>> manager(Protocol<Requests<String, String>> protocol) {
        return ConnectionManager.builder(NettyConnector.builder().build(protocol))
                .maxOpenPerEndpoint(1)
                .build();
    }

    void speak(Protocol<Requests<String, String>> protocol) {
        manager.close();
        manager = manager(protocol);
    }

    @AfterEach
    void nothingIsLost() throws Exception {
        Closeables.closeAll(
                () -> {
                    await().until(() -> manager.snapshot().all().leased() == 0);
                    manager.close();
                    manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
                },
                server);
    }

    Lease<Requests<String, String>> acquire() throws Exception {
        return manager.acquire(endpoint).get(20, TimeUnit.SECONDS);
    }

    /** The server's side of the next connection, when it has read so many requests. */
    ScriptedServer.Peer afterRequests(int count) throws Exception {
        ScriptedServer.Peer peer = server.accept();
        for (int i = 0; i < count; i++) {
            peer.readLine();
        }
        return peer;
    }

    static RequestException lost(CompletableFuture<?> answer) throws Exception {
        try {
            throw new AssertionError("answered: " + answer.get(20, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (RequestException) e.getCause();
        }
    }
}
