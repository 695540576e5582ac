package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Responses that are read, however they arrive. */
class Http1ResponsesTest extends Http1Rig {
    private static final String HELLO = "hello, this is a body";
    private static final String LENGTH = "Content-Length: " + HELLO.length() + "\r\n";
    private static final List<String> BODY = List.of("response 200", "data " + HELLO, "completed");
    private static final List<String> NO_BODY = List.of("response 200", "completed");

    /** Method, response, the events of it, whether the connection is kept. */
    static Stream<Arguments> responses() {
        return Stream.of(ended(), framed(), keptOrNot()).flatMap(Function.identity());
    }

    private static Stream<Arguments> ended() {
        return Stream.of(
                sample("a length", "GET", "HTTP/1.1 200 OK\r\n" + LENGTH + "\r\n" + HELLO, BODY, true),
                sample("LF alone", "GET", "HTTP/1.1 200 OK\n" + LENGTH.replace("\r", "") + "\n" + HELLO, BODY, true),
                sample("no reason", "GET", "HTTP/1.1 200 \r\n" + LENGTH + "\r\n" + HELLO, BODY, true),
                sample("no space either", "GET", "HTTP/1.1 200\r\n" + LENGTH + "\r\n" + HELLO, BODY, true),
                sample("the length twice", "GET", "HTTP/1.1 200 OK\r\n" + LENGTH + LENGTH + "\r\n" + HELLO, BODY, true),
                sample("no body", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", NO_BODY, true),
                sample("HEAD", "HEAD", "HTTP/1.1 200 OK\r\n" + LENGTH + "\r\n", NO_BODY, true),
                sample("HEAD chunked", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", NO_BODY, true),
                sample("HEAD without length", "HEAD", "HTTP/1.1 200 OK\r\n\r\n", NO_BODY, true),
                sample("204", "DELETE", "HTTP/1.1 204 No\r\n\r\n", List.of("response 204", "completed"), true));
    }

    private static Stream<Arguments> framed() {
        return Stream.of(
                sample(
                        "304 with the length of what it does not send",
                        "GET",
                        "HTTP/1.1 304 Not Modified\r\n" + LENGTH + "\r\n",
                        List.of("response 304", "completed"),
                        true),
                sample(
                        "chunks, with an extension and trailers",
                        "GET",
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
                                + "A;name=\"value\"\r\nhello, thi\r\n0b\r\ns is a body\r\n000\r\nA: b\r\nC:\r\n\r\n",
                        BODY,
                        true),
                sample(
                        "informational responses",
                        "GET",
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                                + "HTTP/1.1 200 OK\r\n" + LENGTH + "\r\n" + HELLO,
                        List.of("informational 100", "informational 103", "response 200", "data " + HELLO, "completed"),
                        true));
    }

    private static Stream<Arguments> keptOrNot() {
        return Stream.of(
                sample(
                        "close",
                        "GET",
                        "HTTP/1.1 200 OK\r\nConnection: close\r\n" + LENGTH + "\r\n" + HELLO,
                        BODY,
                        false),
                sample(
                        "close in a list",
                        "GET",
                        "HTTP/1.1 200 OK\r\nConnection: x, Close\r\n" + LENGTH + "\r\n" + HELLO,
                        BODY,
                        false),
                sample("HTTP/1.0", "GET", "HTTP/1.0 200 OK\r\n" + LENGTH + "\r\n" + HELLO, BODY, false),
                sample(
                        "HTTP/1.0 kept",
                        "GET",
                        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + LENGTH + "\r\n" + HELLO,
                        BODY,
                        true));
    }

    private static Arguments sample(String name, String method, String response, List<String> events, boolean kept) {
        return Arguments.of(name, method, response, events, kept);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("responses")
    void aResponseIsReadAtOnce(String name, String method, String response, List<String> events, boolean kept) {
        server.nextPeer().expect(request(method, "/")).send(response);

        assertThat(send(method, "/").events()).isEqualTo(events);
        assertThat(isKept()).isEqualTo(kept);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("responses")
    void aResponseIsReadInTwoPiecesSplitAnywhere(
            String name, String method, String response, List<String> events, boolean kept) {
        for (int at : IntStream.range(1, response.length()).toArray()) {
            server.nextPeer().expect(request(method, "/")).send(response.substring(0, at), response.substring(at));

            assertThat(send(method, "/").events()).as("split at " + at).isEqualTo(events);
            assertThat(peer().isOpen()).as("split at " + at).isEqualTo(kept);
            manager.evict(each -> true);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("responses")
    void aResponseIsReadByteByByte(String name, String method, String response, List<String> events, boolean kept) {
        server.nextPeer().splitEvery(1).expect(request(method, "/")).send(response);

        assertThat(send(method, "/").events()).isEqualTo(events);
        assertThat(isKept()).isEqualTo(kept);
    }

    @Test
    void aResponseWithoutALengthEndsWithTheConnection() {
        server.nextPeer()
                .expect(request("GET", "/"))
                .send("HTTP/1.1 200 OK\r\n\r\nhel", "lo")
                .close();

        TestExchange recorder = get("/");
        assertThat(recorder.events()).containsExactly("response 200", "data hello", "completed");
        assertThat(isKept()).isFalse();
    }

    @Test
    void aResponseWithoutALengthIsIncompleteIfTheConnectionBreaks() {
        server.nextPeer().expect(request("GET", "/")).send("HTTP/1.1 200 OK\r\n\r\nhello");
        TestExchange recorder = get("/");
        peer().reset();

        assertThat(recorder.events()).containsExactly("response 200", "data hello", "failed NEVER");
    }

    @Test
    void theFieldsAreToldInTheirOrder() {
        server.nextPeer()
                .expect(request("GET", "/"))
                .send("HTTP/1.1 200 OK\r\nB: 1\r\na:  2 \r\nB: \t3\r\nEmpty:\r\nContent-Length: 0\r\n\r\n");

        HeaderFields fields = get("/").fields.join();
        assertThat(fields.values("b")).containsExactly("1", "3");
        assertThat(fields.first("A")).isEqualTo("2");
        assertThat(fields.first("empty")).isEmpty();
        assertThat(fields.size()).isEqualTo(5);
    }

    @Test
    void theTransferEncodingOfAResponseToHeadIsTold() {
        server.nextPeer().expect(request("HEAD", "/")).send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");

        assertThat(send("HEAD", "/").fields.join().first("transfer-encoding")).isEqualTo("chunked");
    }
}
