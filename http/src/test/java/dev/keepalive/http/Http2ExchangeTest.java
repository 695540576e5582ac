package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Requests and responses over HTTP/2 with servers that send exactly what a test says. */
class Http2ExchangeTest {
    @Test
    void aGetIsAnswered() throws Exception {
        List<String> request = new CopyOnWriteArrayList<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    Http2TestPeer.Frame head = peer.await(Http2TestPeer.HEADERS);
                    for (Map.Entry<CharSequence, CharSequence> each : peer.headersOf(head)) {
                        request.add(each.getKey() + "=" + each.getValue());
                    }
                    request.add("last " + head.isLast());
                    peer.respond(head.stream(), "hello");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange = client.send(
                    client.request(
                            "GET", "/a?b", false, "Accept", "*/*", "TE", "trailers", "Keep-Alive", "5", "te", "gzip"),
                    TestBody.NONE,
                    new TestExchange());
            assertThat(exchange.awaitBody()).isEqualTo("hello");
            assertThat(exchange.awaitStatus()).isEqualTo(200);
            assertThat(exchange.leaseEndedBefore).isTrue();
            assertThat(exchange.disorder).isEmpty();
            assertThat(request)
                    .containsExactly(
                            ":method=GET",
                            ":path=/a?b",
                            ":scheme=http",
                            ":authority=127.0.0.1:" + server.port(),
                            "accept=*/*",
                            "te=trailers",
                            "last true");
        }
    }

    @Test
    void aPostIsSentAndAnswered() throws Exception {
        List<String> bodies = new CopyOnWriteArrayList<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    for (int i = 0; i < 2; i++) {
                        Http2TestPeer.Frame head = peer.await(Http2TestPeer.HEADERS);
                        bodies.add(peer.headersOf(head).get("content-length") + " " + peer.awaitBody());
                        peer.respond(head.stream(), "taken");
                    }
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            assertThat(client.post("/", TestBody.of("a body")).awaitBody()).isEqualTo("taken");
            assertThat(client.post("/", TestBody.chunked("in ", "", "parts")).awaitBody())
                    .isEqualTo("taken");
            assertThat(bodies).containsExactly("6 a body", "null in parts");
        }
    }

    @Test
    void manyExchangesShareAConnection() throws Exception {
        int count = 50;
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    List<Integer> streams = new ArrayList<>();
                    for (int i = 0; i < count; i++) {
                        streams.add(peer.awaitRequest());
                    }
                    for (int i = count - 1; i >= 0; i--) {
                        peer.respond(streams.get(i), "stream " + streams.get(i));
                    }
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            List<TestExchange> exchanges = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                exchanges.add(client.get("/" + i));
            }
            List<String> bodies = new ArrayList<>();
            for (TestExchange each : exchanges) {
                bodies.add(each.awaitBody());
            }
            assertThat(bodies).doesNotHaveDuplicates().allMatch(body -> body.startsWith("stream "));
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void asManyExchangesBeginAsTheServerTakes() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection, Http2TestPeer.MAX_CONCURRENT_STREAMS, 2);
                    int first = peer.awaitRequest();
                    int second = peer.awaitRequest();
                    peer.settings(Http2TestPeer.MAX_CONCURRENT_STREAMS, 1);
                    peer.respond(first, "1").respond(second, "2");
                    peer.respond(peer.awaitRequest(), "3");
                    peer.settings(Http2TestPeer.MAX_CONCURRENT_STREAMS, 3);
                    int[] rest = {peer.awaitRequest(), peer.awaitRequest(), peer.awaitRequest()};
                    for (int stream : rest) {
                        peer.respond(stream, "more");
                    }
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            List<TestExchange> exchanges = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                exchanges.add(client.get("/" + i));
            }
            List<String> bodies = new ArrayList<>();
            for (TestExchange each : exchanges) {
                bodies.add(each.awaitBody());
            }
            assertThat(bodies).containsExactlyInAnyOrder("1", "2", "3", "more", "more", "more");
        }
    }

    @Test
    void informationalResponsesAreToldAndTrailersDropped() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    peer.headers(stream, false, ":status", "103", "link", "a").headers(stream, false, ":status", "199");
                    peer.headers(stream, false, ":status", "203", "x-a", "1", "x-a", "2");
                    peer.data(stream, false, "body");
                    peer.send(
                            Http2TestPeer.DATA, Http2TestPeer.PADDED, stream, (byte) 2, (byte) '!', (byte) 0, (byte) 0);
                    peer.headers(stream, true, "x-trailer", "t");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange = client.get("/");
            assertThat(exchange.awaitBody()).isEqualTo("body!");
            assertThat(exchange.awaitStatus()).isEqualTo(203);
            assertThat(exchange.informational).containsExactly(103, 199);
            assertThat(exchange.fields.get().values("X-A")).containsExactly("1", "2");
            assertThat(exchange.fields.get().contains("x-trailer")).isFalse();
            assertThat(exchange.disorder).isEmpty();
        }
    }

    @Test
    void someResponsesHaveALengthAndNoBody() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    peer.headers(peer.awaitRequest(), true, ":status", "200", "content-length", "5");
                    peer.headers(peer.awaitRequest(), true, ":status", "304", "content-length", "5");
                    int stream = peer.awaitRequest();
                    peer.headers(stream, false, ":status", "204").data(stream, true, "");
                    peer.headers(peer.awaitRequest(), true, ":status", "200", "content-length", "0");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            RequestHead head = client.request("HEAD", "/", false);
            assertThat(client.send(head, TestBody.NONE, new TestExchange()).awaitBody())
                    .isEmpty();
            for (int i = 0; i < 3; i++) {
                assertThat(client.get("/").awaitBody()).isEmpty();
            }
        }
    }

    @Test
    void aCancelResetsTheStreamAlone() throws Exception {
        List<Integer> reset = new CopyOnWriteArrayList<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int first = peer.awaitRequest();
                    int second = peer.awaitRequest();
                    peer.headers(first, false, ":status", "200").data(first, false, "a");
                    Http2TestPeer.Frame frame = peer.await(Http2TestPeer.RST_STREAM);
                    reset.add(frame.stream());
                    reset.add(frame.number());
                    // Under way when the server learns of it.
                    peer.data(first, false, "late").headers(first, true, "x-late", "trailers");
                    peer.respond(second, "goes on").respond(peer.awaitRequest(), "third");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange first = client.get("/1");
            first.awaitControl();
            TestExchange second = client.get("/2");
            first.awaitStatus();
            first.awaitControl().cancel(false);
            assertThat(second.awaitBody()).isEqualTo("goes on");
            assertThat(client.get("/3").awaitBody()).isEqualTo("third");
            assertThat(reset).containsExactly(1, 8);
            assertThat(first.body).as("nothing is told after a cancel").isNotDone();
            assertThat(first.begun.get().isEnded()).isTrue();
            assertThat(server.connections()).isEqualTo(1);
        }
    }

    @Test
    void aLeaseThatItsHolderEndsResetsTheStream() throws Exception {
        List<Integer> reset = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection, Http2TestPeer.MAX_CONCURRENT_STREAMS, 1);
                    peer.awaitRequest();
                    arrived.complete(null);
                    reset.add(peer.await(Http2TestPeer.RST_STREAM).number());
                    peer.respond(peer.awaitRequest(), "next");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange = client.get("/1");
            Http2TestClient.get(arrived);
            exchange.begun.get().close();
            assertThat(exchange.awaitFailure()).hasMessage("the lease ended before the response was complete");
            assertThat(client.get("/2").awaitBody()).isEqualTo("next");
            assertThat(reset).containsExactly(8);
        }
    }
}
