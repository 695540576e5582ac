package dev.keepalive.bench.handoff;

import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.Median;
import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.PoolAdapter;
import dev.keepalive.bench.contenders.PoolConfig;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W3 of one contender. First the time from a release until the thread that was parked for the connection runs;
 * rounds with {@code park} and {@code unpark} alone take turns with it. Then the longest wait when two threads use one
 * connection without a pause. A contender without a handoff for four seconds counts as hung.
 */
@Command(
        name = "handoff",
        sortOptions = false,
        description = "Measures the handoff of one connection between two threads.")
public final class HandoffMeasurement extends Measurement {
    private static final double MICRO = 1e3;
    private static final int MEDIAN = 50;
    private static final int TAIL = 99;
    /** Rounds before any counts: enough to compile the code of a handoff. */
    private static final int WARM_UP = 20;

    private static final int WARM_UP_SECONDS = 2;
    private static final int FOR_EVER = Integer.MAX_VALUE / 2;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds; default: 10 or 40.")
    private int rounds;

    @Option(names = "--handoffs", paramLabel = "N", description = "Handoffs in a round; default: ${DEFAULT-VALUE}.")
    private int handoffs = 1_000;

    @Option(
            names = "--contended",
            paramLabel = "N",
            description =
                    "Handoffs without a pause, however long they take; default: as many as fit in 1 or 5 seconds.")
    private long contendedHandoffs;

    HandoffMeasurement() {
        super("W3");
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new HandoffMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        rounds = rounds > 0 ? rounds : isQuick() ? 10 : 40;
        ContenderEntry entry = ContenderRegistry.named(contender());
        startSetting("to a parked thread");
        measureParked(new HandoffToken.PoolToken(entry.make(PoolConfig.of(1, 1))));
        startSetting("without a pause");
        measureContended(entry.make(PoolConfig.of(1, 1)));
    }

    private void measureParked(HandoffToken token) throws Exception {
        Histogram all = new Histogram(3);
        Histogram allBare = new Histogram(3);
        double[] ratios = new double[rounds];
        for (int round = -WARM_UP; round < rounds; round++) {
            Histogram own = new Histogram(3);
            Histogram bare = new Histogram(3);
            new ParkedHandoff(new HandoffToken.ParkToken(), handoffs, bare).run();
            new ParkedHandoff(token, handoffs, own).run();
            if (round >= 0) {
                all.add(own);
                allBare.add(bare);
                ratios[round] = micros(own, MEDIAN) / micros(bare, MEDIAN);
            }
        }
        reportFigure("us p50", micros(all, MEDIAN));
        reportFigure("us p99", micros(all, TAIL));
        reportFigure("us longest", all.getMaxValue() / MICRO);
        reportFigure("us p50 of park", micros(allBare, MEDIAN));
        reportFigure("us p99 of park", micros(allBare, TAIL));
        reportFigure("x park p50", Median.of(ratios));
        reportFigure("x park p99", micros(all, TAIL) / micros(allBare, TAIL));
    }

    private static double micros(Histogram latencies, int percentile) {
        return latencies.getValueAtPercentile(percentile) / MICRO;
    }

    private void measureContended(PoolAdapter pool) throws Exception {
        boolean counted = contendedHandoffs > 0;
        new ContendedHandoff(
                        new HandoffToken.PoolToken(pool), counted ? contendedHandoffs : Long.MAX_VALUE, WARM_UP_SECONDS)
                .run();
        ContendedHandoff contended = new ContendedHandoff(
                new HandoffToken.PoolToken(pool),
                counted ? contendedHandoffs : Long.MAX_VALUE,
                counted ? FOR_EVER : isQuick() ? 1 : 5);
        long begin = System.nanoTime();
        contended.run();
        reportFigure("ns", (double) (System.nanoTime() - begin) / contended.handoffs());
        reportFigure("us longest wait", contended.longestWait() / MICRO);
        reportFigure("hand-overs", (double) contended.handoffs());
    }
}
