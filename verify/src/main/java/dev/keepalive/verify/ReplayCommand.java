package dev.keepalive.verify;

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
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Replays a recording of a manager, and tells where it led. */
@Command(
        name = "replay",
        sortOptions = false,
        description = {
            "Tells a state machine again what a manager's was told, checks all invariants after every event, and that it has the same effects.",
            "The last line is the figures. Status: 0 if it has, 1 if not, 2 for bad input."
        })
final class ReplayCommand implements Callable<Integer> {
    private static final int DEFAULT_TAIL = 20;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "What ManagerBuilder.record wrote.")
    private Path file = Path.of("");

    @Option(names = "--all", description = "Print every event and its effects, not only the last ones.")
    private boolean all;

    @Option(
            names = "--tail",
            paramLabel = "N",
            description = "How many of the last lines to print; default: ${DEFAULT-VALUE}.")
    private int tail = DEFAULT_TAIL;

    @Option(names = "--unchecked", description = "Leave the invariants unchecked: faster.")
    private boolean unchecked;

    @Option(names = "--help", usageHelp = true, description = "Print this.")
    private boolean help;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        Deque<String> last = new ArrayDeque<>();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            Replay replay = Replay.of(in).transcript(line -> print(line, last, out));
            if (unchecked) {
                replay.withoutChecks();
            }
            return run(replay, last, out);
        } catch (NoSuchFileException absent) {
            spec.commandLine().getErr().println("replay: no such file: " + file);
        } catch (IOException unreadable) {
            spec.commandLine().getErr().println("replay: " + file + ": " + unreadable.getMessage());
        }
        return 2;
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
        out.flush();
        return status;
    }
}
