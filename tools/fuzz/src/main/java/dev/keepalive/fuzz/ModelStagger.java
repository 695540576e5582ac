package dev.keepalive.fuzz;

/** Spreads durations over a range as the machine does: by multiples of the golden ratio, starting from a seed. */
final class ModelStagger {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private ModelStagger() {}

    static long between(long least, long most, long number, long seed) {
        double fraction = ((seed + number * GOLDEN_RATIO) >>> 11) / (double) (1L << 53);
        return least + (long) ((most - least) * fraction);
    }
}
