package dev.keepalive.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.http.HttpExchangeListener;
import dev.keepalive.http.HttpExchangeReport;
import dev.keepalive.http.KeepaliveHttpClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/http.md, and the first one of the README, which stand here word by word. */
class HttpClientExamplesTest {
    private static final String HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

    private final List<InetSocketAddress> connections = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                connections.add(exchange.getRemoteAddress());
                byte[] body = "hello".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    }

    // ---- README

    static String hello(URI uri) throws Exception {
        HttpClient client = KeepaliveHttpClient.newBuilder() // instead of HttpClient.newBuilder()
                .maxOpenPerEndpoint(8)
                .build();
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    @Test
    void theFirstExampleOfTheReadmeGetsAPage() throws Exception {
        assertThat(hello(uri())).isEqualTo("200 hello");
    }

    // ---- docs/http.md

    static String helloAgain(URI uri) throws Exception {
        HttpClient client = KeepaliveHttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(10))
                .build();
        HttpRequest request =
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20)).build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        return response.body();
    }

    static KeepaliveHttpClient httpClient() {
        return KeepaliveHttpClient.newBuilder()
                .maxOpenPerEndpoint(16) // connections to each server
                .maxWaitingPerEndpoint(1_000) // requests that wait for one; then refuse at once
                .acquireTimeout(Duration.ofSeconds(10)) // how long they wait
                .connectTimeout(Duration.ofSeconds(5)) // DNS, connecting, proxies and TLS
                .responseTimeout(Duration.ofSeconds(30)) // to the last byte of the body
                .idleTimeout(Duration.ofSeconds(20)) // less than the servers' own
                .maxLifetime(Duration.ofMinutes(10)) // so that a change of DNS is seen
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    static String connectionsOf(KeepaliveHttpClient client) {
        client.connections().maxOpenPerEndpoint(32); // from now on
        return client.connections().snapshot().toString();
    }

    static HttpClient clientThatTellsRetries(Consumer<String> log) {
        return KeepaliveHttpClient.newBuilder()
                .listener(new HttpExchangeListener() {
                    @Override
                    public void exchangeEnded(HttpExchangeReport report) {
                        if (report.attempts() > 1) {
                            log.accept(report + " after " + report.retryReasons());
                        }
                    }
                })
                .build();
    }

    static HttpClient dockerClient(Path socket) { // /run/docker.sock
        return KeepaliveHttpClient.newBuilder()
                .route(server -> Endpoint.unix(server.scheme(), socket))
                .build(); // the host in the URI is sent as it is
    }

    @Test
    void theClientInFiveLinesGetsAPage() throws Exception {
        assertThat(helloAgain(uri())).isEqualTo("hello");
    }

    @Test
    void theClientWithManyOptionsKeepsItsConnectionAndItsLimitsChange() throws Exception {
        try (KeepaliveHttpClient client = httpClient()) {
            HttpRequest request = HttpRequest.newBuilder(uri()).build();
            client.send(request, BodyHandlers.ofString());
            client.send(request, BodyHandlers.ofString());

            assertThat(connections.stream().distinct()).hasSize(1);
            Limits limits = client.connections().snapshot().limits();
            assertThat(limits.maxOpenPerEndpoint()).isEqualTo(16);
            assertThat(limits.maxWaitingPerEndpoint()).isEqualTo(1_000);
            assertThat(connectionsOf(client)).contains("http://127.0.0.1:", "maxOpenPerEndpoint 32");
        }
    }

    @Test
    void aRetryIsToldWithItsReason() throws Exception {
        List<String> log = new CopyOnWriteArrayList<>();
        try (ServerSocket dropping = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                KeepaliveHttpClient client = (KeepaliveHttpClient) clientThatTellsRetries(log::add)) {
            Thread thread = new Thread(() -> answerFirstOnly(dropping), "dropping-server");
            thread.setDaemon(true);
            thread.start();
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + dropping.getLocalPort() + "/page?secret"))
                    .build();
            client.send(request, BodyHandlers.ofString());
            client.send(request, BodyHandlers.ofString());

            assertThat(log).singleElement().asString().contains("/page: status 200", "2 attempts after [");
        }
    }

    /** Answers the first request of each connection, and ends the connection at the second. */
    private static void answerFirstOnly(ServerSocket server) {
        try {
            while (true) {
                try (Socket peer = server.accept()) {
                    var in =
                            new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.US_ASCII));
                    skipHead(in);
                    peer.getOutputStream().write(HELLO.getBytes(StandardCharsets.US_ASCII));
                    skipHead(in);
                }
            }
        } catch (IOException closed) {
            // the test has ended
        }
    }

    private static void skipHead(BufferedReader in) throws IOException {
        for (String line = in.readLine(); line != null && !line.isEmpty(); ) {
            line = in.readLine();
        }
    }

    @Test
    void theDockerClientSpeaksToItsSocket() throws Exception {
        Path socket = folder.resolve("docker.sock");
        try (ServerSocketChannel docker =
                        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
                KeepaliveHttpClient client = (KeepaliveHttpClient) dockerClient(socket)) {
            CompletableFuture<String> head = CompletableFuture.supplyAsync(() -> answer(docker));

            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://docker/version")).build();
            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("hello");
            assertThat(head.get(20, TimeUnit.SECONDS)).startsWith("GET /version HTTP/1.1\r\nhost: docker\r\n");
        }
    }

    private static String answer(ServerSocketChannel docker) {
        try (SocketChannel peer = docker.accept()) {
            ByteBuffer head = ByteBuffer.allocate(10_000);
            while (!text(head).endsWith("\r\n\r\n")) {
                peer.read(head);
            }
            peer.write(ByteBuffer.wrap(HELLO.getBytes(StandardCharsets.US_ASCII)));
            return text(head);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(ByteBuffer head) {
        return new String(head.array(), 0, head.position(), StandardCharsets.US_ASCII);
    }
}
