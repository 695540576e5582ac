package dev.keepalive.bench.compare;

import java.util.Locale;

/** Formats numbers for people. */
final class FigureFormat {
    private static final double WHOLE = 100;
    private static final double ONE_DIGIT = 10;
    private static final double SMALL = 0.01;

    private FigureFormat() {}

    /** About three digits, with commas between thousands. */
    static String format(double value) {
        double size = Math.abs(value);
        if (size >= WHOLE || size == 0) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        if (size >= ONE_DIGIT) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        return size >= SMALL ? String.format(Locale.ROOT, "%.2f", value) : String.format(Locale.ROOT, "%.1e", value);
    }
}
