package dev.keepalive.cli;

import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The command {@code demo}: shows the life of one connection. */
@Command(
        name = "demo",
        versionProvider = CliVersion.class,
        description = {
            "Opens one connection, keeps it alive, reuses it, waits for it and lets it expire, on a server of its own.",
            "Each step is checked; the exit status is 0 only if all checks hold."
        },
        footer = {"", "Example:", "  keepalive demo"})
final class DemoCommand implements Callable<Integer> {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(1);

    private final CliStreams streams;

    DemoCommand(CliStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws InterruptedException {
        StepLog log = new StepLog(streams.out(), TimeSource.system());
        return new ConnectionDemo(log, 1, IDLE_TIMEOUT).run() ? 0 : 1;
    }
}
