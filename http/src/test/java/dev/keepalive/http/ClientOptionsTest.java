package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The options that the JDK's client does not have. */
@Timeout(60)
class ClientOptionsTest {
    @TempDir
    Path folder;

    // ---- route

    @Test
    void aRouteToAUnixDomainSocketLeavesTheRequestAsItIs() throws Exception {
        Path socket = folder.resolve("socket");
        try (ServerSocketChannel server =
                ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket))) {
            CompletableFuture<String> head = CompletableFuture.supplyAsync(() -> answer(server));
            try (var client = KeepaliveHttpClient.newBuilder()
                    .route(way -> Endpoint.unix(way.scheme(), socket))
                    .build()) {
                var response = client.send(
                        HttpRequest.newBuilder(URI.create("http://docker.test/version"))
                                .build(),
                        BodyHandlers.ofString());

                assertThat(response.body()).isEqualTo("hello");
                assertThat(head.get(20, TimeUnit.SECONDS)).startsWith("GET /version HTTP/1.1\r\nhost: docker.test\r\n");
            }
        }
    }

    private static String answer(ServerSocketChannel server) {
        try (SocketChannel peer = server.accept()) {
            ByteBuffer head = ByteBuffer.allocate(10_000);
            while (!text(head).endsWith("\r\n\r\n")) {
                peer.read(head);
            }
            peer.write(ByteBuffer.wrap(
                    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".getBytes(StandardCharsets.US_ASCII)));
            return text(head);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(ByteBuffer head) {
        return new String(head.array(), 0, head.position(), StandardCharsets.US_ASCII);
    }

    @Test
    void aRouteMayHaveItsOwnProtocols() {
        URI uri = URI.create("https://h/");

        assertThat(routed(UnaryOperator.identity())
                        .of(uri, true, null, null)
                        .endpoint()
                        .protocols())
                .containsExactly("h2", "http/1.1");
        assertThat(routed(way -> way.withProtocols("h2"))
                        .of(uri, true, null, null)
                        .endpoint()
                        .protocols())
                .containsExactly("h2");
    }

    @Test
    void theProxyOfTheSelectorIsUsedWithoutTheRoute() {
        RequestEndpoints endpoints = routed(way -> {
            throw new AssertionError("asked for " + way);
        });
        Proxy proxy = new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved("proxy.test", 3128));

        assertThat(endpoints.of(URI.create("http://h/"), true, proxy, null).endpoint())
                .isEqualTo(Endpoint.of("http", "proxy.test", 3128));
        assertThat(endpoints
                        .of(URI.create("https://h/"), true, proxy, null)
                        .endpoint()
                        .protocols())
                .containsExactly("h2", "http/1.1");
    }

    private static RequestEndpoints routed(UnaryOperator<Endpoint> route) {
        return new RequestEndpoints(false, route, new TunnelCredentials());
    }

    // ---- responseTimeout

    @Test
    void aBodyThatDoesNotEndFailsAfterTheResponseTimeoutAndIsNotAskedForAgain() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    String head = connection.readHead();
                    if (head.startsWith("GET /slow ")) {
                        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
                        connection.readAll();
                    } else {
                        connection.respond("hello");
                    }
                });
                var client = KeepaliveHttpClient.newBuilder()
                        .responseTimeout(Duration.ofMillis(1500))
                        .build()) {
            HttpRequest slow = HttpRequest.newBuilder(server.uri("/slow"))
                    .timeout(Duration.ofSeconds(40))
                    .build();

            assertThatThrownBy(() -> client.send(slow, BodyHandlers.ofString()))
                    .isInstanceOf(HttpTimeoutException.class)
                    .hasMessage("the response was not complete after 1.5s (responseTimeout)");
            assertThat(server.connections()).isEqualTo(1);
            assertThat(client.send(HttpRequest.newBuilder(server.uri("/")).build(), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("hello");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    // ---- headers that the JDK's property allows

    @Test
    void thePropertyOfTheJdkAllowsHostAndConnectionOnly() {
        assertThat(ClientRequest.restricted("")).contains("host", "connection", "content-length", "expect", "upgrade");
        assertThat(ClientRequest.restricted("Host, connection,content-length,x"))
                .containsExactlyInAnyOrder("content-length", "expect", "transfer-encoding", "upgrade");
    }

    // ---- listener

    @Test
    void theReportTellsWhereTheConnectionCameFrom() throws Exception {
        List<HttpExchangeReport> reports = new CopyOnWriteArrayList<>();
        HttpExchangeListener listener = new HttpExchangeListener() {
            @Override
            public void exchangeEnded(HttpExchangeReport report) {
                reports.add(report);
            }
        };
        try (EchoServer server = EchoServer.start();
                var client = KeepaliveHttpClient.newBuilder()
                        .listener(listener)
                        .proxy(ProxySelector.of(null))
                        .build()) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/hello")).build();
            client.send(request, BodyHandlers.ofString());
            client.send(request, BodyHandlers.ofString());

            assertThat(reports)
                    .extracting(HttpExchangeReport::origin)
                    .containsExactly(LeaseOrigin.NEW, LeaseOrigin.IMMEDIATE);
            assertThat(timings(reports.get(0)).get(Phase.CONNECT)).isPositive();
            assertThat(timings(reports.get(1)).dial()).isZero();
        }
    }

    private static Timings timings(HttpExchangeReport report) {
        return Objects.requireNonNull(report.timings());
    }
}
