package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A response that is malformed (RFC 9113, section 8.1.1) fails its exchange alone, with the reason. */
class Http2MalformedTest {
    private static final int PROTOCOL_ERROR = 1;

    /** What a server sends on a stream. */
    interface Response {
        void send(Http2TestPeer peer, int stream) throws IOException;
    }

    private static Arguments of(String fault, Response response) {
        return Arguments.of(fault, response);
    }

    private static Arguments head(String fault, String... fields) {
        return of(fault, (peer, stream) -> peer.headers(stream, true, fields));
    }

    static Stream<Arguments> responses() {
        return Stream.of(statuses(), fields(), lengths(), orders()).flatMap(each -> each);
    }

    private static Stream<Arguments> statuses() {
        return Stream.of(
                head("it has no :status", "x", "y"),
                head("it has :status twice", ":status", "200", ":status", "200"),
                head(":status comes after other fields", "x", "y", ":status", "200"),
                head(":status is '20', not a number from 100 to 999", ":status", "20"),
                head(":status is '2x0', not a number from 100 to 999", ":status", "2x0"),
                head(":status is '099', not a number from 100 to 999", ":status", "099"),
                head("its status is 101, which HTTP/2 does not have", ":status", "101"),
                head("it ends with the informational status 100", ":status", "100"));
    }

    private static Stream<Arguments> fields() {
        return Stream.of(
                head("the pseudo-header field ':path' is not one of a response", ":status", "200", ":path", "/"),
                head("the field name 'X-A' has upper-case letters", ":status", "200", "X-A", "b"),
                head("the field name 'a b' has a character that is not allowed", ":status", "200", "a b", "c"),
                head("a field has an empty name", ":status", "200", "", "c"),
                head("the value of the field 'a' has CR, LF or NUL", ":status", "200", "a", "b\r\nc"),
                head(
                        "the field 'connection' is of HTTP/1.1 connections, and not allowed with HTTP/2",
                        ":status",
                        "200",
                        "connection",
                        "close"),
                head(
                        "the field 'transfer-encoding' is of HTTP/1.1 connections, and not allowed with HTTP/2",
                        ":status",
                        "200",
                        "transfer-encoding",
                        "chunked"));
    }

    private static Stream<Arguments> lengths() {
        return Stream.of(
                head("its content-length is 'x', not one number", ":status", "200", "content-length", "x"),
                head("its content-length is '-1', not one number", ":status", "200", "content-length", "-1"),
                head(
                        "its content-length is '1, 2', not one number",
                        ":status",
                        "200",
                        "content-length",
                        "1",
                        "content-length",
                        "2"),
                head("its content-length is 1, and it has no body", ":status", "200", "content-length", "1"),
                of("its content-length is 2, and its body is longer", (peer, stream) -> peer.headers(
                                stream, false, ":status", "200", "content-length", "2")
                        .data(stream, false, "xxx")),
                of("its content-length is 2, and its body has 1 bytes", (peer, stream) -> peer.headers(
                                stream, false, ":status", "200", "content-length", "2")
                        .data(stream, true, "x")),
                of("its content-length is 2, and its body has 1 bytes", (peer, stream) -> peer.headers(
                                stream, false, ":status", "200", "content-length", "2")
                        .data(stream, false, "x")
                        .headers(stream, true, "trailer", "t")));
    }

    private static Stream<Arguments> orders() {
        return Stream.of(
                of("DATA comes before its header section", (peer, stream) -> peer.data(stream, true, "x")),
                of(
                        "it has DATA, which no response to HEAD and none with status 204 or 304 has",
                        (peer, stream) ->
                                peer.headers(stream, false, ":status", "204").data(stream, true, "x")),
                of("the trailer section has a :status", (peer, stream) -> peer.headers(stream, false, ":status", "200")
                        .headers(stream, true, ":status", "200")),
                of("too many headers", (peer, stream) -> peer.headers(stream, false, ":status", "200")
                        .headers(stream, false, "a", "b")));
    }

    @ParameterizedTest
    @MethodSource("responses")
    void aMalformedResponseFailsItsExchangeAlone(String fault, Response response) throws Exception {
        List<Integer> resets = new CopyOnWriteArrayList<>();
        try (ScriptedHttpServer server = ScriptedHttpServer.start(connection -> {
                    Http2TestPeer peer = Http2TestPeer.greet(connection);
                    int first = peer.awaitRequest();
                    int second = peer.awaitRequest();
                    response.send(peer, first);
                    Http2TestPeer.Frame reset = peer.await(Http2TestPeer.RST_STREAM);
                    resets.add(reset.stream());
                    resets.add(reset.number());
                    peer.respond(second, "goes on").respond(peer.awaitRequest(), "new");
                    peer.awaitEnd();
                });
                Http2TestClient client = new Http2TestClient(server.port())) {
            TestExchange bad = client.get("/bad");
            bad.awaitControl();
            TestExchange good = client.get("/good");
            assertThat(bad.awaitFailure()).isInstanceOf(IOException.class).hasMessageContaining(fault);
            assertThat(bad.awaitFailure()).hasMessageStartingWith("the response is malformed");
            assertThat(bad.safety).isEqualTo(RetrySafety.NEVER);
            assertThat(bad.leaseEndedBefore).isTrue();
            assertThat(good.awaitBody()).isEqualTo("goes on");
            assertThat(client.get("/new").awaitBody()).isEqualTo("new");
            assertThat(resets).containsExactly(1, PROTOCOL_ERROR);
            assertThat(server.connections()).isEqualTo(1);
        }
    }
}
