package dev.keepalive.soak;

import java.time.Duration;

/**
 * What a soak is to be.
 *
 * @param seed of everything that is left to chance; which thread is quicker is not
 * @param threads how many workers
 * @param endpoints how many endpoints the first manager has; the second has half as many
 * @param maxOpen the first manager's total limit; the second's is half of it
 * @param maxOpenPerEndpoint their limit per endpoint
 * @param budget how many connections both may have together
 * @param idleTimeout how long they keep what is idle
 * @param patience what has not come to rest by then, never will
 * @param liveLimits whether the limits are changed at run time
 * @param length how long the workers work at least
 * @param acquires how many acquires are begun at least, of each manager
 * @param ofEachFault how often each fault is done at least
 */
record Plan(
        long seed,
        int threads,
        int endpoints,
        int maxOpen,
        int maxOpenPerEndpoint,
        int budget,
        Duration idleTimeout,
        Duration patience,
        boolean liveLimits,
        Duration length,
        long acquires,
        long ofEachFault) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** So many threads for so long, and far fewer connections than they want. */
    static Plan of(long seed, int threads, Duration length) {
        return new Plan(seed, threads, 12, 24, 4, 30, Duration.ofSeconds(2), PATIENCE, true, length, 0, 0);
    }

    /** The same, until there were so many acquires of each manager and so many faults of each kind. */
    static Plan until(long seed, long acquires, long ofEachFault) {
        Duration idle = Duration.ofSeconds(1);
        return new Plan(seed, 64, 12, 24, 4, 30, idle, PATIENCE, true, Duration.ZERO, acquires, ofEachFault);
    }

    /** The same with limits that stay what they are, and another patience. */
    Plan withFixedLimits(Duration otherPatience) {
        return new Plan(
                seed,
                threads,
                endpoints,
                maxOpen,
                maxOpenPerEndpoint,
                budget,
                idleTimeout,
                otherPatience,
                false,
                length,
                acquires,
                ofEachFault);
    }
}
