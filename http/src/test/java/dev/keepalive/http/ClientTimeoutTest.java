package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Timeouts, and how it is said that there is no connection. */
@Timeout(60)
class ClientTimeoutTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static HttpRequest request(URI uri) {
        return HttpRequest.newBuilder(uri).timeout(SHORT).build();
    }

    @Test
    void aResponseThatDoesNotComeInTimeFailsTheCall() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient();
                ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    connection.readHead();
                    connection.readAll();
                    end.countDown();
                })) {
            assertThatThrownBy(() -> client.send(request(server.uri("/")), BodyHandlers.ofString()))
                    .isExactlyInstanceOf(HttpTimeoutException.class)
                    .hasMessage("request timed out: no response within PT0.2S");
            // The connection is of no use any more.
            assertThat(end.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void theTimeoutIsForTheHeadAndNotForTheBody() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        try (KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient();
                ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
                    late.await();
                    connection.send("ok");
                })) {
            HttpResponse<InputStream> response = client.send(request(server.uri("/")), BodyHandlers.ofInputStream());
            CompletableFuture.runAsync(late::countDown, CompletableFuture.delayedExecutor(400, TimeUnit.MILLISECONDS));

            assertThat(new String(response.body().readAllBytes())).isEqualTo("ok");
        }
    }

    @Test
    void theTimeoutCoversRedirects() throws Exception {
        try (KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                        .followRedirects(Redirect.NORMAL)
                        .build();
                ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    connection.readHead();
                    connection.send("HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n");
                    connection.readHead();
                    connection.readAll();
                })) {
            assertThatThrownBy(() -> client.send(request(server.uri("/")), BodyHandlers.ofString()))
                    .isInstanceOf(HttpTimeoutException.class);
        }
    }

    @Test
    void aRequestWaitsInLineWithinItsTimeout() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (KeepaliveHttpClient client =
                        KeepaliveHttpClient.newBuilder().maxOpenPerEndpoint(1).build();
                ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    while (connection.readHead() != null) {
                        release.await();
                        connection.send(OK);
                    }
                })) {
            CompletableFuture<HttpResponse<String>> first = client.sendAsync(
                    HttpRequest.newBuilder(server.uri("/first")).build(), BodyHandlers.ofString());

            assertThatThrownBy(() -> client.send(request(server.uri("/second")), BodyHandlers.ofString()))
                    .isExactlyInstanceOf(HttpTimeoutException.class)
                    .hasMessageContaining("while it waited for a connection")
                    .hasMessageContaining("the request's timeout PT0.");
            release.countDown();
            assertThat(first.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
        }
    }

    @Test
    void aQueueThatIsFullRefuses() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
                        .maxOpenPerEndpoint(1)
                        .maxWaitingPerEndpoint(1)
                        .build();
                ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    while (connection.readHead() != null) {
                        release.await();
                        connection.send(OK);
                    }
                })) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
            List<CompletableFuture<HttpResponse<String>>> two = new ArrayList<>();
            two.add(client.sendAsync(request, BodyHandlers.ofString()));
            Awaitility.await()
                    .until(() -> client.connections().snapshot().toString().contains("1 leased"));
            two.add(client.sendAsync(request, BodyHandlers.ofString()));

            assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("maxWaitingPerEndpoint 1");
            release.countDown();
            for (CompletableFuture<HttpResponse<String>> each : two) {
                assertThat(each.get(20, TimeUnit.SECONDS).body()).isEqualTo("ok");
            }
        }
    }

    @Test
    void aConnectionThatIsNotOpenInTimeIsSaidSo() throws Exception {
        // TLS with a server that says nothing: the connection is never ready.
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            URI uri = URI.create("https://127.0.0.1:" + silent.getLocalPort() + "/");
            try (KeepaliveHttpClient client =
                    KeepaliveHttpClient.newBuilder().connectTimeout(SHORT).build()) {
                assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()))
                        .isInstanceOf(HttpConnectTimeoutException.class)
                        .hasMessageContaining("dialTimeout PT0.2S")
                        .cause()
                        .hasCauseInstanceOf(ConnectException.class);
            }
            try (KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient()) {
                assertThatThrownBy(() -> client.send(request(uri), BodyHandlers.ofString()))
                        .isInstanceOf(HttpConnectTimeoutException.class)
                        .hasMessageContaining("the request's timeout");
            }
        }
    }

    @Test
    void refusedAndUnknownAreConnectExceptions() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 10, InetAddress.getByName("127.0.0.1"))) {
            port = closed.getLocalPort();
        }
        try (KeepaliveHttpClient client = KeepaliveHttpClient.newHttpClient()) {
            URI refused = URI.create("http://127.0.0.1:" + port + "/");
            assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(refused).build(), BodyHandlers.ofString()))
                    .isExactlyInstanceOf(ConnectException.class)
                    .hasMessageContaining("Connection refused");
            URI unknown = URI.create("http://no.such.name.invalid/");
            assertThatThrownBy(() -> client.send(HttpRequest.newBuilder(unknown).build(), BodyHandlers.ofString()))
                    .isExactlyInstanceOf(ConnectException.class)
                    .hasRootCauseInstanceOf(UnresolvedAddressException.class);
        }
    }
}
