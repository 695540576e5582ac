package dev.keepalive.bench.compare;

import dev.keepalive.bench.contenders.Kind;
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
record Goal(String workload, String what, Pick ours, Pick base, double bound, boolean isLeast, double noise) {
    /** At most this, exactly. */
    static Goal most(String workload, String what, Pick ours, Pick base, double bound) {
        return new Goal(workload, what, ours, base, bound, false, 1);
    }

    /** At least this, exactly. */
    static Goal least(String workload, String what, Pick ours, Pick base, double bound) {
        return new Goal(workload, what, ours, base, bound, true, 1);
    }

    /** The same, with so much noise in it. */
    Goal noisy(double factor) {
        return new Goal(workload, what, ours, base, bound, isLeast, factor);
    }

    /** How the figures of a run stand to this goal. */
    Verdict on(Results results) {
        String whom = base.contender(results, workload);
        double[] mine = ours.values(results, workload);
        double[] others = base.values(results, workload);
        double[] ratios = new double[mine.length];
        Arrays.setAll(ratios, round -> mine[round] / others[round]);
        return new Verdict(this, Spread.of(mine), whom, Spread.of(others), Spread.of(ratios));
    }

    /** The bound as it is printed. */
    String boundText() {
        return (isLeast ? "≥ " : "≤ ") + Numbers.shortly(bound);
    }

    /** Which figure. */
    sealed interface Pick {
        /** Whose figure it is; empty if nobody's. */
        String contender(Results results, String workload);

        /** Its values, by round. */
        double[] values(Results results, String workload);
    }

    /** The figure of one contender. */
    record Of(String name, String setting, String unit) implements Pick {
        @Override
        public String contender(Results results, String workload) {
            return name;
        }

        @Override
        public double[] values(Results results, String workload) {
            return results.values(workload, name, setting, unit);
        }
    }

    /** The best figure of a kind: the least, or the greatest. */
    record BestOf(Kind kind, String setting, String unit, boolean greatest) implements Pick {
        @Override
        public String contender(Results results, String workload) {
            return results.best(kind, workload, setting, unit, greatest).orElse("");
        }

        @Override
        public double[] values(Results results, String workload) {
            return results.values(workload, contender(results, workload), setting, unit);
        }
    }

    /** A number, mostly 1: the figure stands for itself. */
    record Constant(double value) implements Pick {
        @Override
        public String contender(Results results, String workload) {
            return "";
        }

        @Override
        public double[] values(Results results, String workload) {
            double[] values = new double[results.rounds()];
            Arrays.fill(values, value);
            return values;
        }
    }

    /** A figure plus a number. */
    record Plus(Pick pick, double more) implements Pick {
        @Override
        public String contender(Results results, String workload) {
            return pick.contender(results, workload);
        }

        @Override
        public double[] values(Results results, String workload) {
            return Arrays.stream(pick.values(results, workload))
                    .map(value -> value + more)
                    .toArray();
        }
    }
}
