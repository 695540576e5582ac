package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code fetch} and answers that are unusual, too long, wrong, or never complete. */
class HttpAnswersTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";

    private HttpTestServer server;

    @BeforeEach
    void start() throws Exception {
        server = HttpTestServer.http();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    // ---- informational responses

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 101 Switching Protocols\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: HTTP/1.1\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\nbytes of another protocol",
            })
    void aSwitchOfProtocolsThatWasNotAskedForIsAFailureAndEndsTheConnection(String answer) throws Exception {
        server.answering("/", answer);

        CliRun fetch = CliRun.run("fetch", "-n", "2", server.url("/"));

        assertFails(
                fetch,
                2,
                "not a valid HTTP/1.1 response: status line: status 101, and no other protocol was asked for");
        assertThat(server.accepted()).isEqualTo(2);
        server.awaitNoConnection();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 102, 103, 104, 199})
    void informationalResponsesAreSkipped(int status) {
        String hint = "HTTP/1.1 " + status + " Hint\r\nA: b\r\nContent-Length: 7\r\n\r\n";
        server.answering("/", hint.repeat(100) + OK + "Content-Length: 5\r\n\r\nhello");

        CliRun fetch = CliRun.run("fetch", "-n", "3", server.url("/"));

        assertSucceeds(fetch, 3);
        assertThat(fetch.row("bytes")).isEqualTo(15);
        assertThat(server.accepted()).isEqualTo(1);
    }

    @Test
    void aFloodOfInformationalResponsesIsAFailure() throws Exception {
        server.answeringForEver("/", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");

        CliRun fetch = CliRun.run("fetch", server.url("/"));

        assertFails(
                fetch, 1, "the server sent more than 100 informational responses (status 1xx) before the final one");
        server.awaitNoConnection();
    }

    // ---- time

    @ParameterizedTest
    @ValueSource(
            strings = {"", "HTTP/1.1 100 Continue\r\n\r\n", OK + "Content-Length: 9\r\n\r\nhello", OK + "\r\nhello"})
    void aResponseThatIsNeverCompleteFailsAfterItsTimeoutAndIsNotSentAgain(String answer) throws Exception {
        server.answering("/stuck", answer);

        CliRun fetch = CliRun.run("fetch", "--response-timeout", "3s", server.url("/"), server.url("/stuck"));

        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.row("status 2xx")).isEqualTo(1);
        assertThat(fetch.row("the response was not complete after 3s (--response-timeout)"))
                .as(fetch.out())
                .isEqualTo(1);
        assertThat(fetch.row("retried")).isZero();
        assertThat(server.accepted()).isEqualTo(1);
        server.awaitNoConnection();
    }

    @Test
    void aResponseThatTricklesForEverFailsAfterItsTimeout() {
        server.answeringForEver("/", OK + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n");

        CliRun fetch = CliRun.run("fetch", "--response-timeout", "250ms", server.url("/"));

        assertFails(fetch, 1, "the response was not complete after 0.25s (--response-timeout)");
    }

    // ---- size

    @Test
    void aHeaderSectionOfNineThousandBytesIsTaken() {
        server.answering("/", OK + header(9000) + "Content-Length: 5\r\n\r\nhello");

        assertSucceeds(CliRun.run("fetch", "-n", "2", server.url("/")), 2);
        assertThat(server.accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"32768, 32700, 32800", "100000, 99900, 100100", "50, 40, 60"})
    void headersAreTakenUpToTheLimit(int limit, int taken, int tooMuch) {
        // The headers alone count: not the status line, nor the end of a line.
        assertSucceeds(fetchWith(limit, "HTTP/1.1 204\r\n" + header(taken) + "\r\n"), 1);
        assertFails(
                fetchWith(limit, "HTTP/1.1 204\r\n" + header(tooMuch) + "\r\n"),
                1,
                "the header section of the response is longer than " + limit + " bytes (--max-header-size)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HTTP/1.1 204 LONG^^ | status line",
                "HTTP/1.1 204 OK^LONG: b^^ | header section",
                "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^5^hello^3;LONG^abc^0^^"
                        + " | line before a chunk, after 5 bytes of content,",
                "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^0^A: LONG^^ | trailer section, after 0 bytes of content,",
            })
    void whatIsLongerThanTheLimitIsNamedWithTheOption(String answer, String place) {
        String text = answer.replace("^", "\r\n").replace("LONG", "x".repeat(2000));

        assertSucceeds(fetchWith(3000, text), 1);
        CliRun fetch = fetchWith(1000, text);
        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.out())
                .contains("the " + place + " of the response is longer than 1000 bytes (--max-header-size)");
    }

    @Test
    void aChunkIsNotLimited() {
        server.answering(
                "/", OK + "Transfer-Encoding: chunked\r\n\r\nf4240\r\n" + "x".repeat(1000000) + "\r\n0\r\n\r\n");

        CliRun fetch = CliRun.run("fetch", "--max-header-size", "100", server.url("/"));

        assertSucceeds(fetch, 1);
        assertThat(fetch.row("bytes")).isEqualTo(1000000);
    }

    // ---- form

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
                "HTTP/1.1 200 OK\r\nContent-Length: 5\n\r\nhello",
                "HTTP/1.1 200 OK\nContent-Length: 5\r\n\nhello",
                "HTTP/1.1 103 Early Hints\n\nHTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
                "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nTrailer: t\n\n",
            })
    void linesOfTheHeadMayEndWithLineFeedAlone(String answer) {
        server.answering("/", answer);

        CliRun fetch = CliRun.run("fetch", "-n", "2", server.url("/"));

        assertSucceeds(fetch, 2);
        assertThat(fetch.row("bytes")).isEqualTo(10);
        assertThat(server.accepted()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = true,
            value = {
                "this is not HTTP^^ | status line: ",
                "<html>^<body>^</body></html>^ | status line: ",
                "220 mail.test ESMTP^ | status line: ",
                "HTTP/1.1 two OK^^ | status line: .*two",
                "HTTP/1.1 099 What^^ | status line: status '099'",
                "HTTP/1.1 -1 What^^ | status line: ",
                "aESC[31mred/1.1 200 OK^^ | status line: .*\\\\u001b",
                "HTTP/1.1 200 OK^na(me: x^^ | header section: .*header name",
                "HTTP/1.1 200 OK^Content-Length: five^^ | header section: .*five",
                "HTTP/1.1 200 OK^Content-Length: 5^Content-Length: 6^^ | header section: .*Content-Length",
                "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^2^he^x^llo^ | chunked body, after 2 bytes of content: ",
                "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^2~he^ | chunked body, after 0 bytes .*Line Feed",
                "HTTP/1.1 200 OK^Transfer-Encoding: chunked^^ffffffffff^ | chunked body, after 0 bytes of content: ",
            })
    void aResponseThatCannotBeReadIsAFailureThatSaysWhatIsWrongAndWhere(String answer, String message) {
        server.answering("/", answer.replace("^", "\r\n").replace("~", "\n").replace("ESC", "\u001b"));

        CliRun fetch = CliRun.run("fetch", "--response-timeout", "20s", server.url("/"));

        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.out())
                .containsPattern("not a valid HTTP/1.1 response: " + message)
                .doesNotContain("\u001b");
    }

    private CliRun fetchWith(int limit, String answer) {
        server.answering("/", answer);
        return CliRun.run(
                "fetch", "--response-timeout", "20s", "--max-header-size", String.valueOf(limit), server.url("/"));
    }

    /** A header of so many bytes, the end of its line excluded. */
    private static String header(int size) {
        return "A: " + "b".repeat(size - 3) + "\r\n";
    }

    private static void assertSucceeds(CliRun fetch, int requests) {
        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("status 2xx")).isEqualTo(requests);
    }

    private static void assertFails(CliRun fetch, int requests, String message) {
        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.row(message)).as(fetch.out()).isEqualTo(requests);
        assertThat(fetch.row("retried")).isZero();
    }
}
