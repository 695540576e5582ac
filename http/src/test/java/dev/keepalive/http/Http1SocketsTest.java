package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 over real sockets: what the kernel and TLS have a part in. */
class Http1SocketsTest {
    private static final int PART = 16 * 1024;

    private final ConnectionManager<HttpConnection> manager = ConnectionManager.builder(
                    NettyConnector.builder().tls(TestTls.client()).build(new HttpProtocol(HttpOptions.DEFAULTS)))
            .acquireTimeout(Duration.ofSeconds(60))
            .maxOpenPerEndpoint(1)
            .build();

    @AfterEach
    void nothingIsLost() throws Exception {
        await().until(() -> manager.snapshot().all().leased() == 0);
        manager.close();
        manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private TestExchange send(ScriptedHttpServer server, RequestHead head, RequestBody body, TestExchange exchange)
            throws Exception {
        Endpoint endpoint = Endpoint.of(server.uri("/").getScheme(), "127.0.0.1", server.port());
        Lease<HttpConnection> lease = manager.acquire(endpoint).get(60, TimeUnit.SECONDS);
        exchange.begin(lease, head, body);
        return exchange;
    }

    private TestExchange send(ScriptedHttpServer server, RequestHead head, RequestBody body) throws Exception {
        return send(server, head, body, new TestExchange());
    }

    private TestExchange get(ScriptedHttpServer server) throws Exception {
        return send(server, Http1Rig.head("GET", "/"), TestBody.NONE);
    }

    /** A body of this many parts of 16 KiB, given as soon as they are asked for. */
    private static TestBody large(int parts) {
        byte[] part = new byte[PART];
        Arrays.fill(part, (byte) 'x');
        return new TestBody((long) parts * PART, Collections.nCopies(parts, part));
    }

    // ---- packets

    private static TestBody smallBody(boolean chunked) {
        return chunked ? TestBody.chunked("hel", "lo") : TestBody.of("hello");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSmallRequestIsOnePacket(boolean chunked) throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
            first.complete(connection.readOnce());
            connection.respond("ok");
        })) {
            TestExchange exchange = send(server, Http1Rig.head("POST", "/"), smallBody(chunked));
            assertThat(exchange.awaitBody()).isEqualTo("ok");
        }
        assertThat(first.join()).endsWith(chunked ? "2\r\nlo\r\n0\r\n\r\n" : "\r\n\r\nhello");
    }

    // ---- the end of the stream

    /** The kernel has got a reset by then, which must not hide what came before it. */
    @RepeatedTest(20)
    void aServerThatRefusesABodyAndClosesIsHeard() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
        })) {
            TestExchange exchange = send(server, Http1Rig.head("POST", "/"), large(1000));
            assertThat(exchange.awaitBody()).isEqualTo("no");
            assertThat(exchange.status).isCompletedWithValue(413);
        }
    }

    @Test
    void aServerThatClosesWithoutAResponseIsAFailure() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(ScriptedHttpServer.Connection::readHead)) {
            TestExchange exchange = send(server, Http1Rig.head("POST", "/"), large(1000));
            assertThat(exchange.awaitFailure()).isInstanceOf(IOException.class);
            assertThat(exchange.safety).isEqualTo(RetrySafety.NEVER);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, false, true", "false, true, false", "true, false, true", "true, true, false"})
    void aResponseWithoutALengthIsCompleteAtAProperEndOnly(boolean tls, boolean cut, boolean complete)
            throws Exception {
        ScriptedHttpServer.Script script = connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\n\r\nhello");
            if (!cut) {
                connection.close();
            } else if (tls) {
                connection.cut();
            } else {
                connection.reset();
            }
        };
        try (ScriptedHttpServer server =
                tls ? ScriptedHttpServer.startTls(TestTls.context(), script) : ScriptedHttpServer.start(script)) {
            TestExchange exchange = get(server);
            if (complete) {
                assertThat(exchange.awaitBody()).isEqualTo("hello");
            } else {
                assertThat(exchange.awaitFailure()).isInstanceOf(IOException.class);
                assertThat(exchange.safety).isEqualTo(RetrySafety.NEVER);
            }
            assertThat(exchange.disorder).isEmpty();
            assertThat(exchange.leaseEndedBefore).isTrue();
        }
    }

    @Test
    void theTlsSessionIsTheServers() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.startTls(
                TestTls.context(),
                connection -> {
                    connection.readHead();
                    connection.respond("ok");
                    connection.readAll();
                },
                "http/1.1")) {
            TestExchange exchange = get(server);
            assertThat(exchange.awaitBody()).isEqualTo("ok");
            Endpoint endpoint = Endpoint.of("https", "127.0.0.1", server.port());
            Lease<HttpConnection> lease = manager.acquire(endpoint).get(60, TimeUnit.SECONDS);
            assertThat(lease.uses()).isEqualTo(2);
            SSLSession session = lease.connection().tlsSession();
            assertThat(session.getPeerCertificates()).hasSize(1);
            assertThatThrownBy(session::invalidate).isInstanceOf(UnsupportedOperationException.class);
            assertThat(session.isValid()).isTrue();
            lease.release();
        }
    }

    // ---- back-pressure

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aResponseThatIsNotTakenStopsTheServer(boolean tls) throws Exception {
        int parts = 4096;
        AtomicLong sent = new AtomicLong();
        ScriptedHttpServer.Script script = connection -> {
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: " + (long) parts * PART + "\r\n\r\n");
            for (int i = 0; i < parts; i++) {
                connection.send(new byte[PART]);
                sent.addAndGet(PART);
            }
            connection.readAll();
        };
        try (ScriptedHttpServer server =
                tls ? ScriptedHttpServer.startTls(TestTls.context(), script) : ScriptedHttpServer.start(script)) {
            SlowExchange slow = new SlowExchange();
            send(server, Http1Rig.head("GET", "/"), TestBody.NONE, slow);
            slow.awaitStatus();
            HttpExchangeControl control = slow.awaitControl();
            for (long taken = 0; taken < (long) parts * PART; ) {
                int now = slow.takeSome();
                taken += now;
                control.consumed(now);
            }
            slow.awaitBody();
            assertThat(slow.mostUntaken.get()).isLessThanOrEqualTo(HttpOptions.DEFAULTS.streamWindow());
        }
    }

    /** Takes what has come when the test says so, on the test's thread. */
    private static final class SlowExchange extends TestExchange {
        private final AtomicLong untaken = new AtomicLong();
        final AtomicLong mostUntaken = new AtomicLong();

        SlowExchange() {
            super(false);
        }

        @Override
        public void data(ByteBuffer part) {
            long now = untaken.addAndGet(part.remaining());
            mostUntaken.accumulateAndGet(now, Math::max);
        }

        /** Waits until there is something. */
        int takeSome() {
            await().pollInterval(Duration.ofMillis(1)).until(() -> untaken.get() > 0);
            return (int) untaken.getAndSet(0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aServerThatDoesNotReadStopsThePublisher(boolean tls) throws Exception {
        int parts = 8192;
        AtomicLong read = new AtomicLong();
        AtomicLong mostAhead = new AtomicLong();
        CountDownLatch begun = new CountDownLatch(1);
        ScriptedHttpServer.Script script = connection -> {
            connection.readHead();
            connection.respond("first");
            connection.readHead();
            begun.await();
            for (int i = 0; i < parts; i++) {
                connection.read(PART);
                read.addAndGet(PART);
            }
            connection.respond("ok");
        };
        TestBody body = new TestBody((long) parts * PART, Collections.nCopies(parts, new byte[PART])) {
            @Override
            public void more() {
                mostAhead.accumulateAndGet((long) asked.get() * PART - read.get(), Math::max);
                if (asked.get() == 8) {
                    begun.countDown();
                }
                super.more();
            }
        };
        try (ScriptedHttpServer server =
                tls ? ScriptedHttpServer.startTls(TestTls.context(), script) : ScriptedHttpServer.start(script)) {
            get(server).awaitBody();
            TestExchange exchange = send(server, Http1Rig.head("POST", "/"), body);
            assertThat(exchange.awaitBody()).isEqualTo("ok");
        }
        assertThat(mostAhead.get()).as("bytes ahead of the server").isLessThan(32 << 20);
    }
}
