package dev.keepalive.bench.cycles;

import dev.keepalive.bench.Figure;
import dev.keepalive.bench.contenders.Ability;
import dev.keepalive.bench.contenders.Contenders;
import dev.keepalive.bench.contenders.Entrant;
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

/** Measures one contender in all variants of one workload, each in a JVM of its own, and prints the figures. */
@Command(name = "cycles", description = "Measures the cycles of one contender.")
public final class Cycles implements Callable<Integer> {
    @Option(names = "--workload", required = true, description = "W1, W2 or W4.")
    private String workload = "";

    @Option(names = "--contender", required = true, description = "The name of the contender.")
    private String contender = "";

    @Option(names = "--quick", description = "Shorter, and less exact.")
    private boolean quick;

    private static final double TENTH = 10;

    private final PrintWriter out;

    private Cycles(PrintWriter out) {
        this.out = out;
    }

    /** Runs the program, and ends the JVM with its status. */
    @SuppressWarnings("DefaultCharset") // figures are ASCII
    public static void main(String... args) {
        System.exit(new CommandLine(new Cycles(new PrintWriter(System.out, true))).execute(args));
    }

    @Override
    public Integer call() {
        Entrant entrant = Contenders.named(contender);
        for (Case one : Case.of(workload)) {
            if (one.takes(entrant)) {
                figures(one, entrant).forEach(figure -> out.println(figure.line()));
            } else if (entrant.can(one.needs().toArray(Ability[]::new))) {
                out.println(Figure.failed(workload, contender, one.name(), "left out: a cycle would take milliseconds")
                        .line());
            }
        }
        return 0;
    }

    private List<Figure> figures(Case one, Entrant entrant) {
        try {
            List<Figure> figures = new ArrayList<>();
            for (RunResult result : new Runner(options(one, entrant).build()).run()) {
                figures.add(figure(one, "ns", result.getPrimaryResult()));
                result.getSecondaryResults().forEach((name, more) -> {
                    if (name.endsWith("gc.alloc.rate.norm")) {
                        // What all threads of the JVM allocate besides is some thousandths of a byte per cycle.
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

    private Figure figure(Case one, String unit, Result<?> result) {
        return new Figure(workload, contender, one.name(), unit, result.getScore());
    }

    private ChainedOptionsBuilder options(Case one, Entrant entrant) {
        String method = entrant.can(Ability.CONFINED) ? ".many" : ".one";
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("^" + Cycle.class.getName().replace(".", "\\.") + method + "$")
                .param("workload", workload)
                .param("variant", one.name())
                .param("contender", contender)
                .threads(one.threads())
                .forks(1)
                .jvmArgs("-Xms512m", "-Xmx3g", "-Djmh.ignoreLock=true")
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        return quick
                ? options.warmupIterations(one.isSlowToWarmUp() ? 10 : 4)
                        .warmupTime(TimeValue.milliseconds(250))
                        .measurementIterations(3)
                        .measurementTime(TimeValue.milliseconds(150))
                : options.warmupIterations(one.isSlowToWarmUp() ? 16 : 6)
                        .warmupTime(TimeValue.milliseconds(400))
                        .measurementIterations(4)
                        .measurementTime(TimeValue.milliseconds(400));
    }
}
