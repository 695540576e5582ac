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

        Cli cli = Cli.run("replay", "--all", file.toString());

        assertThat(cli.status()).as(cli.out()).isZero();
        assertThat(cli.out()).contains("waiter 1 gets 1 NEW").endsWith(": the same effects" + System.lineSeparator());
    }

    @Test
    void onlyTheLastLinesArePrintedUnlessAllAreWanted() throws Exception {
        Path file = recorded();

        Cli cli = Cli.run("replay", "--tail", "3", "--unchecked", file.toString());

        assertThat(cli.status()).as(cli.out()).isZero();
        assertThat(cli.out().lines().filter(line -> !line.startsWith("line://")))
                .as(cli.out())
                .hasSize(4);
        assertThat(Cli.run("replay", "--all", file.toString()).out().lines()).hasSizeGreaterThan(100);
    }

    @Test
    void aRecordingThatDoesNotFitIsAFailure() throws Exception {
        Path file = recorded();
        byte[] bytes = Files.readAllBytes(file);
        bytes[1] = 1; // most open in all was 2
        Files.write(file, bytes);

        Cli cli = Cli.run("replay", "--all", file.toString());

        assertThat(cli.status()).isOne();
        assertThat(cli.out()).contains("when it was recorded");
    }

    @Test
    void aRecordingThatIsCutOffIsReplayedToItsEnd() throws Exception {
        Path file = recorded();
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));

        Cli cli = Cli.run("replay", file.toString());

        assertThat(cli.status()).isZero();
        assertThat(cli.out()).contains("the last entry is cut off");
    }

    @Test
    void aFileThatIsNoRecordingIsBadInput() throws Exception {
        Path noRecording = Files.writeString(folder.resolve("text"), "hello");

        Cli cli = Cli.run("replay", noRecording.toString());

        assertThat(cli.status()).isEqualTo(2);
        assertThat(cli.err()).contains("FILE '" + noRecording + "' is not allowed: not a recording");
    }

    private Path recorded() throws Exception {
        Path file = folder.resolve("history");
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

    /** The last portion is written by a task of its own. */
    private static void flushed(Path file) {
        await().until(() -> Files.size(file) > 500);
    }
}
