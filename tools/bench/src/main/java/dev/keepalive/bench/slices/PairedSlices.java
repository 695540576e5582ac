package dev.keepalive.bench.slices;

import dev.keepalive.bench.Median;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** Pairs of slices: one of the yardstick, one of a contender. */
public final class PairedSlices {
    private static final int MEDIAN = 50;
    private static final int TAIL = 99;
    private static final Duration WARM_UP_SLICE = Duration.ofMillis(500);
    private static final double STEADY = 0.05;
    private static final int MOST_WARM_UPS = 3;

    private final List<SliceResult> raw = new ArrayList<>();
    private final List<SliceResult> own = new ArrayList<>();

    private PairedSlices() {}

    /**
     * Runs a load until it is compiled: for this time at least, and then until two slices in a row agree within 5 %. At
     * most three times as long, since a busy host is never steady. Not at all if the time is 0.
     */
    public static void warmUp(Duration least, SliceRunner load) throws InterruptedException {
        long slices = (least.toMillis() + WARM_UP_SLICE.toMillis() - 1) / WARM_UP_SLICE.toMillis();
        double before = 0;
        for (int i = 0; i < MOST_WARM_UPS * slices; i++) {
            double now = load.run(WARM_UP_SLICE).perSecond();
            if (i >= slices && Math.abs(now / before - 1) < STEADY) {
                return;
            }
            before = now;
        }
    }

    /** Runs both in turn; which comes first alternates. */
    public static PairedSlices measure(int rounds, Slice yardstick, Slice contender) throws InterruptedException {
        PairedSlices pairs = new PairedSlices();
        for (int round = 0; round < rounds; round++) {
            if (round % 2 == 0) {
                pairs.raw.add(yardstick.run());
                pairs.own.add(contender.run());
            } else {
                pairs.own.add(contender.run());
                pairs.raw.add(yardstick.run());
            }
        }
        return pairs;
    }

    /** Reports the contender's figures, absolute and relative to the yardstick of this name. */
    public void report(String yardstickName, FigureReporter reporter) {
        reporter.report("x " + yardstickName, paired((mine, yardstick) -> mine.perSecond() / yardstick.perSecond()));
        reporter.report("requests/s", median(SliceResult::perSecond));
        both("us CPU", yardstickName, SliceResult::cpuMicros, reporter);
        if (own.get(0).used().loopCpu() > 0) {
            both("us loop", yardstickName, SliceResult::loopMicros, reporter);
        }
        both("B", yardstickName, SliceResult::bytes, reporter);
        Histogram all = new Histogram(3);
        own.forEach(slice -> all.add(slice.latencies()));
        SliceResult whole = new SliceResult(all.getTotalCount(), own.get(0).used(), all);
        reporter.report("us p50", whole.percentileMicros(MEDIAN));
        reporter.report("us p99", whole.percentileMicros(TAIL));
        reporter.report("p99 / p50", whole.percentileMicros(TAIL) / whole.percentileMicros(MEDIAN));
    }

    private void both(
            String unit, String yardstickName, ToDoubleFunction<SliceResult> figure, FigureReporter reporter) {
        reporter.report(unit, median(figure));
        reporter.report(
                unit + " over " + yardstickName,
                paired((mine, yardstick) -> figure.applyAsDouble(mine) - figure.applyAsDouble(yardstick)));
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

    /** Runs a load for one slice. */
    @FunctionalInterface
    public interface Slice {
        /** Runs it. */
        SliceResult run() throws InterruptedException;
    }

    /** Receives the figures. */
    @FunctionalInterface
    public interface FigureReporter {
        /** One figure. */
        void report(String unit, double value);
    }
}
