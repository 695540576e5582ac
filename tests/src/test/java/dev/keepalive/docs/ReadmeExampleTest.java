package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.io.ByteArrayOutputStream;
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
                var connections = ConnectionManager.builder(
                                NettyConnector.builder().build(LINES))
                        .build()) {
            var redis = Endpoint.parse(server.address());
            assertThat(pong(connections, redis)).isEqualTo("+PONG");
            assertThat(pong(connections, redis)).isEqualTo("+PONG");
            assertThat(server.accepted()).isEqualTo(1);
        }
    }

    static final RequestResponse<String, String> LINES = RequestResponse.of(
            String.class, // what the codec makes of an answer
            pipeline -> pipeline.addLast(new LineBasedFrameDecoder(1024), new StringDecoder(), new StringEncoder()));

    private static void example(String address) throws Exception {
        try (var connections = ConnectionManager.builder(
                        NettyConnector.builder().build(LINES))
                .maxOpenPerEndpoint(8)
                .build()) {
            var redis = Endpoint.parse(address); // for example redis://127.0.0.1:6379
            String pong = connections.blocking().use(redis, lease -> lease.connection()
                    .call("PING\r\n"));
            CompletableFuture<String> later =
                    connections.use(redis, lease -> lease.connection().send("PING\r\n"));
            System.out.println(pong + later.get(1, TimeUnit.SECONDS));
        }
    }

    private static String pong(ConnectionManager<Requests<String, String>> connections, Endpoint redis)
            throws Exception {
        try (Lease<Requests<String, String>> lease = connections.blocking().acquire(redis)) {
            String pong = lease.connection().call("PING\r\n");
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
