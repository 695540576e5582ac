package dev.keepalive.docs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.FrameStream;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import dev.keepalive.netty.testkit.EmbeddedConnector;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The examples of docs/protocols.md and docs/cookbook.md, each compiled as it stands there, and run. */
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

    private static ConnectionManager<Requests<String, String>> linesManager() {
        return ConnectionManager.builder(NettyConnector.builder().build(LINES)).build();
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

            var silence = connections.use(endpoint, lease -> lease.connection().send("GET key\r\n"));
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

    // ---- docs/cookbook.md

    static ConnectionManager<NettyConnection> mailManager(NettyConnector connector) {
        return ConnectionManager.builder(connector)
                .setup((connection, server) -> beginTls(connection, server.withTls()))
                .build();
    }

    static CompletionStage<?> beginTls(NettyConnection connection, Endpoint secure) {
        var done = new CompletableFuture<Object>();
        connection.start(new FrameListener<String>() {
            private FrameStream<String> lines;
            private int replies;

            @Override
            public void started(FrameStream<String> started) {
                lines = started;
            }

            @Override
            public void input(String line) {
                if (line.startsWith("-", 3)) {
                    return; // the reply has more lines
                }
                replies++;
                if (!line.startsWith("2")) {
                    done.completeExceptionally(new IOException("the server says " + line));
                } else if (replies < 3) {
                    lines.send(replies == 1 ? "EHLO client.example" : "STARTTLS");
                } else {
                    connection.startTls(secure).whenComplete((none, failure) -> {
                        if (failure == null) {
                            done.complete(secure);
                        } else {
                            done.completeExceptionally(failure);
                        }
                    });
                }
            }

            @Override
            public void ended(@Nullable Throwable error) {
                done.completeExceptionally(new EOFException("the server has closed: " + error));
            }
        });
        return done;
    }

    @Test
    void aMailServerWithoutTlsFailsTheDial() throws Exception {
        try (ServerSocket mail = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                ConnectionManager<NettyConnection> manager = mailManager(NettyConnector.create())) {
            CompletableFuture<Lease<NettyConnection>> acquired =
                    manager.acquire(Endpoint.of("smtp", "127.0.0.1", mail.getLocalPort()));
            try (Socket client = mail.accept()) {
                BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
                client.getOutputStream().write("220 mail.example\r\n".getBytes(UTF_8));
                assertThat(in.readLine()).isEqualTo("EHLO client.example");
                client.getOutputStream().write("250-mail.example\r\n250 STARTTLS\r\n".getBytes(UTF_8));
                assertThat(in.readLine()).isEqualTo("STARTTLS");
                client.getOutputStream().write("454 not now\r\n".getBytes(UTF_8));
                assertThatThrownBy(() -> acquired.get(20, TimeUnit.SECONDS))
                        .hasMessageContaining("setup error")
                        .hasMessageContaining("the server says 454 not now");
            }
        }
    }

    static String getTwiceAtMost(
            ConnectionManager<Requests<String, String>> connections, Endpoint server, String command) throws Exception {
        try {
            return connections.blocking().use(server, lease -> lease.connection()
                    .call(command));
        } catch (RequestException lost) { // a command that reads may be sent again in any case
            var fresh = AcquireRequest.to(server).fresh(); // not another connection that may be lost as well
            return connections.blocking().use(fresh, lease -> lease.connection().call(command));
        }
    }

    static String getWhileItIsDown(
            ConnectionManager<Requests<String, String>> connections, Endpoint server, String command) throws Exception {
        var patient = AcquireRequest.to(server).withRetryDials(true); // until it is back, or the acquireTimeout
        for (int attempt = 1; ; attempt++) {
            try {
                return connections.blocking().use(patient, lease -> lease.connection()
                        .call(command));
            } catch (RequestException lost) {
                if (attempt == 3) {
                    throw lost;
                }
            }
        }
    }

    @Test
    void aLostRequestIsSentAgainOnAFreshConnection() throws Exception {
        EmbeddedConnector<Requests<String, String>> lines = EmbeddedConnector.of(LINES);
        try (ConnectionManager<Requests<String, String>> connections =
                lines.managerBuilder().build()) {
            lines.nextPeer().expect("GET k\r\n").reset();
            lines.nextPeer()
                    .expect("GET k\r\n")
                    .send("v\r\n")
                    .expect("GET k\r\n")
                    .close();
            lines.nextPeer().refuse();
            lines.nextPeer().expect("GET k\r\n").close();
            lines.nextPeer().expect("GET k\r\n").send("v\r\n");
            assertThat(getTwiceAtMost(connections, endpoint, "GET k\r\n")).isEqualTo("v");
            assertThat(getWhileItIsDown(connections, endpoint, "GET k\r\n")).isEqualTo("v");
            lines.check();
        }
    }

    static List<Future<String>> manyPings(
            ExecutorService threads, // for example Executors.newVirtualThreadPerTaskExecutor()
            ConnectionManager<Requests<String, String>> connections,
            Endpoint server) {
        var answers = new ArrayList<Future<String>>();
        for (int i = 0; i < 1_000; i++) {
            answers.add(threads.submit(() -> connections.blocking().use(server, lease -> lease.connection()
                    .call("PING\r\n"))));
        }
        return answers;
    }

    @Test
    void manyThreadsShareFewConnections() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(20);
        try (ConnectionManager<Requests<String, String>> connections = linesManager()) {
            for (Future<String> answer : manyPings(threads, connections, endpoint)) {
                assertThat(answer.get(1, TimeUnit.MINUTES)).isEqualTo("+PONG");
            }
            assertThat(server.accepted()).isBetween(1, 4);
        } finally {
            threads.shutdownNow();
        }
    }

    static boolean isHealthy(ConnectionManager<Requests<String, String>> connections, Endpoint server) {
        var soon = AcquireRequest.to(server).withTimeout(Duration.ofSeconds(1)).withLabel("health");
        var answer = connections.use(soon, lease -> lease.connection().send("PING\r\n"));
        try {
            return answer.get(2, TimeUnit.SECONDS).equals("+PONG");
        } catch (Exception down) {
            return false;
        } finally {
            answer.cancel(true); // if it is late, the connection is of no more use
        }
    }

    @Test
    void aServerIsHealthyWhileItAnswers() throws Exception {
        try (ConnectionManager<Requests<String, String>> connections = linesManager()) {
            assertThat(isHealthy(connections, endpoint)).isTrue();
            assertThat(isHealthy(connections, Endpoint.of("redis", "127.0.0.1", 1)))
                    .isFalse();
        }
    }

    static <C> void warmUp(ConnectionManager<C> connections, Endpoint server, int count) throws Exception {
        var acquired = new ArrayList<CompletableFuture<Lease<C>>>();
        for (int i = 0; i < count; i++) {
            acquired.add(connections.acquire(server)); // all at once, so that each is another connection
        }
        try {
            for (var one : acquired) {
                one.get();
            }
        } finally {
            acquired.forEach(one -> one.thenAccept(Lease::release)); // also those that come later
        }
    }

    @Test
    void aWarmManagerHasIdleConnections() throws Exception {
        try (ConnectionManager<Requests<String, String>> connections = linesManager()) {
            warmUp(connections, endpoint, 3);
            await().until(() -> connections.snapshot().all().idle() == 3);
        }
    }

    static CompletableFuture<List<String>> allLines(NettyConnection connection, String request) {
        var result = new CompletableFuture<List<String>>();
        var lines = new ArrayList<String>();
        var stream = connection.start(new FrameListener<String>() {
            @Override
            public void input(String line) {
                lines.add(line);
            }

            @Override
            public void ended(@Nullable Throwable error) { // null: the peer has ended its stream in order
                if (error == null) {
                    result.complete(lines);
                } else {
                    result.completeExceptionally(error);
                }
            }
        });
        stream.send(request);
        stream.shutdownOutput(); // the peer reads the end, and may go on sending
        return result;
    }

    @Test
    void aHalfClosedConnectionStillReceives() throws Exception {
        try (ConnectionManager<NettyConnection> manager =
                ConnectionManager.builder(NettyConnector.create()).build()) {
            CompletableFuture<List<String>> lines =
                    manager.use(endpoint, lease -> allLines(lease.connection(), "PING"));
            assertThat(lines.get(20, TimeUnit.SECONDS)).containsExactly("+PONG");
        }
    }
}
