package dev.keepalive.bench.compare;

import dev.keepalive.bench.Figure;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code compare}: measures all contenders in all workloads and prints tables. */
@Command(
        name = "compare",
        sortOptions = false,
        description = {
            "Measures the manager, other pools and floors (the least work that the task needs) side by side: round by "
                    + "round, each measurement in a JVM of its own. Prints a table per workload and a table of goals. "
                    + "Goals are ratios within the run, and bytes.",
            "",
            "Run nothing else on the host meanwhile. Progress goes to standard error, the tables to standard output."
        },
        footer = {
            "",
            "A goal is 'within noise' if it is missed by no more than 15 %% with one thread, 50 %% with two threads, "
                    + "10 %% end to end.",
            "Exit status: 0 measured (goals met or not), 1 nothing could be measured, 2 bad input."
        })
public final class Compare implements Callable<Integer> {
    private static final int QUICK_ROUNDS = 2;
    private static final int ROUNDS = 3;
    private static final double NANOS = 1e9;

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
            names = "--quick",
            description = "Takes a quarter of an hour: fewer contenders, shorter measurements, two rounds.")
    private boolean quick;

    @Option(names = "--only", paramLabel = "W1,W4", split = ",", description = "Only these workloads.")
    private List<String> only = List.of();

    @Option(names = "--contenders", paramLabel = "A,B", split = ",", description = "Only these contenders.")
    private List<String> contenders = List.of();

    @Option(names = "--rounds", paramLabel = "N", description = "Number of rounds. Default: 2 with --quick, else 3.")
    private @Nullable Integer rounds;

    @Option(
            names = "--jdk",
            paramLabel = "PATH",
            description = "Home of the JDK to measure on. Default: the running one.")
    private @Nullable Path jdk;

    @Option(names = "--json", paramLabel = "FILE", description = "Writes all figures and goals to this file.")
    private @Nullable Path json;

    @Option(names = "--plots", paramLabel = "DIR", description = "Writes the plots to this directory, as SVG.")
    private @Nullable Path plots;

    private final PrintWriter out;
    private final PrintWriter err;

    private Compare(PrintWriter out, PrintWriter err) {
        this.out = out;
        this.err = err;
    }

    /** Runs the program and ends the JVM with its status. */
    public static void main(String... args) {
        System.exit(run(
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                args));
    }

    /**
     * Runs the program inside this JVM.
     *
     * @return the exit status
     */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return new CommandLine(new Compare(out, err))
                .setOut(out)
                .setErr(err)
                .setUsageHelpAutoWidth(true)
                .execute(args);
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Workload> workloads = workloads();
        int count = rounds();
        HostInfo host = HostInfo.of(jdk);
        FigureTable table = new FigureTable(count);
        MeasurementProcess process = new MeasurementProcess(host.java(), System.getProperty("java.class.path"), quick);
        for (int round = 0; round < count; round++) {
            for (Workload workload : workloads) {
                if (round == 0 || !workload.ownRounds()) {
                    measure(process, workload, round, table);
                }
            }
        }
        List<GoalVerdict> verdicts = GoalList.of(table.workloads()).stream()
                .map(goal -> goal.judge(table))
                .toList();
        report(host, workloads, table, verdicts);
        return table.workloads().isEmpty() ? 1 : 0;
    }

    private List<Workload> workloads() {
        List<String> known = Workload.ALL.stream().map(Workload::id).toList();
        for (String id : only) {
            if (!known.contains(id)) {
                throw new ParameterException(
                        spec.commandLine(), "--only " + id + " is not allowed: " + String.join(", ", known));
            }
        }
        List<String> names = Workload.ALL.stream()
                .flatMap(workload -> workload.all().stream())
                .distinct()
                .toList();
        for (String name : contenders) {
            if (!names.contains(name)) {
                throw new ParameterException(
                        spec.commandLine(), "--contenders " + name + " is not allowed: " + String.join(", ", names));
            }
        }
        return Workload.ALL.stream()
                .filter(workload -> only.isEmpty() || only.contains(workload.id()))
                .toList();
    }

    private int rounds() {
        int count = rounds == null ? quick ? QUICK_ROUNDS : ROUNDS : rounds;
        if (count < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds " + count + " is not allowed: at least 1");
        }
        return count;
    }

    /**
     * Measures all contenders in turn. Every other round runs backwards, so that no contender always follows the same
     * one.
     */
    private void measure(MeasurementProcess process, Workload workload, int round, FigureTable table)
            throws IOException, InterruptedException {
        List<String> names = new ArrayList<>(workload.contenders(quick && contenders.isEmpty()));
        if (!contenders.isEmpty()) {
            names.retainAll(contenders);
        }
        if (round % 2 == 1) {
            Collections.reverse(names);
        }
        for (String name : names) {
            long begin = System.nanoTime();
            List<Figure> figures = process.measure(workload, name);
            figures.forEach(figure -> table.add(round, figure));
            err.printf(
                    Locale.ROOT,
                    "round %d, %s, %s: %d figures in %.1f s%n",
                    round + 1,
                    workload.id(),
                    name,
                    figures.size(),
                    (System.nanoTime() - begin) / NANOS);
        }
    }

    private void report(HostInfo host, List<Workload> workloads, FigureTable table, List<GoalVerdict> verdicts)
            throws IOException {
        out.println(host.summary() + ", " + table.rounds() + " rounds" + (quick ? ", quick" : ""));
        out.println("Medians; in brackets the minimum and the maximum of the rounds.");
        out.println();
        workloads.forEach(workload -> out.print(TextReport.formatWorkload(table, workload.id(), workload.title())));
        out.print(TextReport.formatGoals(verdicts));
        out.flush();
        if (json != null) {
            Files.writeString(json, JsonReport.format(host, table, verdicts));
        }
        if (plots != null) {
            Files.createDirectories(plots);
            for (PlotRenderer.PlotFile plot : PlotRenderer.render(table)) {
                Files.writeString(plots.resolve(plot.name() + ".svg"), plot.svg());
            }
        }
    }
}
