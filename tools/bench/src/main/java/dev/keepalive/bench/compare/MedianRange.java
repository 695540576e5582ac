package dev.keepalive.bench.compare;

import java.util.Arrays;

/**
 * The median and the range of one figure over the rounds.
 *
 * @param median the middle value; for an even number of values, the mean of the two in the middle
 * @param min the smallest value
 * @param max the greatest value
 */
record MedianRange(double median, double min, double max) {
    /**
     * Computes both from the finite values.
     *
     * @return NaN everywhere if there is no finite value
     */
    static MedianRange of(double... values) {
        double[] sorted =
                Arrays.stream(values).filter(Double::isFinite).sorted().toArray();
        int n = sorted.length;
        if (n == 0) {
            return new MedianRange(Double.NaN, Double.NaN, Double.NaN);
        }
        return new MedianRange((sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1]);
    }

    /** True if there was a value. */
    boolean isPresent() {
        return !Double.isNaN(median);
    }

    /** The median, and the range in brackets if minimum and maximum differ. */
    @Override
    public String toString() {
        if (!isPresent()) {
            return "–";
        }
        String middle = FigureFormat.format(median);
        String least = FigureFormat.format(min);
        String most = FigureFormat.format(max);
        return least.equals(most) ? middle : middle + " (" + least + "–" + most + ")";
    }
}
