package dev.keepalive.bench.compare;

/**
 * Where a value stands on an axis.
 *
 * @param logarithmic whether equal ratios are equally far apart, instead of equal differences
 * @param least the value at {@code from}
 * @param most the value at {@code to}
 * @param from the beginning of the axis, in pixels
 * @param to its end
 */
record Scale(boolean logarithmic, double least, double most, double from, double to) {
    double at(double value) {
        double part = logarithmic ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least);
        return from + (to - from) * part;
    }
}
