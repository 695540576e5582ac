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
        Duration length,
        long acquires,
        long ofEachFault) {
    /** So many threads for so long, and far fewer connections than they want. */
    static Plan of(long seed, int threads, Duration length) {
        return new Plan(seed, threads, 12, 24, 4, Duration.ofSeconds(2), length, 0, 0);
    }

    /** The same, until there were so many acquires and so many faults of each kind. */
    static Plan until(long seed, long acquires, long ofEachFault) {
        return new Plan(seed, 64, 12, 24, 4, Duration.ofSeconds(1), Duration.ZERO, acquires, ofEachFault);
    }
}
