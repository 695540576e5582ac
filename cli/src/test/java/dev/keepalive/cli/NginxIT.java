package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The main job on a real server, counted at the server. */
class NginxIT {
    @TempDir
    private Path directory;

    @BeforeAll
    static void nginxIsInstalled() {
        Assumptions.assumeTrue(
                Nginx.program().isPresent(),
                "nginx is neither on the PATH nor in /usr/sbin: install nginx-light to run these tests");
    }

    @Test
    void tenThousandRequestsNeedFourConnections() throws Exception {
        try (Nginx nginx = Nginx.start(directory, 100_000)) {
            Cli fetch = Cli.run("fetch", "-n", "10000", "-c", "64", nginx.http());

            assertAllWell(fetch, 10_000);
            List<String> connections = nginx.connectionsLogged();
            assertThat(connections).hasSize(10_000);
            assertThat(connections.stream().distinct().count()).isBetween(1L, 4L);
            assertThat(fetch.row("connections opened"))
                    .isEqualTo(connections.stream().distinct().count());
        }
    }

    @Test
    void tenThousandRequestsWithoutKeepAliveNeedTenThousandConnections() throws Exception {
        try (Nginx nginx = Nginx.start(directory, 100_000)) {
            Cli fetch = Cli.run("fetch", "-n", "10000", "-c", "64", "--no-keep-alive", nginx.http());

            assertAllWell(fetch, 10_000);
            List<String> connections = nginx.connectionsLogged();
            assertThat(connections).hasSize(10_000).doesNotHaveDuplicates();
        }
    }

    @Test
    void connectionsThatTheServerClosesInTheMiddleCostNoFailure() throws Exception {
        try (Nginx nginx = Nginx.start(directory, 100)) {
            Cli fetch = Cli.run("fetch", "-n", "5000", "-c", "32", nginx.http());

            assertAllWell(fetch, 5_000);
            List<String> connections = nginx.connectionsLogged();
            assertThat(connections).hasSize(5_000);
            assertThat(connections.stream().distinct().count()).isBetween(50L, 60L);
        }
    }

    @Test
    void requestsOverTlsNeedFourConnections() throws Exception {
        try (Nginx nginx = Nginx.start(directory, 100_000)) {
            Cli fetch =
                    Cli.run("fetch", "-n", "2000", "-c", "16", "--cacert", Certificates.authorityFile(), nginx.https());

            assertAllWell(fetch, 2_000);
            List<String> connections = nginx.connectionsLogged();
            assertThat(connections).hasSize(2_000);
            assertThat(connections.stream().distinct().count()).isBetween(1L, 4L);
        }
    }

    private static void assertAllWell(Cli fetch, long requests) {
        assertThat(fetch.status()).as(fetch.out() + fetch.err()).isZero();
        assertThat(fetch.row("status 2xx")).isEqualTo(requests);
        assertThat(fetch.row("failed")).isZero();
        assertThat(fetch.err()).isEmpty();
    }
}
