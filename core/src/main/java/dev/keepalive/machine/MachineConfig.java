package dev.keepalive.machine;

/**
 * What the machine decides by and what never changes; times in nanoseconds, all positive, {@link Long#MAX_VALUE} for
 * never.
 *
 * @param dialTimeout how long a dial may take
 * @param idleTimeout how long a connection is kept idle
 * @param maxLifetime how long a connection is kept at all
 * @param heldFor how long a lease may be held before that is reported
 * @param backOff how long an endpoint is paused after its second failed dial in a row; twice as long after each further
 *     one
 * @param maxBackOff how long it is paused at most, and how long failures are remembered afterwards
 * @param grace how long a reset, a stop or a close may take before it is given up
 * @param scarcity how long no more connections may be open than there were when the system had no resources for another
 *     one
 * @param patience how long a busy endpoint may keep its connections while the total limit keeps an older waiter of
 *     another one out
 * @param patrol how often, at least, the alarm goes off while anything is open, so that forgotten leases are found, and
 *     it is known how late it is
 * @param budgeted true if each connection also needs a permit of a budget outside
 * @param seed what the staggering of lifetimes and the jitter of pauses begin with
 */
public record MachineConfig(
        long dialTimeout,
        long idleTimeout,
        long maxLifetime,
        long heldFor,
        long backOff,
        long maxBackOff,
        long grace,
        long scarcity,
        long patience,
        long patrol,
        boolean budgeted,
        long seed) {}
