package dev.keepalive.cli;

import dev.keepalive.testkit.Replay;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command {@code replay}: replays a recorded history of a manager and prints where it led. */
@Command(
        name = "replay",
        versionProvider = CliVersion.class,
        description = {
            "Repeats the recorded events of a manager on a new state machine.",
            "After every event it checks all invariants, and that the effects are the same.",
            "The last line shows the figures.",
            "Exit status: 0 if the effects are the same, 1 if not, 2 for bad input."
        },
        footer = {"", "Examples:", "  keepalive replay history", "  keepalive replay --all --unchecked history"})
final class ReplayCommand implements Callable<Integer> {
    private final CliStreams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", description = "The recorded history of a manager.")
    private Path file = Path.of("");

    @Option(names = "--all", description = "Prints every event and its effects, not only the last ones.")
    private boolean all;

    @Option(
            names = "--tail",
            paramLabel = "N",
            defaultValue = "20",
            converter = CountConverter.class,
            description = "How many of the last lines to print. Default: ${DEFAULT-VALUE}.")
    private int tail;

    @Option(names = "--unchecked", description = "Does not check the invariants; faster.")
    private boolean unchecked;

    ReplayCommand(CliStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() {
        PrintWriter out = streams.out();
        Deque<String> last = new ArrayDeque<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            Replay replay = Replay.of(in).transcript(line -> print(line, last, out));
            if (unchecked) {
                replay.withoutChecks();
            }
            return run(replay, last, out);
        } catch (NoSuchFileException absent) {
            throw notAllowed("no such file", absent);
        } catch (IOException unreadable) {
            throw notAllowed(String.valueOf(unreadable.getMessage()), unreadable);
        }
    }

    private void print(String line, Deque<String> last, PrintWriter out) {
        if (all) {
            out.println(line);
        } else {
            last.add(line);
            if (last.size() > tail) {
                last.remove();
            }
        }
    }

    private int run(Replay replay, Deque<String> last, PrintWriter out) throws IOException {
        String end = "the same effects";
        int status = 0;
        try {
            replay.run();
        } catch (EOFException cutOff) {
            end = "the same effects, and the last entry is cut off";
        } catch (IllegalStateException different) {
            end = different.getMessage();
            status = 1;
        }
        last.forEach(out::println);
        replay.countsByEndpoint().forEach((endpoint, counts) -> out.println(endpoint + ": " + counts));
        out.println("replay: " + replay.events() + " events, " + replay.counts() + ": " + end);
        return status;
    }

    private ParameterException notAllowed(String why, IOException cause) {
        return new ParameterException(spec.commandLine(), "FILE '" + file + "' is not allowed: " + why, cause);
    }
}
