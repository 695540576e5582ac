package dev.keepalive.fuzz;

/**
 * Where in a range the machine puts the duration of a given number: at that multiple of the golden ratio, counted from
 * a seed.
 */
final class NaiveSpread {
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private NaiveSpread() {}

    static long between(long least, long most, long number, long seed) {
        double fraction = ((seed + number * GOLDEN_RATIO) >>> 11) / (double) (1L << 53);
        return least + (long) ((most - least) * fraction);
    }
}
