package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.testkit.EmbeddedConnector;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The examples of docs/protocols.md, each compiled as it stands there, and run. */
class ClientExamplesTest {
    private PongServer server;
    private Endpoint endpoint;

    @BeforeEach
    void start() throws Exception {
        server = new PongServer();
        endpoint = Endpoint.parse(server.address());
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    // ---- docs/protocols.md

    static final RequestResponse<String, String> LINES = RequestResponse.of(
            String.class, // what the codec makes of an answer
            pipeline -> pipeline.addLast(new LineBasedFrameDecoder(1024), new StringDecoder(), new StringEncoder()));

    static String ping(Endpoint redis) throws Exception {
        var connector = NettyConnector.builder().build(LINES.withAnswerTimeout(Duration.ofSeconds(2)));
        try (var connections =
                ConnectionManager.builder(connector).maxOpenPerEndpoint(4).build()) {
            return connections.blocking().use(redis, lease -> lease.connection().call("PING\r\n"));
        }
    }

    static String callWithRetry(ConnectionManager<Requests<String, String>> connections, Endpoint redis, String command)
            throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return connections.blocking().use(redis, lease -> lease.connection()
                        .call(command));
            } catch (RequestException lost) {
                if (!lost.isUnsent() || attempt == 3) {
                    throw lost; // the server may have acted on it: only the program knows whether it may do so twice
                }
            }
        }
    }

    @Test
    void aProtocolOfLinesSendsRequestsAndGetsAnswers() throws Exception {
        assertThat(ping(endpoint)).isEqualTo("+PONG");
        try (var connections =
                ConnectionManager.builder(NettyConnector.builder().build(LINES)).build()) {
            assertThat(callWithRetry(connections, endpoint, "PING\r\n")).isEqualTo("+PONG");
            assertThat(callWithRetry(connections, endpoint, "PING\r\n")).isEqualTo("+PONG");
        }
        assertThat(server.accepted()).as("one connection for each manager").isEqualTo(2);
    }

    static void testWithoutSockets() throws Exception {
        var redis = EmbeddedConnector.of(LINES.withAnswerTimeout(Duration.ofSeconds(2)));
        var endpoint = Endpoint.parse("redis://redis.example:6379"); // looked up nowhere
        try (var connections = redis.managerBuilder().maxOpenPerEndpoint(1).build()) {
            redis.nextPeer()
                    .expect("PING\r\n")
                    .send("+PO", "NG\r\n") // an answer in two reads
                    .expect("PING\r\n")
                    .close(); // instead of an answer
            assertThat(callWithRetry(connections, endpoint, "PING\r\n")).isEqualTo("+PONG");
            assertThatThrownBy(() -> callWithRetry(connections, endpoint, "PING\r\n"))
                    .isInstanceOf(RequestException.class);

            var silence =
                    connections.use(endpoint, lease -> lease.connection().send("GET key\r\n"));
            redis.time().advance(Duration.ofSeconds(2)); // moves answer timeouts, idle times, all
            assertThat(silence).isCompletedExceptionally();
            assertThat(redis.peers().get(1).received()).isEqualTo("GET key\r\n");

            redis.check(); // the peers have got what they expected, and nothing else
            redis.leakCheck(connections).check(); // nothing is left leased
        }
    }

    @Test
    void aClientIsTestedWithoutSockets() throws Exception {
        testWithoutSockets();
    }
}
