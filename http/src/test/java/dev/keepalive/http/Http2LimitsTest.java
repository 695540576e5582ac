package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that attacks: the exchange fails with the name of the limit, the connection ends, the next request works.
 */
class Http2LimitsTest {
    private static final int NO_ERROR = 0;
    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int FRAME_SIZE_ERROR = 6;
    private static final int COMPRESSION_ERROR = 9;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int FLOOD = 50_000;

    /** What the server sends when the request on this stream has come. */
    interface Attack {
        void send(Http2TestPeer peer, int stream) throws IOException;
    }

    private static Arguments limit(String name, int error, String message, Attack attack) {
        return Arguments.of(name, error, true, message, attack);
    }

    private static Arguments rule(String name, int error, String message, Attack attack) {
        return Arguments.of(name, error, false, message, attack);
    }

    private static Arguments flood(String type, byte[] frame) {
        return limit(type, ENHANCE_YOUR_CALM, "more than 1000 at once and 100 a second", (peer, stream) -> {
            peer.headers(stream, false, ":status", "200");
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int i = 0; i < FLOOD; i++) {
                all.writeBytes(frame);
            }
            peer.raw(all.toByteArray());
        });
    }

    static Stream<Arguments> attacks() {
        return Stream.concat(floods(), Stream.concat(headers(), rules()));
    }

    private static Stream<Arguments> floods() {
        return Stream.of(
                flood("PING", Http2TestPeer.frame(Http2TestPeer.PING, 0, 0, new byte[8])),
                flood("PING with ACK", Http2TestPeer.frame(Http2TestPeer.PING, Http2TestPeer.ACK, 0, new byte[8])),
                flood("SETTINGS", Http2TestPeer.frame(Http2TestPeer.SETTINGS, 0, 0)),
                flood("SETTINGS with ACK", Http2TestPeer.frame(Http2TestPeer.SETTINGS, Http2TestPeer.ACK, 0)),
                flood("PRIORITY", Http2TestPeer.frame(Http2TestPeer.PRIORITY, 0, 1, new byte[5])),
                flood("PRIORITY of no stream", Http2TestPeer.frame(Http2TestPeer.PRIORITY, 0, 99, new byte[5])),
                flood("one of the unknown type 250", Http2TestPeer.frame(250, 0, 0)),
                flood("unknown of a stream", Http2TestPeer.frame(250, 0, 1, new byte[9])),
                flood("WINDOW_UPDATE", Http2TestPeer.frame(Http2TestPeer.WINDOW_UPDATE, 0, 0, Http2TestPeer.number(1))),
                flood("an empty DATA frame", Http2TestPeer.frame(Http2TestPeer.DATA, 0, 1)),
                flood(
                        "GOAWAY",
                        Http2TestPeer.frame(
                                Http2TestPeer.GOAWAY,
                                0,
                                0,
                                Http2TestPeer.join(Http2TestPeer.number(1), Http2TestPeer.number(NO_ERROR)))));
    }

    private static Stream<Arguments> headers() {
        return Stream.of(
                limit(
                        "large CONTINUATION frames without end",
                        PROTOCOL_ERROR,
                        "Header size exceeded",
                        (peer, stream) -> sendContinuations(peer, stream, new byte[16_000])),
                limit(
                        "empty CONTINUATION frames without end",
                        ENHANCE_YOUR_CALM,
                        "continuations frames 10 exceeds",
                        (peer, stream) -> sendContinuations(peer, stream)),
                block("an invalid header block", 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
                block("a table larger than allowed", 0x3f, 0xe1, 0x7f));
    }

    private static void sendContinuations(Http2TestPeer peer, int stream, byte... piece) throws IOException {
        peer.send(Http2TestPeer.HEADERS, 0, stream, Http2TestPeer.block(":status", "200"));
        for (int i = 0; i < 100; i++) {
            peer.send(Http2TestPeer.CONTINUATION, 0, stream, piece);
        }
    }

    private static Arguments block(String name, int... bytes) {
        byte[] block = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            block[i] = (byte) bytes[i];
        }
        return rule(
                name,
                COMPRESSION_ERROR,
                "COMPRESSION_ERROR",
                (peer, stream) -> peer.send(Http2TestPeer.HEADERS, Http2TestPeer.END_HEADERS, stream, block));
    }

    private static Stream<Arguments> rules() {
        return Stream.of(
                rule(
                        "PUSH_PROMISE",
                        PROTOCOL_ERROR,
                        "PUSH_PROMISE, though ENABLE_PUSH is 0",
                        (peer, stream) -> peer.send(
                                Http2TestPeer.PUSH_PROMISE,
                                Http2TestPeer.END_HEADERS,
                                stream,
                                Http2TestPeer.join(Http2TestPeer.number(2), Http2TestPeer.block(":path", "/")))),
                rule(
                        "HEADERS of a stream of its own",
                        PROTOCOL_ERROR,
                        "the server opened stream 2",
                        (peer, stream) -> peer.headers(2, false, ":status", "200")),
                rule(
                        "DATA of a stream that never was",
                        PROTOCOL_ERROR,
                        "Stream 77 does not exist",
                        (peer, stream) -> peer.data(77, false, "x")),
                rule(
                        "a window of the connection that is too large",
                        FLOW_CONTROL_ERROR,
                        "FLOW_CONTROL_ERROR",
                        (peer, stream) -> peer.windowUpdate(0, Integer.MAX_VALUE)),
                rule("a window update of 0", PROTOCOL_ERROR, "delta 0", (peer, stream) -> peer.windowUpdate(0, 0)),
                rule(
                        "a frame that is too large",
                        FRAME_SIZE_ERROR,
                        "exceeds maximum",
                        (peer, stream) -> peer.send(Http2TestPeer.DATA, 0, stream, new byte[16_385])));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    void anAttackEndsTheConnection(String name, int error, boolean isLimit, String message, Attack attack)
            throws Exception {
        List<Integer> goAways = new CopyOnWriteArrayList<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    if (connection.number() > 1) {
                        peer.respond(stream, "works");
                        peer.awaitEnd();
                        return;
                    }
                    Thread writer = new Thread(() -> {
                        try {
                            attack.send(peer, stream);
                        } catch (IOException closed) {
                            // That is the aim.
                        }
                    });
                    writer.start();
                    Http2TestPeer.Frame last = peer.await(Http2TestPeer.GOAWAY);
                    goAways.add(ByteBuffer.wrap(last.payload()).getInt(4));
                    peer.awaitEnd();
                    writer.join();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange =
                    client.send(client.request("GET", "/", false), TestBody.NONE, new TestExchange(false));
            Throwable failure = exchange.awaitFailure();
            assertThat(failure).hasMessageContaining(message);
            assertThat(failure instanceof HttpLimitException)
                    .as(failure.toString())
                    .isEqualTo(isLimit);
            assertThat(exchange.safety).isEqualTo(RetrySafety.NEVER);
            assertThat(client.get("/").awaitBody()).isEqualTo("works");
            // None, if the server was reset before it has read why.
            assertThat(goAways).isSubsetOf(error);
        }
    }

    /** First the stream ends, and then, since the server goes on, the connection. */
    @Test
    void moreDataThanTheWindowsAllowEndsTheConnection() throws Exception {
        CompletableFuture<Integer> goAway = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int stream = peer.awaitRequest();
                    if (connection.number() > 1) {
                        peer.respond(stream, "works");
                        peer.awaitEnd();
                        return;
                    }
                    peer.headers(stream, false, ":status", "200");
                    for (int i = 0; i < 150; i++) {
                        peer.send(Http2TestPeer.DATA, 0, stream, new byte[16_384]);
                    }
                    try {
                        goAway.complete(
                                ByteBuffer.wrap(peer.await(Http2TestPeer.GOAWAY).payload())
                                        .getInt(4));
                    } catch (SocketException reset) {
                        // The client has closed with data unread.
                        goAway.complete(ENHANCE_YOUR_CALM);
                    }
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange =
                    client.send(client.request("GET", "/", false), TestBody.NONE, new TestExchange(false));
            assertThat(exchange.awaitFailure()).hasMessageContaining("FLOW_CONTROL_ERROR");
            assertThat(Http2TestClient.get(goAway)).isEqualTo(ENHANCE_YOUR_CALM);
            assertThat(client.getProcessed("/").awaitBody()).isEqualTo("works");
        }
    }

    /** What one response may have: the exchange fails, and the connection ends after the others on it. */
    static Stream<Arguments> responses() {
        String tooLarge = "the response has a header section that is too large";
        return Stream.of(
                Arguments.of(tooLarge, (Attack) Http2LimitsTest::sendLarge),
                Arguments.of(tooLarge, (Attack) Http2LimitsTest::sendBomb),
                Arguments.of("the response has more than 1000 header fields", (Attack) Http2LimitsTest::sendMany),
                Arguments.of(
                        "the server sent more than 100 informational responses (status 1xx) before the final one",
                        (Attack) Http2LimitsTest::sendInformational));
    }

    private static void sendLarge(Http2TestPeer peer, int stream) throws IOException {
        byte[] piece = Http2TestPeer.block("a", "x".repeat(14_000));
        peer.send(Http2TestPeer.HEADERS, 0, stream, Http2TestPeer.block(":status", "200"));
        for (int i = 1; i <= 5; i++) {
            peer.send(Http2TestPeer.CONTINUATION, i == 5 ? Http2TestPeer.END_HEADERS : 0, stream, piece);
        }
    }

    private static void sendMany(Http2TestPeer peer, int stream) throws IOException {
        String[] many = new String[2 * 1_001 + 2];
        Arrays.fill(many, "x");
        many[0] = ":status";
        many[1] = "200";
        peer.headers(stream, false, many);
    }

    private static void sendInformational(Http2TestPeer peer, int stream) throws IOException {
        for (int i = 0; i < 101; i++) {
            peer.headers(stream, false, ":status", "103");
        }
    }

    /** One field is put into the table, and then named ten thousand times, with a byte each (RFC 7541, section 6.1). */
    private static void sendBomb(Http2TestPeer peer, int stream) throws IOException {
        byte[] named = new byte[10_000];
        Arrays.fill(named, (byte) (0x80 | 62));
        byte[] field = Http2TestPeer.block("a", "x".repeat(3_000));
        field[0] = 0x40;
        peer.send(
                Http2TestPeer.HEADERS,
                Http2TestPeer.END_HEADERS,
                stream,
                Http2TestPeer.join(Http2TestPeer.block(":status", "200"), field, named));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("responses")
    void aResponseBeyondALimitRetiresTheConnection(String message, Attack attack) throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    if (connection.number() == 1) {
                        int stream = peer.awaitRequest();
                        int other = peer.awaitRequest();
                        attack.send(peer, stream);
                        peer.await(Http2TestPeer.RST_STREAM);
                        peer.respond(other, "goes on");
                    } else {
                        peer.respond(peer.awaitRequest(), "works");
                    }
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange exchange = client.get("/");
            exchange.awaitControl();
            TestExchange other = client.get("/other");
            assertThat(exchange.awaitFailure())
                    .isInstanceOf(HttpLimitException.class)
                    .hasMessageContaining(message);
            assertThat(exchange.safety).isEqualTo(RetrySafety.NEVER);
            assertThat(other.awaitBody()).isEqualTo("goes on");
            assertThat(client.get("/").awaitBody()).isEqualTo("works");
            assertThat(server.connections()).isEqualTo(2);
        }
    }

    /** The peer refuses to decode the fields of a client that keeps more than the usual 4,096 bytes of them. */
    @Test
    void aServerCannotMakeTheClientKeepMoreFields() throws Exception {
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection, Http2TestPeer.HEADER_TABLE_SIZE, 1 << 20);
                    Http2TestPeer.Frame request = peer.await(Http2TestPeer.HEADERS);
                    assertThat(peer.headersOf(request).path()).hasToString("/");
                    peer.respond(request.stream(), "works");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            assertThat(client.get("/").awaitBody()).isEqualTo("works");
        }
    }

    /** A server that resets each stream at once. */
    @Test
    void rapidResetsEndTheConnection() throws Exception {
        CompletableFuture<Integer> goAway = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    while (true) {
                        Http2TestPeer.Frame frame = peer.next();
                        if (frame.is(Http2TestPeer.HEADERS)) {
                            peer.reset(frame.stream(), 7);
                        } else if (frame.is(Http2TestPeer.GOAWAY)) {
                            goAway.complete(ByteBuffer.wrap(frame.payload()).getInt(4));
                        }
                    }
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            Throwable failure;
            do {
                List<TestExchange> all = new ArrayList<>();
                for (int i = 0; i < 100; i++) {
                    all.add(client.get("/"));
                }
                failure = all.get(0).awaitFailure();
                for (TestExchange each : all) {
                    Throwable one = each.awaitFailure();
                    failure = one instanceof HttpLimitException ? one : failure;
                }
            } while (!(failure instanceof HttpLimitException));
            assertThat(failure).hasMessageContaining("the last one RST_STREAM");
            assertThat(Http2TestClient.get(goAway)).isEqualTo(ENHANCE_YOUR_CALM);
        }
    }

    /** A server may let this side keep as many fields of requests as it likes: it keeps no more than is usual. */
    @Test
    void aServerCannotMakeThisSideKeepManyFields() throws Exception {
        CompletableFuture<Integer> update = new CompletableFuture<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection, 1, 1 << 30);
                    Http2TestPeer.Frame head = peer.await(Http2TestPeer.HEADERS);
                    update.complete(head.payload()[0] & 0xff);
                    peer.respond(head.stream(), "");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            client.get("/").awaitBody();
            int first = Http2TestClient.get(update);
            assertThat(first & 0xe0).as("no change of the size of the table").isNotEqualTo(0x20);
        }
    }
}
