package dev.keepalive.bench.cycles;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.PoolFeature;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures one contender in all variants of one workload, each in a JVM of its own. Prints the figures. */
@Command(name = "cycles", description = "Measures the cycles of one contender.")
public final class CycleMeasurement implements Callable<Integer> {
    @Option(names = "--workload", required = true, description = "W1, W2 or W4.")
    private String workload = "";

    @Option(names = "--contender", required = true, description = "The contender to measure.")
    private String contender = "";

    @Option(names = "--quick", description = "A rough measurement: shorter times.")
    private boolean quick;

    private static final double TENTH = 10;

    private final PrintWriter out;

    private CycleMeasurement(PrintWriter out) {
        this.out = out;
    }

    /** Runs the program and ends the JVM with its status. */
    @SuppressWarnings("DefaultCharset") // figures are ASCII
    public static void main(String... args) {
        System.exit(new CommandLine(new CycleMeasurement(new PrintWriter(System.out, true))).execute(args));
    }

    @Override
    public Integer call() {
        ContenderEntry entry = ContenderRegistry.named(contender);
        for (CycleCase one : CycleCase.of(workload)) {
            if (one.includes(entry)) {
                figures(one, entry).forEach(figure -> out.println(figure.line()));
            } else if (entry.has(one.needs().toArray(PoolFeature[]::new))) {
                out.println(Figure.failed(workload, contender, one.name(), "left out: a cycle would take milliseconds")
                        .line());
            }
        }
        return 0;
    }

    private List<Figure> figures(CycleCase one, ContenderEntry entry) {
        try {
            List<Figure> figures = new ArrayList<>();
            for (RunResult result : new Runner(options(one, entry).build()).run()) {
                figures.add(figure(one, "ns", result.getPrimaryResult()));
                result.getSecondaryResults().forEach((name, more) -> {
                    if (name.endsWith("gc.alloc.rate.norm")) {
                        // Rounding drops what the JVM's other threads allocate: thousandths of a byte per cycle.
                        figures.add(new Figure(
                                workload, contender, one.name(), "B", Math.rint(more.getScore() * TENTH) / TENTH));
                    }
                });
            }
            return figures;
        } catch (RunnerException e) {
            return List.of(Figure.failed(workload, contender, one.name(), "failed: " + e.getMessage()));
        }
    }

    private Figure figure(CycleCase one, String unit, Result<?> result) {
        return new Figure(workload, contender, one.name(), unit, result.getScore());
    }

    private ChainedOptionsBuilder options(CycleCase one, ContenderEntry entry) {
        String method = entry.has(PoolFeature.EVENT_LOOP) ? ".many" : ".one";
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + CycleBenchmark.class.getName().replace(".", "\\.") + method + "$")
                .param("workload", workload)
                .param("variant", one.name())
                .param("contender", contender)
                .threads(one.threads())
                .forks(1)
                .jvmArgs("-Xms1g", "-Xmx3g", "-Xmn64m", "-Djmh.ignoreLock=true")
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        return quick
                ? options.warmupIterations(one.needsLongWarmUp() ? 12 : 8)
                        .warmupTime(TimeValue.milliseconds(250))
                        .measurementIterations(3)
                        .measurementTime(TimeValue.milliseconds(150))
                : options.warmupIterations(one.needsLongWarmUp() ? 16 : 6)
                        .warmupTime(TimeValue.milliseconds(400))
                        .measurementIterations(4)
                        .measurementTime(TimeValue.milliseconds(400));
    }
}
