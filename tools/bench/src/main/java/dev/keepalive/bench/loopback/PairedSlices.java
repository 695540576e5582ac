package dev.keepalive.bench.loopback;

import dev.keepalive.bench.Median;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** Pairs of slices: one of the yardstick, one of a contender. */
final class PairedSlices {
    private static final int MEDIAN = 50;
    private static final int TAIL = 99;

    private final List<SliceResult> raw = new ArrayList<>();
    private final List<SliceResult> own = new ArrayList<>();

    private PairedSlices() {}

    /**
     * Runs both in turn; which comes first alternates. Before that, each runs alone until it is compiled: the yardstick
     * for a quarter of the warm-up, because it has less code.
     */
    static PairedSlices measure(
            Duration warmUp, int rounds, Duration time, SliceRunner yardstick, SliceRunner contender)
            throws InterruptedException {
        PairedSlices pairs = new PairedSlices();
        yardstick.run(warmUp.dividedBy(4));
        contender.run(warmUp);
        for (int round = 0; round < rounds; round++) {
            if (round % 2 == 0) {
                pairs.raw.add(yardstick.run(time));
                pairs.own.add(contender.run(time));
            } else {
                pairs.own.add(contender.run(time));
                pairs.raw.add(yardstick.run(time));
            }
        }
        return pairs;
    }

    /** Reports the contender's figures, absolute and relative to the yardstick. */
    void report(FigureReporter reporter) {
        reporter.report("x raw", paired((mine, yardstick) -> mine.perSecond() / yardstick.perSecond()));
        reporter.report("requests/s", median(SliceResult::perSecond));
        reporter.report("us CPU", median(SliceResult::cpuMicros));
        reporter.report("us CPU over raw", paired((mine, yardstick) -> mine.cpuMicros() - yardstick.cpuMicros()));
        reporter.report("B", median(SliceResult::bytes));
        reporter.report("B over raw", paired((mine, yardstick) -> mine.bytes() - yardstick.bytes()));
        Histogram all = new Histogram(3);
        own.forEach(slice -> all.add(slice.latencies()));
        SliceResult whole = new SliceResult(all.getTotalCount(), own.get(0).used(), all);
        reporter.report("us p50", whole.percentileMicros(MEDIAN));
        reporter.report("us p99", whole.percentileMicros(TAIL));
        reporter.report("p99 / p50", whole.percentileMicros(TAIL) / whole.percentileMicros(MEDIAN));
    }

    private double median(ToDoubleFunction<SliceResult> figure) {
        return Median.of(own.stream().mapToDouble(figure).toArray());
    }

    private double paired(ToDoubleBiFunction<SliceResult, SliceResult> figure) {
        double[] pairs = new double[own.size()];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = figure.applyAsDouble(own.get(i), raw.get(i));
        }
        return Median.of(pairs);
    }

    /** Runs a load for a slice of time. */
    @FunctionalInterface
    interface SliceRunner {
        SliceResult run(Duration time) throws InterruptedException;
    }

    /** Receives the figures. */
    @FunctionalInterface
    interface FigureReporter {
        void report(String unit, double value);
    }
}
