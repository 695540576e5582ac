package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a request is sent again, and when it is not. */
@Timeout(60)
class RetryTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final List<String> received = new CopyOnWriteArrayList<>();
    private final List<HttpExchangeReport> reports = new CopyOnWriteArrayList<>();
    private final KeepaliveHttpClient client = KeepaliveHttpClient.newBuilder()
            .listener(new HttpExchangeListener() {
                @Override
                public void exchangeEnded(HttpExchangeReport report) {
                    reports.add(report);
                }
            })
            .build();

    @AfterEach
    void close() {
        client.shutdownNow();
        client.close();
    }

    /** Answers the first request of each connection, and closes the connection when it has read the second. */
    private ScriptedHttpServer closingAtTheSecond() {
        return ScriptedHttpServer.start(connection -> {
            for (int i = 0; i < 2; i++) {
                String head = connection.readHead();
                if (head == null) {
                    return;
                }
                received.add(head.substring(0, head.indexOf(' ')) + ":" + connection.readBody(head));
                if (i == 0) {
                    connection.send(OK);
                }
            }
        });
    }

    private void get(ScriptedHttpServer server) throws Exception {
        client.send(HttpRequest.newBuilder(server.uri("/first")).build(), BodyHandlers.ofString());
    }

    private static HttpRequest request(ScriptedHttpServer server, String method, BodyPublisher body) {
        return HttpRequest.newBuilder(server.uri("/")).method(method, body).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS"})
    void anIdempotentRequestThatAReusedConnectionHasLostIsSentAgain(String method) throws Exception {
        try (ScriptedHttpServer server = closingAtTheSecond()) {
            get(server);

            HttpRequest request = request(server, method, BodyPublishers.ofString("body"));
            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("ok");
            assertThat(received).containsExactly("GET:", method + ":body", method + ":body");
            HttpExchangeReport report = reports.get(1);
            assertThat(report.attempts()).isEqualTo(2);
            assertThat(report.status()).isEqualTo(200);
            assertThat(report.failure()).isNull();
            assertThat(report.retryReasons()).singleElement().isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST", "PATCH"})
    void anotherRequestIsNotSentAgain(String method) throws Exception {
        try (ScriptedHttpServer server = closingAtTheSecond()) {
            get(server);

            HttpRequest request = request(server, method, BodyPublishers.ofString("body"));
            assertThatThrownBy(() -> client.send(request, BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class);
            assertThat(received).containsExactly("GET:", method + ":body");
            assertThat(reports.get(1).attempts()).isEqualTo(1);
            assertThat(reports.get(1).failure()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFreshConnectionThatIsLostIsNotTriedAgain() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(ScriptedHttpServer.Connection::readHead)) {
            assertThatThrownBy(() -> get(server)).isInstanceOf(IOException.class);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void aResponseThatHasBegunIsNotAskedForAgain() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.send(OK);
            connection.readHead();
            connection.send("HTTP/1.1 200 OK\r\nContent-Le");
        })) {
            get(server);

            assertThatThrownBy(() -> get(server)).isInstanceOf(IOException.class);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void aStreamIsAskedForAgain() throws Exception {
        try (ScriptedHttpServer server = closingAtTheSecond()) {
            get(server);
            byte[] bytes = "streamed".getBytes(StandardCharsets.US_ASCII);
            BodyPublisher body = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes));

            assertThat(client.send(request(server, "PUT", body), BodyHandlers.ofString())
                            .body())
                    .isEqualTo("ok");
            assertThat(received).containsExactly("GET:", "PUT:streamed", "PUT:streamed");
        }
    }

    @Test
    void aStreamThatIsUsedUpIsNotSentAsAnEmptyBody() throws Exception {
        try (ScriptedHttpServer server = closingAtTheSecond()) {
            get(server);
            InputStream once = new ByteArrayInputStream("streamed".getBytes(StandardCharsets.US_ASCII));
            BodyPublisher body = BodyPublishers.ofInputStream(() -> once);

            assertThatThrownBy(() -> client.send(request(server, "PUT", body), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("does not publish its body again");
        }
        assertThat(received).doesNotContain("PUT:");
    }

    @Test
    void theThirdAttemptIsOnAFreshConnection() throws Exception {
        CountDownLatch three = new CountDownLatch(3);
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            three.countDown();
            three.await();
            connection.send(OK);
            if (connection.readHead() != null) {
                received.add("second request on connection " + connection.number());
            }
        })) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/")).build();
            List<CompletableFuture<?>> first = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                first.add(client.sendAsync(request, BodyHandlers.ofString()));
            }
            CompletableFuture.allOf(first.toArray(CompletableFuture<?>[]::new)).get(20, TimeUnit.SECONDS);

            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("ok");
            assertThat(received).hasSize(2);
            assertThat(server.connections()).isEqualTo(4);
            assertThat(reports.get(3).attempts()).isEqualTo(3);
            assertThat(reports.get(3).retryReasons()).hasSize(2);
        }
    }
}
