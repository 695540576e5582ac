package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.keepalive.testservers.TestServer;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code fetch} sends, and what it does with the response. */
class FetchRequestTest {
    private record Received(String method, String path, Headers headers, String body) {}

    private final List<Received> received = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            received.add(new Received(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    exchange.getRequestHeaders(),
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)));
            boolean moved = exchange.getRequestURI().getPath().equals("/moved");
            if (moved) {
                exchange.getResponseHeaders().set("Location", "/target");
            }
            byte[] body = "hello, wörld".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(moved ? 302 : 200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private Received fetched(String... arguments) {
        CliRun fetch = CliRun.run(arguments);
        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(received).isNotEmpty();
        return received.get(received.size() - 1);
    }

    // ---- the request

    @Test
    void dataIsPostedAsAForm() {
        Received request = fetched("fetch", "-d", "a=ä", "--data", "b=c", url("/form"));

        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.body()).isEqualTo("a=ä&b=c");
        assertThat(request.headers().get("Content-Type")).containsExactly("application/x-www-form-urlencoded");
        assertThat(request.headers().get("Content-Length")).containsExactly("8");
    }

    @Test
    void theBytesOfAFileAreSentAsTheyAreForEachRequest() throws IOException {
        Path file = Files.writeString(folder.resolve("order.json"), "{\n \"of\": \"@all\"\r\n}\n");

        Received request =
                fetched("fetch", "-n", "3", "-H", "content-type: application/json", "-d", "@" + file, url("/orders"));

        assertThat(received)
                .extracting(Received::body)
                .containsOnly(Files.readString(file))
                .hasSize(3);
        assertThat(request.headers().get("Content-Type")).containsExactly("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "DELETE", "OPTIONS", "PATCH"})
    void theMethodIsTheGivenOne(String method) {
        assertThat(fetched("fetch", "-X", method, "-d", "body", url("/")))
                .extracting(Received::method, Received::body)
                .containsExactly(method, "body");
        assertThat(fetched("fetch", "--request", method, url("/")))
                .extracting(Received::method, Received::body)
                .containsExactly(method, "");
    }

    @Test
    void aHeadRequestHasNoBody() {
        CliRun head = CliRun.run("fetch", "-n", "2", "-X", "HEAD", url("/"));

        assertThat(head.status()).as(head.out()).isZero();
        assertThat(head.row("bytes")).isZero();
        assertThat(head.row("connections opened")).isEqualTo(1);
    }

    @Test
    void headersAreAddedAndTakeThePlaceOfFetchsOwn() {
        Received request = fetched(
                "fetch",
                "-H",
                "X-Many: 1",
                "-H",
                "x-many:2",
                "-H",
                "Accept: text/html",
                "-H",
                "Host: other.test",
                "-H",
                "X-Empty:",
                url("/"));

        assertThat(request.headers().get("X-Many")).containsExactly("1", "2");
        assertThat(request.headers().get("Accept")).containsExactly("text/html");
        assertThat(request.headers().get("Host")).containsExactly("other.test");
        assertThat(request.headers().get("X-Empty")).containsExactly("");
        assertThat(request.headers().get("User-Agent")).containsExactly("keepalive/" + CliVersion.number());
    }

    @Test
    void aPostThatMayHaveArrivedIsNotSentAgain() throws Exception {
        try (HttpTestServer dropping = HttpTestServer.http().droppingAfter(1)) {
            CliRun fetch = CliRun.run("fetch", "-n", "2", "-X", "POST", dropping.url("/"));

            assertThat(fetch.status()).isEqualTo(1);
            assertThat(fetch.row("retried")).isZero();
            assertThat(fetch.row("failed")).isEqualTo(1);
            assertThat(dropping.heads()).hasSize(2);
        }
    }

    // ---- the response

    @Test
    void redirectsAreFollowedIfAskedFor() {
        CliRun without = CliRun.run("fetch", url("/moved"));
        assertThat(without.row("status 3xx")).as(without.out()).isEqualTo(1);
        assertThat(received).extracting(Received::path).containsExactly("/moved");

        CliRun with = CliRun.run("fetch", "-L", url("/moved"));
        assertThat(with.row("status 2xx")).as(with.out()).isEqualTo(1);
        assertThat(with.row("requests")).isEqualTo(1);
        assertThat(received).extracting(Received::path).containsExactly("/moved", "/moved", "/target");
    }

    @Test
    void theBodyIsWrittenToTheFileAndNothingOfAnOlderOneStays() throws IOException {
        Path file = Files.writeString(folder.resolve("page"), "much longer than what comes from the server");

        CliRun fetch = CliRun.run("fetch", "-L", "-o", file.toString(), url("/moved"));

        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(file).hasContent("hello, wörld");
        assertThat(fetch.row("bytes")).isEqualTo(Files.size(file));
    }

    @Test
    void aFileThatCannotBeWrittenIsAFailureThatNamesIt() {
        CliRun fetch = CliRun.run("fetch", "-o", "/dev/full", url("/"));

        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.out()).contains("cannot write --output '/dev/full': java.io.IOException: No space left");
    }

    // ---- HTTP/2

    @Test
    void requestsShareConnectionsWithHttp2() throws IOException {
        X509Bundle certificate = TestCertificates.issuedTo("127.0.0.1");
        try (TestServer nginx = TestServer.nginxTls(
                certificate.getCertificatePathPEM(),
                certificate.getPrivateKeyPEM(),
                "listen 127.0.0.1:PORT ssl http2;",
                "listen 127.0.0.1:OTHER_PORT http2;",
                "location / { return 200 \"hello\\n\"; }")) {
            String authority = TestCertificates.authorityFile();
            String https = "https://127.0.0.1:" + nginx.port() + "/";
            assertHttp2(CliRun.run("fetch", "-n", "100", "-c", "32", "--cacert", authority, "--http2", https), 100);
            assertHttp2(
                    CliRun.run("fetch", "-n", "100", "-c", "32", "--cacert", authority, "--alpn", "h2", https), 100);
            String http = "http://127.0.0.1:" + nginx.otherPort() + "/";
            assertHttp2(CliRun.run("fetch", "-n", "100", "-c", "32", "--http2-prior-knowledge", http), 100);

            CliRun old = CliRun.run("fetch", "--cacert", authority, https);
            assertThat(old.status()).as(old.out()).isZero();
            assertThat(old.row("over HTTP/2")).isEqualTo(-1);
        }
    }

    private static void assertHttp2(CliRun fetch, int requests) {
        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("over HTTP/2")).as(fetch.out()).isEqualTo(requests);
        assertThat(fetch.row("status 2xx")).isEqualTo(requests);
        assertThat(fetch.row("connections opened")).isEqualTo(1);
    }
}
