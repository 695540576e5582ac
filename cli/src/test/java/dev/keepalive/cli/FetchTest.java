package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FetchTest {
    private HttpTestServer server;

    @BeforeEach
    void start() throws Exception {
        server = HttpTestServer.http();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void aPathThatIsNotAsciiGoesOutEscaped() {
        assertThat(CliRun.run("fetch", server.url("/straße?q=ä")).status()).isZero();
        assertThat(server.heads()).singleElement().satisfies(head -> assertThat(head)
                .startsWith("GET /stra%C3%9Fe?q=%C3%A4 HTTP/1.1\n"));
    }

    @Test
    void twoHundredRequestsNeedFourConnections() {
        CliRun fetch = CliRun.run("fetch", "-n", "200", "-c", "16", server.url("/"));

        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(server.heads()).hasSize(200);
        assertThat(server.accepted()).isBetween(1, 4);
        assertThat(fetch.row("requests")).isEqualTo(200);
        assertThat(fetch.row("status 2xx")).isEqualTo(200);
        assertThat(fetch.row("failed")).isZero();
        assertThat(fetch.row("bytes")).isEqualTo(1000);
        assertThat(fetch.row("connections opened")).isEqualTo(server.accepted());
        assertThat(fetch.row("leases immediate") + fetch.row("leases deferred") + fetch.row("leases new"))
                .isEqualTo(200);
        assertThat(fetch.out()).containsPattern("(?m)^waiting +200 ").containsPattern("(?m)^total +200 ");
        assertThat(fetch.err()).isEmpty();
    }

    @Test
    void withoutKeepAliveEachRequestNeedsItsOwnConnection() {
        CliRun fetch = CliRun.run("fetch", "-n", "100", "-c", "16", "--no-keep-alive", server.url("/"));

        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(server.accepted()).isEqualTo(100);
        assertThat(server.heads()).hasSize(100).allMatch(head -> head.contains("\nconnection: close\n"));
        assertThat(fetch.row("leases new")).isEqualTo(100);
    }

    @Test
    void limitPerEndpointIsKept() {
        CliRun.run("fetch", "-n", "50", "-c", "16", "--max-open-per-endpoint", "1", server.url("/"));

        assertThat(server.accepted()).isEqualTo(1);
    }

    @Test
    void requestHasTheNecessaryHeaders() {
        CliRun.run("fetch", server.url("/a%20b?c=d#e"));

        assertThat(server.heads()).singleElement().satisfies(head -> assertThat(head.lines())
                .containsExactly(
                        "GET /a%20b?c=d HTTP/1.1",
                        "host: 127.0.0.1:" + server.port(),
                        "accept: */*",
                        "user-agent: keepalive/" + CliVersion.number()));
    }

    @Test
    void eachUrlIsFetchedOnceUnlessANumberIsGiven() {
        CliRun.run("fetch", server.url("/a"), server.url("/b"));
        CliRun.run("fetch", "-n", "3", server.url("/c"), server.url("/d"));

        assertThat(server.heads().stream().map(head -> head.split(" ")[1]))
                .containsExactly("/a", "/b", "/c", "/d", "/c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chunked", "/empty", "/not-modified", "/hints", "/length"})
    void responseWithAnEndOfItsOwnLeavesTheConnectionUsable(String path) {
        CliRun fetch = CliRun.run("fetch", "-n", "10", server.url(path));

        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(server.heads()).hasSize(10);
        assertThat(server.accepted()).isEqualTo(1);
        assertThat(fetch.row("bytes"))
                .isEqualTo(List.of("/empty", "/not-modified").contains(path) ? 0 : 50);
        assertThat(fetch.row("requests")).isEqualTo(10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/close", "/to-the-end", "/old"})
    @Tag("G12")
    void responseThatEndsTheConnectionIsCompleteAndTheNextTakesAnother(String path) {
        CliRun fetch = CliRun.run("fetch", "-n", "10", "-c", "3", server.url(path));

        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(server.heads()).hasSize(10);
        assertThat(server.accepted()).isEqualTo(10);
        assertThat(fetch.row("bytes")).isEqualTo(50);
        assertThat(fetch.row("retried")).isZero();
    }

    @Test
    void silentlyClosedConnectionsCostRetriesButNoFailures() {
        server.silentlyClosingAfter(7);

        CliRun fetch = CliRun.run("fetch", "-n", "200", "-c", "8", server.url("/"));

        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(server.heads()).hasSize(200);
        assertThat(fetch.row("status 2xx")).isEqualTo(200);
    }

    @Test
    @Tag("G24")
    void requestThatFindsItsKeptConnectionClosedIsSentAgainOnAnother() {
        server.droppingAfter(1);

        CliRun fetch = CliRun.run("fetch", "-n", "3", server.url("/"));

        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("requests")).isEqualTo(3);
        assertThat(fetch.row("status 2xx")).isEqualTo(3);
        assertThat(fetch.row("retried")).isEqualTo(2);
        assertThat(server.accepted()).isEqualTo(3);
        assertThat(server.heads()).hasSize(5);
    }

    @Test
    @Tag("G24")
    void lastRetryTakesAConnectionThatNobodyUsed() {
        server.droppingAfter(1);

        CliRun fetch = CliRun.run("fetch", "-n", "24", "-c", "20", "--max-open-per-endpoint", "20", server.url("/"));

        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("status 2xx")).isEqualTo(24);
        assertThat(server.accepted()).isGreaterThanOrEqualTo(24);
    }

    @ParameterizedTest
    @CsvSource({
        "/cut, 'before the end of its response, after 5 bytes of its body'",
        "/cut-chunk, 'before the end of its response, after 5 bytes of its body'",
        "/nothing, without a response"
    })
    @Tag("G06")
    void responseThatIsCutOffIsAFailureAndNotSentAgain(String path, String how) {
        CliRun fetch = CliRun.run("fetch", "-n", "2", server.url(path));

        assertThat(fetch.status()).isEqualTo(1);
        assertThat(server.heads()).hasSize(2);
        assertThat(fetch.row("the server closed the connection " + how))
                .as(fetch.out())
                .isEqualTo(2);
        assertThat(fetch.row("retried")).isZero();
    }

    @Test
    void responseThatIsNotHttpIsAFailure() {
        CliRun fetch = CliRun.run("fetch", server.url("/garbage"));

        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.out()).containsPattern("not a valid HTTP/1.1 response: status line: .* 1\\R");
    }

    @Test
    void statusFrom400OnIsAFailureButKeepsTheConnection() {
        CliRun fetch = CliRun.run("fetch", "-n", "6", server.url("/missing"), server.url("/broken"), server.url("/"));

        assertThat(fetch.status()).isEqualTo(1);
        assertThat(server.accepted()).isEqualTo(1);
        assertThat(fetch.row("status 2xx")).isEqualTo(2);
        assertThat(fetch.row("status 4xx")).isEqualTo(2);
        assertThat(fetch.row("status 404")).isEqualTo(2);
        assertThat(fetch.row("status 500")).isEqualTo(2);
        assertThat(fetch.row("failed")).isEqualTo(4);
    }

    @Test
    void refusedConnectionsAreFailuresOfOneKind() throws Exception {
        String closedUrl = "http://127.0.0.1:" + ConnectTest.closedPort() + "/";

        CliRun fetch = CliRun.run("fetch", "-n", "1000", "-c", "8", closedUrl);

        assertThat(fetch.status()).isEqualTo(1);
        assertThat(fetch.row("failed")).isEqualTo(1000);
        assertThat(fetch.row("connect error 111: Connection refused")).isEqualTo(1000);
        assertThat(fetch.err()).isEmpty();
        assertThat(CliRun.run("fetch", "-v", closedUrl).err())
                .containsOnlyOnce("AcquireException$DialFailed: ")
                .contains("\tat ");
    }

    @Test
    void httpsIsVerifiedWithTheGivenAuthority() throws Exception {
        try (HttpTestServer https = HttpTestServer.https(TestCertificates.serverOf("127.0.0.1"))) {
            String url = "https://127.0.0.1:" + https.port() + "/";
            CliRun fetch =
                    CliRun.run("fetch", "-n", "50", "-c", "8", "--cacert", TestCertificates.authorityFile(), url);

            assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
            assertThat(https.heads()).hasSize(50);
            assertThat(https.accepted()).isBetween(1, 4);

            CliRun toTheEnd = CliRun.run("fetch", "--cacert", TestCertificates.authorityFile(), url + "to-the-end");
            assertThat(toTheEnd.status()).as(toTheEnd.out()).isZero();
            assertThat(toTheEnd.row("bytes")).isEqualTo(5);

            CliRun untrusted = CliRun.run("fetch", url);
            assertThat(untrusted.status()).isEqualTo(1);
            assertThat(untrusted.out()).containsPattern("tls error 0: .*unable to find valid certification path");
        }
    }

    @Test
    void certificateOfAnotherNameIsAFailureInThePhaseTls() throws Exception {
        try (HttpTestServer https = HttpTestServer.https(TestCertificates.serverOf("other.test"))) {
            CliRun fetch = CliRun.run(
                    "fetch", "--cacert", TestCertificates.authorityFile(), "https://127.0.0.1:" + https.port() + "/");

            assertThat(fetch.status()).isEqualTo(1);
            assertThat(fetch.out()).containsPattern("tls error 0: .*127\\.0\\.0\\.1");
            assertThat(fetch.out() + fetch.err()).doesNotContain("\tat ");
            assertThat(https.heads()).isEmpty();
        }
    }
}
