package dev.keepalive.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class VerifyTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir
    private Path folder;

    private int run(String... args) {
        return Verify.line()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }

    @Test
    void aRecordingOfAManagerWithRealThreadsIsReplayed() throws Exception {
        Path file = recorded();
        assertThat(run("replay", "--all", file.toString())).as(out.toString()).isZero();
        assertThat(out.toString()).contains("waiter 1 gets 1 NEW").endsWith(": the same effects\n");
    }

    @Test
    void aRecordingThatDoesNotFitIsAFailure() throws Exception {
        Path file = recorded();
        byte[] bytes = Files.readAllBytes(file);
        bytes[1] = 1; // most open in all was 2
        Files.write(file, bytes);
        assertThat(run("replay", "--all", file.toString())).isOne();
        assertThat(out.toString()).contains("when it was recorded");
    }

    @Test
    void badInputIsSaidAtOnce() throws Exception {
        assertThat(run("replay", "nowhere")).isEqualTo(2);
        assertThat(err.toString()).contains("no such file: nowhere");
        Path noRecording = Files.writeString(folder.resolve("text"), "hello");
        assertThat(run("replay", noRecording.toString())).isEqualTo(2);
        assertThat(err.toString()).contains("not a recording");
        assertThat(run("replay")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(run("growth", "--most", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("--most 0 is not allowed: at least 8");
        assertThat(run("replay", "--help")).isZero();
    }

    @Test
    void growthLeavesNothing() {
        assertThat(run("growth", "--most", "800")).isZero();
        assertThat(out.toString()).contains("800 waiters").contains("0 left").endsWith("nothing was left\n");
    }

    private Path recorded() throws Exception {
        Path file = folder.resolve("history");
        try (OutputStream stream = Files.newOutputStream(file)) {
            ConnectionManager<Lease<?>> manager = ConnectionManager.builder(new PromptConnector())
                    .maxOpen(2)
                    .record(stream)
                    .build();
            for (int i = 0; i < 100; i++) {
                manager.acquire(Endpoint.of("line", "h" + i % 3, 1))
                        .get(10, TimeUnit.SECONDS)
                        .release();
            }
            manager.close();
            manager.closed().toCompletableFuture().get(10, TimeUnit.SECONDS);
            flushed(file);
        }
        return file;
    }

    /** The last portion is written by a task of its own. */
    private static void flushed(Path file) {
        org.awaitility.Awaitility.await().until(() -> Files.size(file) > 500);
    }
}
