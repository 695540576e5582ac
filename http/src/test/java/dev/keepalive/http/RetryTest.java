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
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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

    /** Fails when it is subscribed for the second time. */
    private static final class OnceOnly implements BodyPublisher {
        final IllegalStateException failure = new IllegalStateException("once only");
        private boolean published;

        @Override
        public long contentLength() {
            return 4;
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            if (published) {
                throw failure;
            }
            published = true;
            BodyPublishers.ofString("once").subscribe(subscriber);
        }
    }

    @Test
    void whatAPublisherThrowsIsTheCauseAfterOtherAttemptsToo() throws Exception {
        try (ScriptedHttpServer server = closingAtTheSecond()) {
            get(server);
            OnceOnly body = new OnceOnly();

            assertThatThrownBy(() -> client.send(request(server, "PUT", body), BodyHandlers.ofString()))
                    .isInstanceOf(IOException.class)
                    .cause()
                    .isSameAs(body.failure)
                    .hasNoSuppressedExceptions();
            assertThat(received).startsWith("GET:", "PUT:once");
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

    /** Each reload of some servers leaves requests unanswered: that they are lost is not their fault. */
    @ParameterizedTest
    @CsvSource({"GET, 6", "POST, 1"})
    void aRequestThatAServerLeavesUnansweredWhenItGoesAwayIsSentAgainMoreOften(String method, int times)
            throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    received.add(method);
                    if (connection.number() == 6) {
                        peer.respond(stream, "ok").awaitEnd();
                    } else {
                        peer.goAway(Integer.MAX_VALUE, 0, "");
                    }
                });
                KeepaliveHttpClient http2 = KeepaliveHttpClient.newBuilder()
                        .http2PriorKnowledge(true)
                        .build()) {
            HttpRequest request = request(server, method, BodyPublishers.noBody());
            assertThat(http2.sendAsync(request, BodyHandlers.ofString())
                            .handle((response, failure) -> response == null ? "failed" : response.body())
                            .get(20, TimeUnit.SECONDS))
                    .isEqualTo(times == 6 ? "ok" : "failed");
            assertThat(received).hasSize(times);
        }
    }

    // ---- a server that says 408 on idle connections

    private static final String TIMEOUT =
            "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    /** Answers the first request of each connection, and says this when it has read the second. */
    private ScriptedHttpServer sayingAtTheSecond(String... late) {
        return ScriptedHttpServer.start(connection -> {
            String head = connection.readHead();
            received.add(head.substring(0, head.indexOf(' ')) + ":" + connection.readBody(head));
            connection.send(OK);
            head = connection.readHead();
            if (head != null) {
                boolean awaitsContinue = ScriptedHttpServer.field(head, "Expect") != null;
                received.add(head.substring(0, head.indexOf(' ')) + ":"
                        + (awaitsContinue ? "awaits" : connection.readBody(head)));
                connection.send(late);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "OPTIONS"})
    void anIdempotentRequestThatCrossesWithA408IsSentAgain(String method) throws Exception {
        try (ScriptedHttpServer server = sayingAtTheSecond(TIMEOUT)) {
            get(server);

            HttpRequest request = request(server, method, BodyPublishers.ofString("body"));
            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("ok");
            assertThat(received).containsExactly("GET:", method + ":body", method + ":body");
            assertThat(reports.get(1).retryReasons()).singleElement().satisfies(reason -> assertThat(reason)
                    .hasMessageContaining("408"));
        }
    }

    /** The server may have acted on it, whatever it says. */
    @Test
    void ofAPostThe408IsTheResponse() throws Exception {
        try (ScriptedHttpServer server = sayingAtTheSecond(TIMEOUT)) {
            get(server);

            HttpRequest request = request(server, "POST", BodyPublishers.ofString("body"));
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(408);
            assertThat(received).containsExactly("GET:", "POST:body");
            get(server);
            assertThat(server.connections()).as("it serves no more").isEqualTo(2);
        }
    }

    @Test
    void aPostWhoseBodyWaitsIsSentAgain() throws Exception {
        try (ScriptedHttpServer server = sayingAtTheSecond(TIMEOUT)) {
            get(server);

            HttpRequest request = HttpRequest.newBuilder(server.uri("/"))
                    .POST(BodyPublishers.ofString("body"))
                    .expectContinue(true)
                    .build();
            assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo("ok");
            assertThat(received).containsExactly("GET:", "POST:awaits", "POST:body");
        }
    }

    /** On a new connection, after 100 or another informational response, or when the server keeps the connection. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 408 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                "HTTP/1.1 408 No\r\nContent-Length: 0\r\n\r\n"
            })
    void a408ToTheRequestItselfIsTheResponse(String response) throws Exception {
        try (ScriptedHttpServer server = sayingAtTheSecond(response)) {
            get(server);

            HttpRequest request = request(server, "GET", BodyPublishers.noBody());
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(408);
        }
        try (ScriptedHttpServer server = ScriptedHttpServer.answering(TIMEOUT)) {
            HttpRequest request = request(server, "GET", BodyPublishers.noBody());
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(408);
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    /** The server has waited for the rest of the body. */
    @Test
    void a408InTheMiddleOfABodyIsTheResponse() throws Exception {
        CompletableFuture<Void> answered = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
            connection.readHead();
            connection.send(OK);
            connection.readHead();
            connection.read(4);
            connection.send(TIMEOUT);
            connection.readAll();
        })) {
            get(server);

            BodyPublisher body = BodyPublishers.ofInputStream(() -> fourBytesOfMore(answered));
            HttpRequest request = request(server, "PUT", BodyPublishers.fromPublisher(body, 8));
            assertThat(client.send(request, BodyHandlers.ofString()).statusCode())
                    .isEqualTo(408);
            answered.complete(null);
            assertThat(reports.get(1).attempts()).isEqualTo(1);
        }
    }

    /** Fails when it is told to. */
    private static InputStream fourBytesOfMore(CompletableFuture<Void> end) {
        return new InputStream() {
            private boolean given;

            @Override
            public int read() {
                throw new UnsupportedOperationException("only parts are read");
            }

            @Override
            public int read(byte[] part, int from, int length) throws IOException {
                if (!given) {
                    given = true;
                    return 4;
                }
                end.join();
                throw new IOException("the server has answered");
            }
        };
    }
}
