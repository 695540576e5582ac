package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeConnector;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayCommandTest {
    @TempDir
    private Path folder;

    @Test
    void aRecordingOfAManagerWithRealThreadsIsReplayed() throws Exception {
        Path file = recorded();

        CliRun run = CliRun.run("replay", "--all", file.toString());

        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.out()).contains("waiter 1 gets 1 NEW").endsWith(": the same effects" + System.lineSeparator());
    }

    @Test
    void onlyTheLastLinesArePrintedWithoutAll() throws Exception {
        Path file = recorded();

        CliRun run = CliRun.run("replay", "--tail", "3", "--unchecked", file.toString());

        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.out().lines().filter(line -> !line.startsWith("line://")))
                .as(run.out())
                .hasSize(4);
        assertThat(CliRun.run("replay", "--all", file.toString()).out().lines()).hasSizeGreaterThan(100);
    }

    @Test
    void aRecordingThatDiffersIsAFailure() throws Exception {
        Path file = recorded();
        byte[] bytes = Files.readAllBytes(file);
        bytes[1] = 1; // maxOpen was 2
        Files.write(file, bytes);

        CliRun run = CliRun.run("replay", "--all", file.toString());

        assertThat(run.status()).isOne();
        // Which difference comes first depends on the times in the recording.
        assertThat(run.out()).containsPattern("event \\d+ .*record");
    }

    @Test
    void aTruncatedRecordingIsReplayedToItsEnd() throws Exception {
        Path file = recorded();
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));

        CliRun run = CliRun.run("replay", file.toString());

        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("the last entry is cut off");
    }

    @Test
    void anotherFileIsBadInput() throws Exception {
        Path noRecording = Files.writeString(folder.resolve("text"), "hello");

        CliRun run = CliRun.run("replay", noRecording.toString());

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("FILE '" + noRecording + "' is not allowed: not a history");
    }

    private Path recorded() throws Exception {
        return recorded(folder.resolve("history"));
    }

    /** Records the history of a manager in this file. */
    static Path recorded(Path file) throws Exception {
        try (OutputStream stream = Files.newOutputStream(file)) {
            ConnectionManager<FakeConnection> manager = ConnectionManager.builder(FakeConnector.prompt())
                    .maxOpen(2)
                    .recordHistory(stream)
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

    /** The last portion is written by a separate task. */
    private static void flushed(Path file) {
        await().until(() -> Files.size(file) > 500);
    }
}
