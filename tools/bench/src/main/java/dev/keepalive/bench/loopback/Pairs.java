package dev.keepalive.bench.loopback;

import dev.keepalive.bench.Median;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** Slices of the yardstick and of a contender, by pairs. */
final class Pairs {
    private static final int MEDIAN = 50;
    private static final int TAIL = 99;

    private final List<Slice> raw = new ArrayList<>();
    private final List<Slice> own = new ArrayList<>();

    private Pairs() {}

    /**
     * Has both run in turns: once the one first, once the other. Before that each runs alone until it is compiled, the yardstick for a quarter of the time: there is
     * less of it.
     */
    static Pairs of(Duration warmUp, int rounds, Duration time, Runner yardstick, Runner contender)
            throws InterruptedException {
        Pairs pairs = new Pairs();
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

    /** Reports what the contender reached: by itself, and relative to the yardstick. */
    void report(Reporter reporter) {
        reporter.figure("x raw", paired((mine, yardstick) -> mine.perSecond() / yardstick.perSecond()));
        reporter.figure("requests/s", median(Slice::perSecond));
        reporter.figure("us CPU", median(Slice::cpuMicros));
        reporter.figure("us CPU over raw", paired((mine, yardstick) -> mine.cpuMicros() - yardstick.cpuMicros()));
        reporter.figure("B", median(Slice::bytes));
        reporter.figure("B over raw", paired((mine, yardstick) -> mine.bytes() - yardstick.bytes()));
        Histogram all = new Histogram(3);
        own.forEach(slice -> all.add(slice.latencies()));
        Slice whole = new Slice(all.getTotalCount(), own.get(0).used(), all);
        reporter.figure("us p50", whole.percentileMicros(MEDIAN));
        reporter.figure("us p99", whole.percentileMicros(TAIL));
        reporter.figure("p99 / p50", whole.percentileMicros(TAIL) / whole.percentileMicros(MEDIAN));
    }

    private double median(ToDoubleFunction<Slice> figure) {
        return Median.of(own.stream().mapToDouble(figure).toArray());
    }

    private double paired(ToDoubleBiFunction<Slice, Slice> figure) {
        double[] pairs = new double[own.size()];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = figure.applyAsDouble(own.get(i), raw.get(i));
        }
        return Median.of(pairs);
    }

    /** Who runs for a while. */
    @FunctionalInterface
    interface Runner {
        Slice run(Duration time) throws InterruptedException;
    }

    /** Who gets the figures. */
    @FunctionalInterface
    interface Reporter {
        void figure(String unit, double value);
    }
}
