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

/** The program {@code tools/bin/fuzz}. Exit status: 0 without a violation, 1 with one, 2 for a bad command line. */
@Command(
        name = "tools/bin/fuzz",
        description = {
            "Plays random events against the state machine and a naive model, and compares them after each event.",
            "The last line says how many seeds and events were played, and how many seeds failed."
        },
        footer = {
            "",
            "Examples:",
            "  tools/bin/fuzz                    a thousand random seeds",
            "  tools/bin/fuzz --seconds 60       as many seeds as fit into a minute",
            "  tools/bin/fuzz --seed 42          this seed again",
            "",
            "Exit status: 0 no violation, 1 a violation, 2 bad input."
        })
public final class FuzzMain implements Callable<Integer> {
    private static final int DEFAULT_SEEDS = 1000;

    @SuppressWarnings("UnusedVariable") // read by picocli
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this help.")
    private boolean help;

    @Option(names = "--seconds", paramLabel = "N", description = "How many seconds to go on.")
    private @Nullable Integer seconds;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The first seed; without --seeds and --seconds the only one. Default: random.")
    private @Nullable Long seed;

    @Option(names = "--seeds", paramLabel = "N", description = "How many seeds. Default: 1000.")
    private @Nullable Long seeds;

    @Option(names = "--events", paramLabel = "N", description = "Operations per seed. Default: ${DEFAULT-VALUE}.")
    private int events = 1000;

    @Option(names = "--threads", paramLabel = "N", description = "How many threads. Default: one per processor.")
    private @Nullable Integer threads;

    @Option(
            names = "--reports",
            paramLabel = "N",
            description = "How many failing seeds to shrink and show. Default: ${DEFAULT-VALUE}.")
    private int reports = 1;

    @Option(names = "--first", description = "Stops at the first seed that fails.")
    private boolean first;

    @Option(
            names = "--replay",
            paramLabel = "OPERATIONS",
            description = "Plays these operations with the setup of --seed.")
    private @Nullable String replay;

    private FuzzMain() {}

    /** Runs the program and ends the JVM with its status. */
    public static void main(String... args) {
        CommandLine command = new CommandLine(new FuzzMain()).setUsageHelpAutoWidth(true);
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
        long count = seeds != null ? seeds : seconds != null ? Long.MAX_VALUE : seed != null ? 1 : DEFAULT_SEEDS;
        int threadCount = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        AtomicInteger left = new AtomicInteger(reports);
        FuzzCampaign campaign = new FuzzCampaign(from, count, events);
        System.out.println("from seed " + from + ", " + events + " operations each");
        campaign.play(
                threadCount, () -> clock.nanoTime() - begin >= limit || first && campaign.violations() > 0, failed -> {
                    if (left.getAndDecrement() > 0) {
                        show(FailureReport.of(
                                failed, FuzzSetup.of(failed), OperationGenerator.operations(failed, events)));
                    }
                });
        long took = TimeUnit.NANOSECONDS.toSeconds(clock.nanoTime() - begin);
        return end(campaign.seeds(), campaign.events(), campaign.violations(), took);
    }

    private static int replay(long seed, String operations) {
        List<FuzzOperation> all = FuzzOperation.parse(operations);
        FuzzRun run = FuzzRun.of(FuzzSetup.of(seed), all, true);
        show(run.transcript());
        FuzzViolation violation = run.violation();
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
