package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code fetch} and connections that end in the middle of an answer, or do not say that they end. */
class HttpTruncationTest {
    @ParameterizedTest
    @ValueSource(strings = {"/to-the-end", "/cut", "/cut-chunk", "/nothing", "/cut-head"})
    void anAnswerOverTlsThatEndsWithoutCloseNotifyIsAFailure(String path) throws Exception {
        try (HttpTestServer server = HttpTestServer.httpsWithoutCloseNotify(TestCertificates.serverOf("127.0.0.1"))) {
            CliRun fetch = fetch("https", server, path);

            assertFails(fetch);
            assertThat(fetch.out())
                    .containsPattern("without close_notify|the server closed the connection (before|without)");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/close", "/old", "/length", "/chunked"})
    void anAnswerOverTlsThatSaysItsEndNeedsNoCloseNotify(String path) throws Exception {
        try (HttpTestServer server = HttpTestServer.httpsWithoutCloseNotify(TestCertificates.serverOf("127.0.0.1"))) {
            server.silentlyClosingAfter(1);

            assertSucceeds(fetch("https", server, path));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/to-the-end", "/close", "/chunked"})
    void anAnswerOverTlsThatEndsWithCloseNotifyIsComplete(String path) throws Exception {
        try (HttpTestServer server = HttpTestServer.https(TestCertificates.serverOf("127.0.0.1"))) {
            assertSucceeds(fetch("https", server, path));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/to-the-end", "/cut", "/cut-chunk", "/nothing", "/cut-head"})
    void anAnswerThatIsResetIsAFailure(String path) throws Exception {
        try (HttpTestServer server = HttpTestServer.http().resetting()) {
            assertFails(fetch("http", server, path));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/cut", "/cut-chunk", "/nothing", "/cut-head"})
    void anAnswerInTheClearThatIsCutShortIsAFailure(String path) throws Exception {
        try (HttpTestServer server = HttpTestServer.http()) {
            CliRun fetch = fetch("http", server, path);

            assertFails(fetch);
            assertThat(fetch.row("the server closed the connection "
                            + (path.equals("/nothing")
                                    ? "without a response"
                                    : "before the end of its response, after " + (path.equals("/cut-head") ? 0 : 5)
                                            + " bytes of its body")))
                    .as(fetch.out())
                    .isEqualTo(2);
        }
    }

    @Test
    void anAnswerInTheClearWithoutLengthEndsWithTheConnection() throws Exception {
        try (HttpTestServer server = HttpTestServer.http()) {
            assertSucceeds(fetch("http", server, "/to-the-end"));
        }
    }

    private static CliRun fetch(String scheme, HttpTestServer server, String path) throws Exception {
        String url = scheme + "://127.0.0.1:" + server.port() + path;
        return CliRun.run("fetch", "-n", "2", "--cacert", TestCertificates.authorityFile(), url);
    }

    private static void assertFails(CliRun fetch) {
        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.row("failed")).as(fetch.out()).isEqualTo(2);
        assertThat(fetch.row("status 2xx")).as(fetch.out()).isEqualTo(-1);
        assertThat(fetch.row("retried")).isZero();
    }

    private static void assertSucceeds(CliRun fetch) {
        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("status 2xx")).isEqualTo(2);
        assertThat(fetch.row("bytes")).isEqualTo(10);
    }
}
