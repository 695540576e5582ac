package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
}
