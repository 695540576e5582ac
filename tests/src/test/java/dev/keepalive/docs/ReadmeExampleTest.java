package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The examples of the README, against a server that says PONG. */
class ReadmeExampleTest {
    @Test
    void theFirstExampleRunsOnOneConnection() throws Exception {
        try (PongServer server = new PongServer()) {
            assertThat(printed(server.address())).isEqualToIgnoringNewLines("+PONG+PONG");
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    @Test
    void aReleasedLeaseKeepsItsConnection() throws Exception {
        try (PongServer server = new PongServer();
                var connections =
                        ConnectionManager.builder(NettyConnector.create()).build()) {
            var redis = Endpoint.parse(server.address());
            assertThat(pong(connections, redis)).isEqualTo("+PONG");
            assertThat(pong(connections, redis)).isEqualTo("+PONG");
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    private static void example(String address) throws Exception {
        try (var connections = ConnectionManager.builder(NettyConnector.create())
                .maxOpenPerEndpoint(8)
                .build()) {
            var redis = Endpoint.parse(address); // for example redis://127.0.0.1:6379
            String pong = connections.blocking().use(redis, lease -> ping(lease.connection()));
            CompletableFuture<String> later = connections.use(redis, lease -> pingAsync(lease.connection()));
            System.out.println(pong + later.get(1, TimeUnit.SECONDS));
        }
    }

    static CompletableFuture<String> pingAsync(NettyConnection connection) {
        var reply = new CompletableFuture<String>();
        connection
                .start(new FrameListener<String>() {
                    @Override
                    public void input(String line) {
                        reply.complete(line);
                    }

                    @Override
                    public void ended(Throwable error) {
                        reply.completeExceptionally(new EOFException("closed: " + error));
                    }
                })
                .send("PING");
        return reply;
    }

    static String ping(NettyConnection connection) throws Exception {
        return pingAsync(connection).get(1, TimeUnit.SECONDS);
    }

    private static String pong(ConnectionManager<NettyConnection> connections, Endpoint redis) throws Exception {
        try (Lease<NettyConnection> lease = connections.blocking().acquire(redis)) {
            String pong = ping(lease.connection());
            lease.release(); // without this line, the connection is closed here
            return pong;
        }
    }

    private static String printed(String address) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            example(address);
        } finally {
            System.setOut(before);
        }
        return captured.toString(StandardCharsets.UTF_8);
    }
}
