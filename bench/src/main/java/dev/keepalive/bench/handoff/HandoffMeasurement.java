package dev.keepalive.bench.handoff;

import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.Median;
import dev.keepalive.bench.contenders.PoolAdapter;
import dev.keepalive.bench.contenders.ContenderRegistry;
import dev.keepalive.bench.contenders.ContenderEntry;
import dev.keepalive.bench.contenders.PoolConfig;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W3 of one contender: how long it takes from a release until the thread that was parked for the connection runs, beside {@code park} and {@code unpark}
 * alone, round by round; and the longest wait when two threads use one connection without a pause. A contender that hangs is given up after some seconds
 * without a hand-over, and the row says so.
 */
@Command(
        name = "hand-over",
        sortOptions = false,
        description = "Measures the hand-over of one connection between two threads.")
public final class HandoffMeasurement extends Measurement {
    private static final double MICRO = 1e3;
    private static final int MEDIAN = 50;
    private static final int TAIL = 99;
    /** So many rounds of relays are run before anything counts: until all that a hand-over needs is compiled. */
    private static final int WARM_UP = 20;

    private static final int WARM_UP_SECONDS = 2;
    private static final int FOR_EVER = Integer.MAX_VALUE / 2;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds of each; default: 10 or 40.")
    private int rounds;

    @Option(names = "--relays", paramLabel = "N", description = "Hand-overs in a round; default: ${DEFAULT-VALUE}.")
    private int relays = 1_000;

    @Option(
            names = "--hand-overs",
            paramLabel = "N",
            description = "Hand-overs without a pause, however long they take; default: those of 1 or 5 seconds.")
    private long handOvers;

    private HandoffMeasurement() {
        super("W3");
    }

    /** A program of its own. */
    static HandoffMeasurement program() {
        return new HandoffMeasurement();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new HandoffMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        rounds = rounds > 0 ? rounds : isQuick() ? 10 : 40;
        ContenderEntry entry = ContenderRegistry.named(contender());
        setting("to a parked thread");
        relay(new HandoffToken.PoolToken(entry.make(PoolConfig.of(1, 1))));
        setting("without a pause");
        race(entry.make(PoolConfig.of(1, 1)));
    }

    private void relay(HandoffToken pooled) throws Exception {
        Histogram all = new Histogram(3);
        Histogram allBare = new Histogram(3);
        double[] ratios = new double[rounds];
        for (int round = -WARM_UP; round < rounds; round++) {
            Histogram own = new Histogram(3);
            Histogram bare = new Histogram(3);
            new ParkedHandoff(new HandoffToken.ParkToken(), relays, bare).run();
            new ParkedHandoff(pooled, relays, own).run();
            if (round >= 0) {
                all.add(own);
                allBare.add(bare);
                ratios[round] = micros(own, MEDIAN) / micros(bare, MEDIAN);
            }
        }
        figure("us p50", micros(all, MEDIAN));
        figure("us p99", micros(all, TAIL));
        figure("us longest", all.getMaxValue() / MICRO);
        figure("us p50 of park", micros(allBare, MEDIAN));
        figure("us p99 of park", micros(allBare, TAIL));
        figure("x park p50", Median.of(ratios));
        figure("x park p99", micros(all, TAIL) / micros(allBare, TAIL));
    }

    private static double micros(Histogram latencies, int percentile) {
        return latencies.getValueAtPercentile(percentile) / MICRO;
    }

    private void race(PoolAdapter pool) throws Exception {
        new ContendedHandoff(new HandoffToken.PoolToken(pool), Long.MAX_VALUE, WARM_UP_SECONDS).run();
        boolean counted = handOvers > 0;
        ContendedHandoff contended = new ContendedHandoff(
                new HandoffToken.PoolToken(pool), counted ? handOvers : Long.MAX_VALUE, counted ? FOR_EVER : isQuick() ? 1 : 5);
        long begin = System.nanoTime();
        contended.run();
        figure("ns", (double) (System.nanoTime() - begin) / contended.handoffs());
        figure("us longest wait", contended.longestWait() / MICRO);
        figure("hand-overs", (double) contended.handoffs());
    }
}
