package dev.keepalive.soak;

import java.time.Duration;

/**
 * What a soak is to be.
 *
 * @param seed of everything that is left to chance; which thread is quicker is not
 * @param threads how many workers
 * @param endpoints how many endpoints; every third speaks TLS, every fourth refuses at times
 * @param maxOpen the manager's total limit
 * @param maxOpenPerEndpoint its limit per endpoint
 * @param idleTimeout how long it keeps what is idle
 * @param patience what has not come to rest by then, never will
 * @param length how long the workers work at least
 * @param acquires how many acquires are begun at least
 * @param ofEachFault how often each fault is done at least
 */
record Plan(
        long seed,
        int threads,
        int endpoints,
        int maxOpen,
        int maxOpenPerEndpoint,
        Duration idleTimeout,
        Duration patience,
        Duration length,
        long acquires,
        long ofEachFault) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** So many threads for so long, and far fewer connections than they want. */
    static Plan of(long seed, int threads, Duration length) {
        return new Plan(seed, threads, 12, 24, 4, Duration.ofSeconds(2), PATIENCE, length, 0, 0);
    }

    /** The same, until there were so many acquires and so many faults of each kind. */
    static Plan until(long seed, long acquires, long ofEachFault) {
        return new Plan(seed, 64, 12, 24, 4, Duration.ofSeconds(1), PATIENCE, Duration.ZERO, acquires, ofEachFault);
    }

    /** The same with another patience. */
    Plan withPatience(Duration patience) {
        return new Plan(
                seed,
                threads,
                endpoints,
                maxOpen,
                maxOpenPerEndpoint,
                idleTimeout,
                patience,
                length,
                acquires,
                ofEachFault);
    }
}
