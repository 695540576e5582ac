package dev.keepalive.bench.compare;

/**
 * Maps values to positions on an axis.
 *
 * @param logarithmic true for a logarithmic axis, false for a linear one
 * @param least the value at the beginning of the axis
 * @param most the value at the end of the axis
 * @param from the position of {@code least}, in pixels
 * @param to the position of {@code most}, in pixels
 */
record AxisScale(boolean logarithmic, double least, double most, double from, double to) {
    double position(double value) {
        double part = logarithmic ? Math.log(value / least) / Math.log(most / least) : (value - least) / (most - least);
        return from + (to - from) * part;
    }
}
