package dev.keepalive.soak;

import java.time.Duration;

/**
 * The parameters of a soak.
 *
 * @param seed the seed of all random choices; the order of the threads is not repeatable
 * @param threads how many workers
 * @param endpoints how many endpoints the first manager has; the second has half as many
 * @param maxOpen the total limit of the first manager; the second has half of it
 * @param maxOpenPerEndpoint the limit per endpoint of both
 * @param budget how many connections both may have together
 * @param idleTimeout the idle timeout of both
 * @param patience how long a check waits before it fails
 * @param liveLimits whether the limits are changed at run time
 * @param length how long the workers work at least
 * @param acquires how many acquires are begun at least, for each manager
 * @param ofEachFault how often each fault is committed at least
 */
record SoakPlan(
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

    /** A plan with so many threads for so long, and far fewer connections than they want. */
    static SoakPlan of(long seed, int threads, Duration length) {
        return new SoakPlan(seed, threads, 12, 24, 4, 30, Duration.ofSeconds(2), PATIENCE, true, length, 0, 0);
    }

    /** The same, until there were so many acquires for each manager and so many faults of each kind. */
    static SoakPlan until(long seed, long acquires, long ofEachFault) {
        Duration idle = Duration.ofSeconds(1);
        return new SoakPlan(seed, 64, 12, 24, 4, 30, idle, PATIENCE, true, Duration.ZERO, acquires, ofEachFault);
    }

    /** The same with fixed limits and another patience. */
    SoakPlan withFixedLimits(Duration otherPatience) {
        return new SoakPlan(
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
