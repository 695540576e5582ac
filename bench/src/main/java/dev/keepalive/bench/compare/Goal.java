package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.ContenderKind;
import java.util.Arrays;

/**
 * What is to be reached: a ratio of two figures of one run, or a figure by itself.
 *
 * @param workload the workload
 * @param what what is compared, in words
 * @param ours the figure that is judged
 * @param base what it is divided by
 * @param bound the bound of the ratio
 * @param isLeast true if the bound is the least that the ratio may be, false if it is the most
 * @param noise by which factor the bound may be missed with nothing but noise to blame; 1 for bytes and counts, which have none
 */
record Goal(String workload, String what, FigureSource ours, FigureSource base, double bound, boolean isLeast, double noise) {
    /** At most this, exactly. */
    static Goal most(String workload, String what, FigureSource ours, FigureSource base, double bound) {
        return new Goal(workload, what, ours, base, bound, false, 1);
    }

    /** At least this, exactly. */
    static Goal least(String workload, String what, FigureSource ours, FigureSource base, double bound) {
        return new Goal(workload, what, ours, base, bound, true, 1);
    }

    /** The same, with so much noise in it. */
    Goal noisy(double factor) {
        return new Goal(workload, what, ours, base, bound, isLeast, factor);
    }

    /** How the figures of a run stand to this goal. */
    GoalVerdict on(FigureTable table) {
        String whom = base.contender(table, workload);
        double[] mine = ours.values(table, workload);
        double[] others = base.values(table, workload);
        double[] ratios = new double[mine.length];
        Arrays.setAll(ratios, round -> mine[round] / others[round]);
        return new GoalVerdict(this, MedianRange.of(mine), whom, MedianRange.of(others), MedianRange.of(ratios));
    }

    /** The bound as it is printed. */
    String boundText() {
        return (isLeast ? "≥ " : "≤ ") + FigureFormat.format(bound);
    }

    /** Which figure. */
    sealed interface FigureSource {
        /** Whose figure it is; empty if nobody's. */
        String contender(FigureTable table, String workload);

        /** Its values, by round. */
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

    /** The best figure of a kind: the least, or the greatest. */
    record BestFigure(ContenderKind kind, String setting, String unit, boolean greatest) implements FigureSource {
        @Override
        public String contender(FigureTable table, String workload) {
            return table.best(kind, workload, setting, unit, greatest).orElse("");
        }

        @Override
        public double[] values(FigureTable table, String workload) {
            return table.values(workload, contender(table, workload), setting, unit);
        }
    }

    /** A number, mostly 1: the figure stands for itself. */
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

    /** A figure plus a number. */
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
