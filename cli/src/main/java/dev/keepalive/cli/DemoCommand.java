package dev.keepalive.cli;

import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Tells the story of one connection. */
@Command(
        name = "demo",
        versionProvider = Version.class,
        description = {
            "Shows one connection being opened, kept alive, reused at once, waited for, and expiring, on a server of its own.",
            "Each step is checked; the exit status is 0 only if all of them hold."
        },
        footer = {"", "Example:", "  keepalive demo"})
final class DemoCommand implements Callable<Integer> {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(1);

    private final Streams streams;

    DemoCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws InterruptedException {
        Story story = new Story(streams.out(), TimeSource.system());
        return new Demo(story, 1, IDLE_TIMEOUT).tell() ? 0 : 1;
    }
}
