package dev.keepalive.fuzz;

import dev.keepalive.spi.TimeSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * The program {@code tools/bin/fuzz}. Exit status: 0 without violation, 1 with one, 2 if the command line is not
 * understood.
 */
@Command(
        name = "tools/bin/fuzz",
        description = {
            "Plays random events against the state machine and against a naive model of it, and compares them after each.",
            "The last line says how many seeds and events were played, and how many seeds failed."
        },
        footer = {
            "",
            "Examples:",
            "  tools/bin/fuzz                    a thousand seeds",
            "  tools/bin/fuzz --seconds 60       as many as a minute has time for",
            "  tools/bin/fuzz --seed 42          that one again",
            "",
            "Exit status: 0 no violation, 1 a violation, 2 bad input."
        })
public final class Main implements Callable<Integer> {
    private static final int USUAL_SEEDS = 1000;

    @SuppressWarnings("UnusedVariable") // read by picocli
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this help.")
    private boolean help;

    @Option(names = "--seconds", paramLabel = "N", description = "Goes on for so long.")
    private @Nullable Integer seconds;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The first seed; without --seeds or --seconds the only one. Else any.")
    private @Nullable Long seed;

    @Option(names = "--seeds", paramLabel = "N", description = "How many seeds; else 1000.")
    private @Nullable Long seeds;

    @Option(names = "--events", paramLabel = "N", description = "Operations per seed; else ${DEFAULT-VALUE}.")
    private int events = 1000;

    @Option(names = "--threads", paramLabel = "N", description = "How many at a time; else one per processor.")
    private @Nullable Integer threads;

    @Option(
            names = "--reports",
            paramLabel = "N",
            description = "Shrinks and shows so many failing seeds; else ${DEFAULT-VALUE}.")
    private int reports = 1;

    @Option(names = "--first", description = "Stops at the first seed that fails.")
    private boolean first;

    @Option(
            names = "--replay",
            paramLabel = "OPERATIONS",
            description = "Plays these operations under the numbers of --seed.")
    private @Nullable String replay;

    private Main() {}

    /** Runs the program, and ends the JVM with its status. */
    public static void main(String... args) {
        CommandLine command = new CommandLine(new Main()).setUsageHelpAutoWidth(true);
        command.setParameterExceptionHandler((bad, arguments) -> badInput(bad));
        System.exit(command.execute(args));
    }

    private static int badInput(ParameterException bad) {
        System.err.println("fuzz: " + bad.getMessage());
        System.err.println("Try 'tools/bin/fuzz --help'.");
        return CommandLine.ExitCode.USAGE;
    }

    @Override
    public Integer call() throws InterruptedException {
        long from = seed == null ? new Random().nextInt(Integer.MAX_VALUE) : seed;
        return replay == null ? campaign(from) : replay(from, replay);
    }

    private int campaign(long from) throws InterruptedException {
        TimeSource clock = TimeSource.system();
        long begin = clock.nanoTime();
        long limit = seconds == null ? Long.MAX_VALUE : TimeUnit.SECONDS.toNanos(seconds);
        long count = seeds != null ? seeds : seconds != null ? Long.MAX_VALUE : seed != null ? 1 : USUAL_SEEDS;
        int atOnce = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        AtomicInteger left = new AtomicInteger(reports);
        Campaign campaign = new Campaign(from, count, events);
        System.out.println("from seed " + from + " on, " + events + " operations each");
        campaign.play(atOnce, () -> clock.nanoTime() - begin >= limit || first && campaign.violations() > 0, failed -> {
            if (left.getAndDecrement() > 0) {
                show(Report.of(failed, Setup.of(failed), Generator.operations(failed, events)));
            }
        });
        long took = TimeUnit.NANOSECONDS.toSeconds(clock.nanoTime() - begin);
        return end(campaign.seeds(), campaign.events(), campaign.violations(), took);
    }

    private static int replay(long seed, String operations) {
        List<Operation> all = Operation.parse(operations);
        Run run = Run.of(Setup.of(seed), all, true);
        show(run.transcript());
        Violation violation = run.violation();
        if (violation != null) {
            System.out.println("  " + violation.check() + ": " + violation.getMessage());
        }
        return end(1, run.events(), violation == null ? 0 : 1, 0);
    }

    private static int end(long seeds, long events, long violations, long seconds) {
        System.out.println("fuzz: " + seeds + " seeds, " + events + " events, " + violations + " violations, in "
                + seconds + " s");
        return violations == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static synchronized void show(List<String> lines) {
        lines.forEach(System.out::println);
    }
}
