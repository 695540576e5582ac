package dev.keepalive.machine;

/**
 * Spreads durations evenly over a range, by multiples of the golden ratio. However many are taken in a row, they leave
 * no large gap, and no two are equal. They are not random, so the same history gives the same effects.
 */
final class Stagger {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;
    private static final int FRACTION_BITS = 53;

    private final long seed;

    Stagger(long seed) {
        this.seed = seed;
    }

    /** The duration with this number in the range. */
    long between(long least, long most, long number) {
        long bits = (seed + number * GOLDEN_RATIO) >>> (Long.SIZE - FRACTION_BITS);
        return least + (long) ((most - least) * (bits / (double) (1L << FRACTION_BITS)));
    }
}
