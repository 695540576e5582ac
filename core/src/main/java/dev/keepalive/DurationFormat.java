package dev.keepalive;

/**
 * Writes numbers with three decimals. By hand: a manager that is closed puts a whole line of failures into words, and
 * formats would take longer than all the rest.
 */
final class DurationFormat {
    private static final int MICRO = 1_000;
    private static final int MILLI = 1_000_000;
    private static final int DECIMALS = 1_000;

    private DurationFormat() {}

    /** For example {@code 1.204 ms}. */
    static String millis(long nanos) {
        return text((nanos + MICRO / 2) / MICRO) + " ms";
    }

    /** For example {@code 12.300 s}. */
    static String seconds(long nanos) {
        return text((nanos + MILLI / 2) / MILLI) + " s";
    }

    /** A number that is not negative. */
    private static String text(long thousandths) {
        // The one is there for the zeros behind it.
        return thousandths / DECIMALS
                + "."
                + Long.toString(DECIMALS + thousandths % DECIMALS).substring(1);
    }
}
