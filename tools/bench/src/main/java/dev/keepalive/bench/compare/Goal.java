package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderKind;
import java.util.Arrays;

/**
 * A bound for the ratio of two figures of one run, or for one figure.
 *
 * @param workload the workload
 * @param description the compared figures in words
 * @param ours the figure to judge
 * @param base the figure by which it is divided
 * @param bound the bound of the ratio
 * @param isMinimum true if the bound is a minimum, false if it is a maximum
 * @param noise the factor by which noise alone may miss the bound; 1 for bytes and counts, which have no noise
 */
record Goal(
        String workload,
        String description,
        FigureSource ours,
        FigureSource base,
        double bound,
        boolean isMinimum,
        double noise) {
    /** A maximum without noise. */
    static Goal atMost(String workload, String description, FigureSource ours, FigureSource base, double bound) {
        return new Goal(workload, description, ours, base, bound, false, 1);
    }

    /** A minimum without noise. */
    static Goal atLeast(String workload, String description, FigureSource ours, FigureSource base, double bound) {
        return new Goal(workload, description, ours, base, bound, true, 1);
    }

    /** This goal with a factor for noise. */
    Goal withNoise(double factor) {
        return new Goal(workload, description, ours, base, bound, isMinimum, factor);
    }

    /** Judges the figures of a run by this goal. */
    GoalVerdict judge(FigureTable table) {
        String contender = base.contender(table, workload);
        double[] mine = ours.values(table, workload);
        double[] others = base.values(table, workload);
        double[] ratios = new double[mine.length];
        Arrays.setAll(ratios, round -> mine[round] / others[round]);
        return new GoalVerdict(this, MedianRange.of(mine), contender, MedianRange.of(others), MedianRange.of(ratios));
    }

    /** The bound as it is printed. */
    String boundText() {
        return (isMinimum ? "≥ " : "≤ ") + FigureFormat.format(bound);
    }

    /** Picks a figure from a run. */
    sealed interface FigureSource {
        /** The contender that the figure belongs to; empty if it belongs to none. */
        String contender(FigureTable table, String workload);

        /** The values, one per round. */
        double[] values(FigureTable table, String workload);
    }

    /** The figure of one contender. */
    record SingleFigure(String name, String setting, String unit) implements FigureSource {
        @Override
        public String contender(FigureTable table, String workload) {
            return name;
        }

        @Override
        public double[] values(FigureTable table, String workload) {
            return table.values(workload, name, setting, unit);
        }
    }

    /** The best figure among the contenders of one kind: the smallest, or the greatest. */
    record BestFigure(ContenderKind kind, String setting, String unit, boolean greatest) implements FigureSource {
        @Override
        public String contender(FigureTable table, String workload) {
            return table.bestContender(kind, workload, setting, unit, greatest).orElse("");
        }

        @Override
        public double[] values(FigureTable table, String workload) {
            return table.values(workload, contender(table, workload), setting, unit);
        }
    }

    /** A constant, usually 1, so that the ratio is the figure itself. */
    record ConstantValue(double value) implements FigureSource {
        @Override
        public String contender(FigureTable table, String workload) {
            return "";
        }

        @Override
        public double[] values(FigureTable table, String workload) {
            double[] values = new double[table.rounds()];
            Arrays.fill(values, value);
            return values;
        }
    }

    /** A figure plus a constant. */
    record OffsetFigure(FigureSource pick, double more) implements FigureSource {
        @Override
        public String contender(FigureTable table, String workload) {
            return pick.contender(table, workload);
        }

        @Override
        public double[] values(FigureTable table, String workload) {
            return Arrays.stream(pick.values(table, workload))
                    .map(value -> value + more)
                    .toArray();
        }
    }
}
