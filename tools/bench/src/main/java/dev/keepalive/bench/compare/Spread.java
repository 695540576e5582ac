package dev.keepalive.bench.compare;

import java.util.Arrays;

/**
 * The values of one figure over the rounds.
 *
 * @param median the middle one; of an even number, half-way between the two in the middle
 * @param min the least
 * @param max the greatest
 */
record Spread(double median, double min, double max) {
    /**
     * The spread of these values; those that are not a number do not count.
     *
     * @return all not a number if there are none
     */
    static Spread of(double... values) {
        double[] sorted =
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        int n = sorted.length;
        if (n == 0) {
            return new Spread(Double.NaN, Double.NaN, Double.NaN);
        }
        return new Spread((sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1]);
    }

    /** True if there was a value. */
    boolean isThere() {
        return !Double.isNaN(median);
    }

    /** The spread as a person reads it: the median, and in brackets the range if there is one. */
    @Override
    public String toString() {
        if (!isThere()) {
            return "–";
        }
        String middle = Numbers.shortly(median);
        String least = Numbers.shortly(min);
        String most = Numbers.shortly(max);
        return least.equals(most) ? middle : middle + " (" + least + "–" + most + ")";
    }
}
