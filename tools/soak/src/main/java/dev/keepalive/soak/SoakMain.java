package dev.keepalive.soak;

import dev.keepalive.ManagerBuilder;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The program {@code tools/bin/soak}. Exit status: 0 if nothing was found wrong, 1 if something was, 2 for a bad
 * command line.
 */
@Command(
        name = "soak",
        description = {
            "Many threads acquire, use, release, leak and abandon connections of two managers in every possible way, "
                    + "against a server on loopback that resets, stalls, refuses, cuts answers and sends unasked data. "
                    + "At the end everything must be back: each acquire answered once, nothing leased, waiting or "
                    + "open, no descriptor or thread left, every limit kept, as counted at the server.",
            "",
            "Progress goes to the standard error, one line of figures to the standard output."
        },
        footer = {"", "Exit status: 0 nothing lost, 1 something found wrong, 2 bad input. Needs Linux."})
public final class SoakMain implements Callable<Integer> {
    /** Kept in a field: the JDK holds loggers weakly, and their levels are lost with them. */
    private static final List<Logger> EXPECTED =
            List.of(Logger.getLogger("io.netty"), Logger.getLogger("dev.keepalive"));

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @SuppressWarnings("UnusedVariable") // read by picocli
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this help.")
    private boolean help;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "1",
            description = "How long, for example 20 or 0.1. Default: ${DEFAULT-VALUE}.")
    private double minutes;

    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "The seed of all random choices, but not of the order of threads. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--threads",
            paramLabel = "T",
            defaultValue = "64",
            description = "How many threads acquire. Default: ${DEFAULT-VALUE}.")
    private int threads;

    private final PrintWriter out;
    private final PrintWriter err;

    private SoakMain(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /** Runs the program and ends the JVM with its status. */
    @SuppressWarnings("DefaultCharset") // figures are ASCII
    public static void main(String... args) {
        // Leases are leaked on purpose here, and real defects become findings, so the log stays silent.
        EXPECTED.forEach(logger -> logger.setLevel(Level.OFF));
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), args));
    }

    /**
     * Runs the program inside another.
     *
     * @return the exit status
     */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return new CommandLine(new SoakMain(out, err))
                .setOut(out)
                .setErr(err)
                .setUsageHelpAutoWidth(true)
                .execute(args);
    }

    @Override
    public Integer call() throws Exception {
        if (!(minutes > 0)) {
            throw new ParameterException(spec.commandLine(), "--minutes " + minutes + " is not allowed: more than 0");
        }
        if (threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads " + threads + " is not allowed: at least 1");
        }
        SoakPlan plan = SoakPlan.of(seed, threads, Duration.ofMillis((long) (minutes * 60_000)));
        SoakReport report = new Soak(plan, ManagerBuilder::build, err::println).run();
        report.findings().forEach(err::println);
        out.println(report.line());
        return report.findings().isEmpty() ? 0 : 1;
    }
}
