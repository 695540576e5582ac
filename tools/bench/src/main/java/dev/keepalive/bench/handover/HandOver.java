package dev.keepalive.bench.handover;

import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.Median;
import dev.keepalive.bench.contenders.Contender;
import dev.keepalive.bench.contenders.Contenders;
import dev.keepalive.bench.contenders.Entrant;
import dev.keepalive.bench.contenders.Setting;
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
public final class HandOver extends Measurement {
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

    private HandOver() {
        super("W3");
    }

    /** A program of its own. */
    static HandOver program() {
        return new HandOver();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new HandOver().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        rounds = rounds > 0 ? rounds : isQuick() ? 10 : 40;
        Entrant entrant = Contenders.named(contender());
        setting("to a parked thread");
        relay(new Baton.Pooled(entrant.make(Setting.of(1, 1))));
        setting("without a pause");
        race(entrant.make(Setting.of(1, 1)));
    }

    private void relay(Baton pooled) throws Exception {
        Histogram all = new Histogram(3);
        Histogram allBare = new Histogram(3);
        double[] ratios = new double[rounds];
        for (int round = -WARM_UP; round < rounds; round++) {
            Histogram own = new Histogram(3);
            Histogram bare = new Histogram(3);
            new Relay(new Baton.Bare(), relays, bare).run();
            new Relay(pooled, relays, own).run();
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

    private void race(Contender pool) throws Exception {
        new Race(new Baton.Pooled(pool), Long.MAX_VALUE, WARM_UP_SECONDS).run();
        boolean counted = handOvers > 0;
        Race race = new Race(
                new Baton.Pooled(pool), counted ? handOvers : Long.MAX_VALUE, counted ? FOR_EVER : isQuick() ? 1 : 5);
        long begin = System.nanoTime();
        race.run();
        figure("ns", (double) (System.nanoTime() - begin) / race.hands());
        figure("us longest wait", race.longestWait() / MICRO);
        figure("hand-overs", (double) race.hands());
    }
}
