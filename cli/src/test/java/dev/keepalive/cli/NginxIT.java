package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.testservers.TestServer;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Fetches from a real server and counts connections at the server. */
class NginxIT {
    @Test
    void tenThousandRequestsNeedFourConnections() throws Exception {
        try (TestServer nginx = nginx(100_000)) {
            CliRun fetch = CliRun.run("fetch", "-n", "10000", "-c", "64", http(nginx));

            assertAllWell(fetch, 10_000);
            List<String> connections = connectionsLogged(nginx);
            assertThat(connections).hasSize(10_000);
            assertThat(connections.stream().distinct().count()).isBetween(1L, 4L);
            assertThat(fetch.row("connections opened"))
                    .isEqualTo(connections.stream().distinct().count());
        }
    }

    @Test
    void tenThousandRequestsWithoutKeepAliveNeedTenThousandConnections() throws Exception {
        try (TestServer nginx = nginx(100_000)) {
            CliRun fetch = CliRun.run("fetch", "-n", "10000", "-c", "64", "--no-keep-alive", http(nginx));

            assertAllWell(fetch, 10_000);
            List<String> connections = connectionsLogged(nginx);
            assertThat(connections).hasSize(10_000).doesNotHaveDuplicates();
        }
    }

    @Test
    void connectionsThatTheServerClosesInTheMiddleCostNoFailure() throws Exception {
        try (TestServer nginx = nginx(100)) {
            CliRun fetch = CliRun.run("fetch", "-n", "5000", "-c", "32", http(nginx));

            assertAllWell(fetch, 5_000);
            List<String> connections = connectionsLogged(nginx);
            assertThat(connections).hasSize(5_000);
            assertThat(connections.stream().distinct().count()).isBetween(50L, 60L);
        }
    }

    @Test
    void requestsOverTlsNeedFourConnections() throws Exception {
        try (TestServer nginx = nginx(100_000)) {
            CliRun fetch = CliRun.run(
                    "fetch", "-n", "2000", "-c", "16", "--cacert", TestCertificates.authorityFile(), https(nginx));

            assertAllWell(fetch, 2_000);
            List<String> connections = connectionsLogged(nginx);
            assertThat(connections).hasSize(2_000);
            assertThat(connections.stream().distinct().count()).isBetween(1L, 4L);
        }
    }

    /** @param requestsPerConnection after how many requests nginx closes a connection */
    private static TestServer nginx(int requestsPerConnection) {
        X509Bundle certificate = TestCertificates.issuedTo("127.0.0.1");
        return TestServer.nginxTls(
                certificate.getCertificatePathPEM(),
                certificate.getPrivateKeyPEM(),
                "listen 127.0.0.1:PORT;",
                "listen 127.0.0.1:OTHER_PORT ssl;",
                "keepalive_requests " + requestsPerConnection + ";",
                "location / { return 200 \"hello\\n\"; }");
    }

    private static String http(TestServer nginx) {
        return "http://127.0.0.1:" + nginx.port() + "/";
    }

    private static String https(TestServer nginx) {
        return "https://127.0.0.1:" + nginx.otherPort() + "/";
    }

    /** The number of the connection of each request; ends nginx so that its log is complete. */
    private static List<String> connectionsLogged(TestServer nginx) {
        return nginx.end().read("access.log").lines().toList();
    }

    private static void assertAllWell(CliRun fetch, long requests) {
        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("status 2xx")).isEqualTo(requests);
        assertThat(fetch.row("failed")).isZero();
        assertThat(fetch.err()).isEmpty();
    }
}
