package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Bodies of requests over HTTP/2. */
class Http2UploadTest {
    private static final int CANCEL = 8;
    private static final int PART = 32 * 1024;

    @Test
    void aBodyWaitsForTheWindowAndItsPublisherWithIt() throws Exception {
        TestBody body = new TestBody(RequestBody.UNKNOWN);
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        List<String> received = new CopyOnWriteArrayList<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection, Http2TestPeer.INITIAL_WINDOW_SIZE, 10);
                    int stream = peer.awaitRequest();
                    received.add(peer.await(Http2TestPeer.DATA).text());
                    goOn.get();
                    int all = 3 * PART;
                    peer.windowUpdate(0, all).windowUpdate(stream, all);
                    peer.respond(stream, String.valueOf(peer.awaitBody().length()));
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange = client.post("/", body);
            RequestBody.Sink sink = Http2TestClient.get(body.started);
            for (int i = 1; i <= 2; i++) {
                int asked = i;
                await().until(() -> body.asked.get() >= asked);
                sink.write(ByteBuffer.allocate(PART));
            }
            await().until(() -> !received.isEmpty());
            assertThat(received.get(0)).hasSize(10);
            assertThat(body.asked).as("64 KiB wait: no more is asked for").hasValue(2);
            goOn.complete(null);
            await().until(() -> body.asked.get() == 3);
            sink.end();
            assertThat(exchange.awaitBody()).isEqualTo(String.valueOf(2 * PART - 10));
        }
    }

    @Test
    void manySmallPartsThatComeAtOnceDoNotUseUpTheStack() throws Exception {
        int count = 50_000;
        TestBody body = new TestBody(count, Collections.nCopies(count, new byte[1]));
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    peer.respond(stream, String.valueOf(peer.awaitBody().length()));
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            assertThat(client.post("/", body).awaitBody()).isEqualTo(String.valueOf(count));
        }
    }

    /** WINDOW_UPDATE frames are limited, but a large body needs many, be it in one part. */
    @Test
    void aServerMayGrantALargePartInSmallSteps() throws Exception {
        int size = 32 << 20;
        TestBody body = new TestBody(size, List.of(new byte[size]));
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    int received = 0;
                    while (received < size) {
                        int bytes = peer.await(Http2TestPeer.DATA).payload().length;
                        received += bytes;
                        if (bytes > 1) {
                            peer.windowUpdate(0, bytes - 1).windowUpdate(stream, bytes - 1);
                        }
                        peer.windowUpdate(0, 1).windowUpdate(stream, 1);
                    }
                    peer.respond(stream, String.valueOf(received));
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            assertThat(client.post("/", body).awaitBody()).isEqualTo(String.valueOf(size));
        }
    }

    @Test
    void aBodyThatWaitsIsSentAfter100() throws Exception {
        List<String> expect = new CopyOnWriteArrayList<>();
        TestBody body = TestBody.of("body");
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    Http2TestPeer.Frame head = peer.await(Http2TestPeer.HEADERS);
                    expect.add(String.valueOf(peer.headersOf(head).get("expect")));
                    expect.add(String.valueOf(body.started.isDone()));
                    peer.headers(head.stream(), false, ":status", "100");
                    peer.respond(head.stream(), peer.awaitBody());
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange = client.send(client.request("POST", "/", true), body, new TestExchange());
            assertThat(exchange.awaitBody()).isEqualTo("body");
            assertThat(exchange.informational).containsExactly(100);
            assertThat(expect).containsExactly("100-continue", "false");
        }
    }

    @Test
    void aBodyThatWaitsIsNotSentAfterAFinalResponse() throws Exception {
        List<Integer> reset = new CopyOnWriteArrayList<>();
        TestBody body = TestBody.of("body");
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    peer.headers(stream, false, ":status", "417");
                    goOn.get();
                    peer.data(stream, true, "");
                    reset.add(peer.await(Http2TestPeer.RST_STREAM).number());
                    peer.respond(peer.awaitRequest(), "next");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange = client.send(client.request("POST", "/", true), body, new TestExchange());
            assertThat(exchange.awaitStatus()).isEqualTo(417);
            // At once, and not when the response ends or the wait is over.
            Http2TestClient.get(body.canceled);
            goOn.complete(null);
            assertThat(exchange.awaitBody()).isEmpty();
            assertThat(body.started).isNotDone();
            assertThat(client.get("/").awaitBody()).isEqualTo("next");
            assertThat(reset).containsExactly(CANCEL);
        }
    }

    @Test
    void aBodyThatWaitsIsSentIfTheServerSaysNothing() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    peer.respond(peer.awaitRequest(), peer.awaitBody());
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange =
                    client.send(client.request("POST", "/", true), TestBody.of("body"), new TestExchange());
            assertThat(exchange.awaitBody()).isEqualTo("body");
        }
    }

    /** RFC 9113, section 8.1. */
    @Test
    void aResponseBeforeTheEndOfTheRequestCounts() throws Exception {
        TestBody first = new TestBody(100);
        TestBody second = new TestBody(100);
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection, Http2TestPeer.MAX_CONCURRENT_STREAMS, 1);
                    int stream = peer.awaitRequest();
                    peer.raw(Http2TestPeer.join(
                            Http2TestPeer.frame(
                                    Http2TestPeer.HEADERS,
                                    Http2TestPeer.END_HEADERS | Http2TestPeer.END_STREAM,
                                    stream,
                                    Http2TestPeer.block(":status", "413")),
                            Http2TestPeer.frame(Http2TestPeer.RST_STREAM, 0, stream, Http2TestPeer.number(0))));
                    stream = peer.awaitRequest();
                    peer.headers(stream, false, ":status", "413").reset(stream, 0);
                    peer.respond(peer.awaitRequest(), "next");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange = client.post("/", first);
            assertThat(exchange.awaitBody()).isEmpty();
            assertThat(exchange.awaitStatus()).isEqualTo(413);
            Http2TestClient.get(first.canceled);

            exchange = client.post("/", second);
            assertThat(exchange.awaitFailure())
                    .hasMessage("the server reset the stream with NO_ERROR before the response was complete");
            assertThat(exchange.safety).isEqualTo(RetrySafety.NEVER);
            Http2TestClient.get(second.canceled);
            assertThat(client.get("/").awaitBody()).isEqualTo("next");
        }
    }

    @Test
    void aBodyThatFailsOrHasAnotherLengthResetsTheStream() throws Exception {
        List<Integer> resets = new CopyOnWriteArrayList<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    for (int i = 0; i < 3; i++) {
                        peer.awaitRequest();
                        resets.add(peer.await(Http2TestPeer.RST_STREAM).number());
                    }
                    peer.respond(peer.awaitRequest(), "next");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestBody broken = new TestBody(5);
            TestExchange exchange = client.post("/", broken);
            Http2TestClient.get(broken.started).fail(new IOException("broken"));
            assertThat(exchange.awaitFailure()).hasMessage("broken");
            TestExchange tooShort = client.post("/", new TestBody(5, List.of(new byte[4])));
            assertThat(tooShort.awaitFailure()).hasMessage("the body of the request has 4 bytes, and its length is 5");
            TestExchange tooLong = client.post("/", new TestBody(5, List.of(new byte[4], new byte[2])));
            assertThat(tooLong.awaitFailure()).hasMessage("the body of the request is longer than its length 5");
            assertThat(client.get("/").awaitBody()).isEqualTo("next");
            assertThat(resets).containsExactly(CANCEL, CANCEL, CANCEL);
        }
    }
}
