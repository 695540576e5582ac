package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptTest {
    @TempDir
    private Path directory;

    @Test
    void interruptPrintsTheTableSoFar() throws Exception {
        Path out = directory.resolve("out");
        Path err = directory.resolve("err");
        try (HttpTestServer server = HttpTestServer.http()) {
            Process fetch = CliProcess.of("fetch", "-n", "10000000", server.url("/"))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile())
                    .start();
            try {
                await().atMost(Duration.ofSeconds(60))
                        .until(() -> server.heads().size() > 100 || !fetch.isAlive());
                fetch.destroy();
                assertThat(fetch.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(fetch.exitValue()).isNotZero();
            } finally {
                fetch.destroyForcibly();
            }
        }
        CliRun run = new CliRun(1, Files.readString(out), Files.readString(err));
        assertThat(run.err()).containsPattern("keepalive: interrupted after \\d+ of 10000000 requests");
        assertThat(run.row("requests")).isGreaterThan(50);
        assertThat(run.row("status 2xx")).isEqualTo(run.row("requests"));
        assertThat(run.row("connections opened")).isEqualTo(1);
    }
}
