package dev.keepalive.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Responses that are refused: the exchange fails and says why, the connection closes, the next request works. */
class Http1FaultyResponsesTest extends Http1Rig {
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    static Stream<Arguments> faulty() {
        return Stream.of(faultyFields(), faultyStatusLines(), faultyTransferEncodings())
                .flatMap(Function.identity());
    }

    private static Stream<Arguments> faultyFields() {
        return Stream.of(
                faulty("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "both"),
                faulty("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", "both"),
                faulty(
                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                        "header section",
                        "[5, 6]"),
                faulty("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nabcdef", "header section", "5, 6"),
                faulty("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "header section", "-1"),
                faulty("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na", "header section", "+1"),
                faulty("HTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\na", "header section", "1x"),
                faulty("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\na", "header section", "9999"),
                faulty("HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n", "header section", "next line"),
                faulty("HTTP/1.1 200 OK\r\nA: b\r\n\tc\r\nContent-Length: 0\r\n\r\n", "header section", "next line"),
                faulty("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: b\r\n \r\n\r\n", "header section", "next line"),
                faulty("HTTP/1.1 200 OK\r\n A: b\r\nContent-Length: 0\r\n\r\n", "header section"),
                faulty("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "header section", "'no'", "colon"),
                faulty("HTTP/1.1 200 OK\r\nnone\r\n\r\n", "header section", "colon"),
                faulty("HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n", "'Content-Length'", "colon"),
                faulty("HTTP/1.1 200 OK\r\n: no name\r\n\r\n", "header section"),
                faulty("HTTP/1.1 200 OK\r\nA\0b: c\r\n\r\n", "header section"),
                faulty("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", "header section"),
                faulty("HTTP/1.1 200 OK\r\nA: b\rc: d\r\n\r\n", "header section"));
    }

    private static Stream<Arguments> faultyStatusLines() {
        return Stream.of(
                faulty("HTTP/1.1 20 OK\r\n\r\n", "status line", "'20'"),
                faulty("HTTP/1.1 2000 OK\r\n\r\n", "status line", "'2000'"),
                faulty("HTTP/1.1 +20 OK\r\n\r\n", "status line", "'+20'"),
                faulty("HTTP/1.1 099 OK\r\n\r\n", "status line", "'099'"),
                faulty("HTTP/1.1 abc OK\r\n\r\n", "status line", "'abc'"),
                faulty("HTTP/1.1\r\n\r\n", "status line"),
                faulty("HTTP/2.0 200 OK\r\n\r\n", "status line", "HTTP/2.0"),
                faulty("HTTP/0.9 200 OK\r\n\r\n", "status line", "HTTP/0.9"),
                faulty("http/1.1 200 OK\r\n\r\n", "status line", "http/1.1"),
                faulty("ICY 200 OK\r\n\r\n", "status line", "ICY"),
                faulty("<html>not HTTP</html>\r\n\r\n", "status line"),
                faulty("SSH-2.0-OpenSSH_9.2\r\n", "status line", "SSH"),
                faulty("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "101"),
                faulty("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", "101"));
    }

    private static Stream<Arguments> faultyTransferEncodings() {
        return Stream.of(
                faulty("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "'gzip, chunked'"),
                faulty(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
                        "header section",
                        "chunked"),
                faulty("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "chunked"),
                faulty(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        "chunked"),
                faulty("HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na", "'identity'"),
                faulty(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding:\r\n\r\n0\r\n\r\n",
                        "header section"),
                faulty("HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "'xchunked'"),
                faulty("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "header section"),
                faulty(CHUNKED + "x\r\n", "chunked body, after 0 bytes"),
                faulty(CHUNKED + "2\r\nabc\r\n0\r\n\r\n", "chunked body, after 2 bytes"),
                faulty(CHUNKED + "1\na\r\n0\r\n\r\n", "chunked body, after 0 bytes"),
                faulty(CHUNKED + "1\r\na\n0\r\n\r\n", "chunked body, after 1 bytes"),
                faulty(CHUNKED + "-1\r\n", "chunked body"),
                faulty(CHUNKED + "0x1\r\na\r\n0\r\n\r\n", "chunked body"),
                faulty(CHUNKED + "fffffffff\r\n", "chunked body"),
                faulty(CHUNKED + "1 \r\na\r\n0\r\n\r\n", "chunked body"),
                faulty(CHUNKED + "\r\n\r\n", "chunked body"));
    }

    private static Arguments faulty(String response, String... words) {
        return Arguments.of(response, words);
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void itFailsAtOnce(String response, String... words) {
        assertFails(response, words);
    }

    @ParameterizedTest
    @MethodSource("faulty")
    void itFailsWhereverItIsSplit(String response, String... words) {
        IntStream.range(1, response.length())
                .forEach(at -> assertFails(new String[] {response.substring(0, at), response.substring(at)}, words));
    }

    private void assertFails(String response, String... words) {
        assertFails(new String[] {response}, words);
    }

    private void assertFails(String[] pieces, String... words) {
        server.nextPeer().expect(request("GET", "/")).send((Object[]) pieces);
        TestExchange recorder = get("/");

        assertThat(recorder.events()).as(String.join("|", pieces)).last().isEqualTo("failed NEVER");
        assertThat(recorder.events()).doesNotContain("completed");
        assertThat(recorder.failure).isInstanceOf(IOException.class);
        assertThat(recorder.failure.getMessage())
                .contains("not a valid HTTP/1.1 response: ")
                .contains(words);
        assertThat(peer().isOpen()).isFalse();

        server.nextPeer().expect(request("GET", "/")).send(OK);
        assertThat(get("/").events()).last().isEqualTo("completed");
        manager.evict(each -> true);
    }

    // ---- limits

    private void assertBeyond(HttpOptions options, String response, String... words) {
        use(options);
        server.nextPeer().expect(request("GET", "/")).send(response);
        TestExchange recorder = get("/");

        assertThat(recorder.events()).last().isEqualTo("failed NEVER");
        assertThat(recorder.failure).isInstanceOf(HttpLimitException.class);
        assertThat(recorder.failure.getMessage()).contains(words);
        assertThat(isKept()).isFalse();
    }

    private static HttpOptions options(int maxHeaderSize, int maxFields, int maxInformational) {
        HttpOptions d = HttpOptions.DEFAULTS;
        return new HttpOptions(
                false,
                maxHeaderSize,
                maxFields,
                maxInformational,
                d.maxDrain(),
                d.maxStreams(),
                d.streamWindow(),
                d.connectionWindow(),
                d.pingAfter(),
                d.pingTimeout());
    }

    @Test
    void aLongStatusLineIsRefused() {
        String reason = "r".repeat(100);
        assertBeyond(options(100, 9, 9), "HTTP/1.1 200 " + reason, "status line", "100 bytes", "maxHeaderSize");
    }

    @Test
    void aLongHeaderSectionIsRefusedBeforeItsEnd() {
        String field = "A: " + "b".repeat(60) + "\r\n";
        assertBeyond(
                options(100, 9, 9),
                "HTTP/1.1 200 OK\r\n" + field + field,
                "header section",
                "100 bytes",
                "maxHeaderSize");
    }

    @Test
    void manyFieldsAreRefusedBeforeTheEndOfTheSection() {
        assertBeyond(
                options(1000, 3, 9),
                "HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(4),
                "more than 3 fields",
                "maxHeaderFields");
    }

    @Test
    void asManyFieldsAsAllowedAreRead() {
        use(options(1000, 3, 9));
        server.nextPeer()
                .expect(request("GET", "/"))
                .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: b\r\nA: b\r\n\r\n0\r\n"
                        + "A: b\r\nA: b\r\nA: b\r\n\r\n");
        assertThat(get("/").events()).containsExactly("response 200", "completed");
    }

    @Test
    void manyInformationalResponsesAreRefused() {
        assertBeyond(
                options(1000, 9, 2),
                "HTTP/1.1 102 Processing\r\n\r\n".repeat(3),
                "more than 2",
                "informational",
                "maxInformational");
    }

    @Test
    void aLongLineBeforeAChunkIsRefused() {
        assertBeyond(
                options(100, 9, 9),
                CHUNKED + "1\r\na\r\n1;" + "x".repeat(100),
                "line before a chunk",
                "after 1 bytes",
                "100 bytes");
    }

    @Test
    void manyEmptyLinesBeforeTheStatusLineAreRefused() {
        use(options(100, 9, 9));
        server.nextPeer().expect(request("GET", "/")).send("\r\n".repeat(40) + OK);
        assertThat(get("/").events()).last().isEqualTo("completed");

        assertBeyond(options(100, 9, 9), "\r\n".repeat(51), "100 bytes");
        use(options(100, 9, 9));
        server.nextPeer().splitEvery(1).expect(request("GET", "/")).send("\n".repeat(101));
        assertThat(get("/").failure)
                .isInstanceOf(HttpLimitException.class)
                .hasMessageContaining("100 bytes of empty lines");
    }

    @Test
    void longTrailersAreRefused() {
        assertBeyond(options(100, 9, 9), CHUNKED + "0\r\nA: " + "x".repeat(100), "trailer section", "100 bytes");
    }

    @Test
    void manyTrailersAreRefused() {
        assertBeyond(options(1000, 2, 9), CHUNKED + "0\r\n" + "A: x\r\n".repeat(3), "more than 2 fields", "trailers");
    }

    // ---- cut off

    @Test
    void aResponseThatIsCutOffFailsWhereverThatIs() {
        String response = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello";
        for (int length = 1; length <= response.length(); length++) {
            server.nextPeer()
                    .expect(request("GET", "/"))
                    .send(response.substring(0, length))
                    .close();
            TestExchange recorder = get("/");

            assertThat(recorder.events()).last().isEqualTo("failed NEVER");
            assertThat(recorder.failure)
                    .isInstanceOf(EOFException.class)
                    .hasMessageContaining("before the end of its response");
        }
    }

    @Test
    void chunksThatAreCutOffFailWhereverThatIs() {
        String body = "3\r\nabc\r\n0\r\nA: b\r\n\r\n";
        for (int length = 0; length < body.length(); length++) {
            server.nextPeer()
                    .expect(request("GET", "/"))
                    .send(CHUNKED + body.substring(0, length))
                    .close();
            TestExchange recorder = get("/");

            assertThat(recorder.events()).as("after " + length).last().isEqualTo("failed NEVER");
            assertThat(recorder.failure).hasMessageContaining("before the end of its response");
        }
    }
}
