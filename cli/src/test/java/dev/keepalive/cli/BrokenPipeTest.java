package dev.keepalive.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands whose output is read by another program, which ends first. */
class BrokenPipeTest {
    private static final int BROKEN_PIPE = 141;

    @TempDir
    private Path folder;

    @Test
    void connectEndsWithThePipeThoughTheServerTalksForEver() throws Exception {
        try (HttpTestServer server = HttpTestServer.http().answeringForEver("/", "hello\n")) {
            Process connect = start(CliProcess.of("connect", "127.0.0.1", String.valueOf(server.port())));
            try {
                connect.outputWriter().append("GET / HTTP/1.1\n\n").flush();
                try (BufferedReader head = connect.inputReader()) {
                    assertThat(head.readLine()).isEqualTo("hello");
                }
                assertEndsSilently(connect, "Connection is in progress.", "Connection was established asynchronously.");
                server.awaitNoConnection();
            } finally {
                connect.destroyForcibly();
            }
        }
    }

    @Test
    void replayEndsIfItsOutputHasNoReader() throws Exception {
        String file = ReplayCommandTest.recorded(folder.resolve("history")).toString();

        assertEndsSilently(start(CliProcess.withoutReader(">&3", "replay", "--all", file)));
        assertEndsSilently(start(CliProcess.withoutReader(">&3", "replay", file)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "--version", "fetch --help", "demo"})
    void anyCommandEndsIfItsOutputHasNoReader(String command) throws Exception {
        assertEndsSilently(start(CliProcess.withoutReader(">&3", command.split(" "))));
    }

    @Test
    void fetchEndsIfItsOutputHasNoReader() throws Exception {
        try (HttpTestServer server = HttpTestServer.http()) {
            assertEndsSilently(start(CliProcess.withoutReader(">&3", "fetch", "-n", "50", server.url("/"))));
            assertThat(server.heads()).hasSize(50);
        }
    }

    @Test
    void errorsWithoutReaderEndTheProgramToo() throws Exception {
        Process connect = start(CliProcess.withoutReader("2>&3", "connect", "127.0.0.1", "1"));

        assertThat(status(connect)).isEqualTo(BROKEN_PIPE);
    }

    @Test
    void outputThatCannotBeWrittenForAnotherReasonIsAnErrorWithAMessage() throws Exception {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.isWritable(full), "there is no /dev/full here");
        Process help = start(CliProcess.of("--help").redirectOutput(full.toFile()));

        assertThat(status(help)).isEqualTo(1);
        assertThat(errors()).singleElement().asString().startsWith("keepalive: the output cannot be written: ");
    }

    private void assertEndsSilently(Process process, String... errors) throws Exception {
        assertThat(status(process)).isEqualTo(BROKEN_PIPE);
        assertThat(errors()).containsExactly(errors);
    }

    private Process start(ProcessBuilder program) throws IOException {
        return program.redirectError(folder.resolve("errors").toFile()).start();
    }

    private List<String> errors() throws IOException {
        return Files.readAllLines(folder.resolve("errors"));
    }

    private static int status(Process process) throws InterruptedException {
        try {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("it ended").isTrue();
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }
}
