package dev.keepalive.bench.slices;

import dev.keepalive.bench.Measurement;
import java.time.Duration;
import picocli.CommandLine.Option;

/**
 * A measurement in rounds. Each round is a slice with a yardstick and one with the contender; which comes first
 * alternates. A figure relative to the yardstick is the median over the rounds.
 */
public abstract class PairedMeasurement extends Measurement {
    private static final int QUICK_ROUNDS = 24;
    private static final int ROUNDS = 40;
    private static final int SLICE_MILLIS = 100;

    /** Long enough to compile all hot code: on two processors under load, that takes seconds. */
    private static final Duration FIRST_WARM_UP = Duration.ofSeconds(12);

    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /** The yardstick has less code. */
    private static final int YARDSTICK_SHARE = 4;

    @Option(names = "--rounds", paramLabel = "N", description = "Pairs of slices; default: 24 or 40.")
    private int rounds;

    @Option(names = "--slice", paramLabel = "MS", description = "Length of a slice by time; default: 100 ms.")
    private int slice = SLICE_MILLIS;

    @Option(
            names = "--warm-up",
            paramLabel = "MS",
            description = "How long the first load runs before it is measured, at least; default: 12,000 ms.")
    private long firstWarmUp = FIRST_WARM_UP.toMillis();

    private boolean isWarm;

    /** @param number the id of the workload */
    protected PairedMeasurement(String number) {
        super(number);
    }

    /** The next pairs run code that has not run before. */
    protected final void beginsCold() {
        isWarm = false;
    }

    /** Warms both up, measures them by slices of time, and reports the figures. */
    protected final void measurePairs(String yardstickName, SliceRunner yardstick, SliceRunner contender)
            throws InterruptedException {
        warmUp(yardstick, contender);
        Duration time = Duration.ofMillis(slice);
        report(yardstickName, () -> yardstick.run(time), () -> contender.run(time));
    }

    /** Warms both up, measures them by slices of so many requests, and reports the figures. */
    protected final void measurePairs(String yardstickName, ThreadLoad yardstick, ThreadLoad contender, long requests)
            throws InterruptedException {
        warmUp(yardstick::run, contender::run);
        report(yardstickName, () -> yardstick.run(requests), () -> contender.run(requests));
    }

    private void warmUp(SliceRunner yardstick, SliceRunner contender) throws InterruptedException {
        Duration first = Duration.ofMillis(firstWarmUp);
        Duration least = isWarm && WARM_UP.compareTo(first) < 0 ? WARM_UP : first;
        isWarm = true;
        PairedSlices.warmUp(least.dividedBy(YARDSTICK_SHARE), yardstick);
        PairedSlices.warmUp(least, contender);
    }

    private void report(String yardstickName, PairedSlices.Slice yardstick, PairedSlices.Slice contender)
            throws InterruptedException {
        PairedSlices.measure(roundCount(), yardstick, contender).report(yardstickName, this::reportFigure);
    }

    private int roundCount() {
        return rounds > 0 ? rounds : isQuick() ? QUICK_ROUNDS : ROUNDS;
    }
}
