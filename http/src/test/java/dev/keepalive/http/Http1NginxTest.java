package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.testservers.TestServer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * HTTP/1.1 with a real server. Each request is on the connection that the first one has opened, or the test says why.
 */
class Http1NginxTest {
    private static final String TEXT = "0123456789".repeat(20_000);

    private TestServer start(boolean tls, String keepAlive) throws Exception {
        String[] directives = {
            "listen 127.0.0.1:PORT" + (tls ? " ssl;" : ";"),
            keepAlive,
            "root FOLDER;",
            "default_type text/plain;",
            "location /echo { client_max_body_size 10m; client_body_buffer_size 10m;"
                    + " proxy_pass $scheme://127.0.0.1:PORT/take; proxy_ssl_verify off; }",
            "location /take { client_max_body_size 10m; client_body_in_single_buffer on; return 200 $http_x_what; }",
            "location /small { client_max_body_size 10; proxy_pass $scheme://127.0.0.1:PORT/take; }",
            "location /zipped { alias FOLDER/; gzip on; gzip_types text/plain; gzip_min_length 1; }",
            "location /none { return 204; }",
            "location /ends { return 444; }",
        };
        TestServer server = tls
                ? TestServer.nginxTls(TestTls.certificatePem(), TestTls.keyPem(), directives)
                : TestServer.nginx(directives);
        Files.writeString(server.folder().resolve("text"), TEXT);
        return server;
    }

    private static ConnectionManager<HttpConnection> manager(int connections) {
        return ConnectionManager.builder(
                        NettyConnector.builder().tls(TestTls.client()).build(new HttpProtocol(HttpOptions.DEFAULTS)))
                .acquireTimeout(Duration.ofSeconds(60))
                .maxOpenPerEndpoint(connections)
                .build();
    }

    private static Endpoint endpoint(TestServer server, boolean tls) {
        return Endpoint.of(tls ? "https" : "http", "127.0.0.1", server.port());
    }

    /** A client with one connection. */
    private record Client(ConnectionManager<HttpConnection> manager, Endpoint endpoint) {
        TestExchange send(String method, String target, RequestBody body, String... fields) throws Exception {
            TestExchange exchange = new TestExchange();
            Lease<HttpConnection> lease = manager.acquire(endpoint).get(60, TimeUnit.SECONDS);
            exchange.begin(lease, Http1Rig.head(method, target, fields), body);
            return exchange;
        }

        TestExchange get(String target, String... fields) throws Exception {
            return send("GET", target, TestBody.NONE, fields);
        }
    }

    private static void assertAnswers(TestExchange exchange, int status, int length) throws Exception {
        assertThat(exchange.awaitBody()).hasSize(length);
        assertThat(exchange.awaitStatus()).isEqualTo(status);
        assertThat(exchange.disorder).isEmpty();
        assertThat(exchange.leaseEndedBefore).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void requestsOfAllKindsAreAnsweredOnOneConnection(boolean tls) throws Exception {
        try (TestServer server = start(tls, "keepalive_timeout 60s;");
                ConnectionManager<HttpConnection> manager = manager(1)) {
            Client client = new Client(manager, endpoint(server, tls));

            assertThat(client.get("/text").awaitBody()).isEqualTo(TEXT);
            assertAnswers(client.send("HEAD", "/text", TestBody.NONE), 200, 0);
            TestExchange part = client.get("/text", "Range", "bytes=5-14");
            assertThat(part.awaitBody()).isEqualTo("5678901234");
            assertThat(part.awaitStatus()).isEqualTo(206);
            String modified = client.get("/text").fields.get().first("Last-Modified");
            assertAnswers(client.get("/text", "If-Modified-Since", modified), 304, 0);
            assertAnswers(client.get("/none"), 204, 0);
            assertThat(client.get("/missing").awaitBody()).contains("404 Not Found");
            TestExchange zipped = client.get("/zipped/text", "Accept-Encoding", "gzip");
            assertThat(zipped.awaitBody()).isNotEmpty();
            assertThat(zipped.fields.get().first("transfer-encoding")).isEqualTo("chunked");
            assertAnswers(client.send("POST", "/echo", TestBody.of("hello"), "X-What", "four"), 200, 4);
            assertAnswers(client.send("POST", "/echo", TestBody.of(TEXT), "X-What", "four"), 200, 4);
            assertAnswers(client.send("POST", "/echo", TestBody.chunked("hel", TEXT, "lo"), "X-What", "four"), 200, 4);
            assertAnswers(client.send("POST", "/echo", TestBody.of(""), "X-What", "four"), 200, 4);
            assertAnswers(client.get("/text"), 200, TEXT.length());
            assertThat(manager.snapshot().totals().created()).isEqualTo(1);
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() throws Exception {
        try (TestServer server = start(false, "keepalive_timeout 60s;");
                ConnectionManager<HttpConnection> manager = manager(1)) {
            Client client = new Client(manager, endpoint(server, false));
            TestBody body = new TestBody(100L << 20, Collections.nCopies(6400, new byte[16 * 1024]));
            assertThat(client.send("POST", "/small", body).awaitStatus()).isEqualTo(413);
            assertAnswers(client.get("/none"), 204, 0);
        }
    }

    @Test
    void aServerThatClosesWithoutAResponseIsAFailure() throws Exception {
        try (TestServer server = start(false, "keepalive_timeout 60s;");
                ConnectionManager<HttpConnection> manager = manager(1)) {
            Client client = new Client(manager, endpoint(server, false));
            TestExchange fresh = client.get("/ends");
            assertThat(fresh.awaitFailure()).hasMessageContaining("without a response");
            assertThat(fresh.safety).isEqualTo(RetrySafety.NEVER);
            assertAnswers(client.get("/none"), 204, 0);
            TestExchange reused = client.get("/ends");
            assertThat(reused.awaitFailure()).hasMessageContaining("without a response");
            assertThat(reused.safety).isEqualTo(RetrySafety.IF_IDEMPOTENT);
        }
    }

    @Test
    void aConnectionIsNotUsedForMoreRequestsThanTheServerAllows() throws Exception {
        try (TestServer server = start(false, "keepalive_requests 3;");
                ConnectionManager<HttpConnection> manager = manager(1)) {
            Client client = new Client(manager, endpoint(server, false));
            for (int i = 0; i < 30; i++) {
                assertAnswers(client.get("/none"), 204, 0);
            }
            assertThat(manager.snapshot().totals().created()).isEqualTo(10);
        }
    }

    @Test
    void anIdleConnectionIsClosedBeforeTheServerClosesIt() throws Exception {
        try (TestServer server = start(false, "keepalive_timeout 60s 2s;");
                ConnectionManager<HttpConnection> manager = manager(1)) {
            Client client = new Client(manager, endpoint(server, false));
            assertAnswers(client.get("/none"), 204, 0);
            await().until(() -> manager.snapshot().all().open() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void manyExchangesGoOverAFewConnections(boolean tls) throws Exception {
        try (TestServer server = start(tls, "keepalive_timeout 60s; keepalive_requests 100000;");
                ConnectionManager<HttpConnection> manager = manager(4)) {
            List<CompletableFuture<String>> bodies = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                String what = "number" + i;
                RequestBody body =
                        i % 3 == 0 ? TestBody.NONE : i % 3 == 1 ? TestBody.of("hello") : TestBody.chunked("a", TEXT);
                TestExchange exchange = new TestExchange();
                manager.acquire(endpoint(server, tls))
                        .thenAccept(lease -> exchange.begin(
                                lease,
                                Http1Rig.head(body == TestBody.NONE ? "GET" : "POST", "/echo", "X-What", what),
                                body));
                bodies.add(exchange.body.thenApply(text -> text.equals(what) ? "" : what + ": " + text));
            }
            for (CompletableFuture<String> wrong : bodies) {
                assertThat(wrong.get(60, TimeUnit.SECONDS)).isEmpty();
            }
            assertThat(manager.snapshot().totals().created()).isEqualTo(4);
        }
    }
}
