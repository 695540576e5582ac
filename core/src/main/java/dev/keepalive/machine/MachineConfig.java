package dev.keepalive.machine;

/**
 * The options of a machine that never change. Times are in nanoseconds, all positive; {@link Long#MAX_VALUE} means
 * never.
 *
 * @param dialTimeout how long a dial may take
 * @param idleTimeout how long a connection may be idle
 * @param maxLifetime how long a connection may live
 * @param leakDetectionThreshold how long a lease may be held before it is reported
 * @param backOff how long an endpoint is paused after its second failed dial in a row; twice as long after each further
 *     one
 * @param maxBackOff how long an endpoint is paused at most, and how long failures are remembered after that
 * @param cleanupTimeout how long a reset, a stop or a close may take before the machine gives it up
 * @param ceilingDuration how long the resource ceiling holds after a dial failed for want of resources
 * @param patience how long an endpoint may go on reusing its connections while the total limit keeps an older waiter of
 *     another endpoint out
 * @param yieldWindow how long a shared connection takes no new leases at first, so that it becomes free for others;
 *     also how long it takes them undisturbed after its dial
 * @param maxYieldWindow how long it takes none at most; the time doubles from one such window to the next
 * @param lingerReport after what time a retired connection is reported whose leases do not end, if waiters of its
 *     endpoint are kept out by it
 * @param lingerTimeout after what time such a connection is closed under its holders
 * @param patrol the longest time between two ticks while a connection may be in use: leaked leases are looked for then,
 *     and late ticks are noticed
 * @param unprovenPercent how much of the room dials to endpoints that are not known to work may take, in percent: 1 to
 *     100
 * @param rememberedEndpoints of how many endpoints with nothing open it is remembered that they work
 * @param budgeted true if each connection also needs a permit of a budget
 * @param seed the start value for staggered lifetimes and for the jitter of pauses
 */
public record MachineConfig(
        long dialTimeout,
        long idleTimeout,
        long maxLifetime,
        long leakDetectionThreshold,
        long backOff,
        long maxBackOff,
        long cleanupTimeout,
        long ceilingDuration,
        long patience,
        long yieldWindow,
        long maxYieldWindow,
        long lingerReport,
        long lingerTimeout,
        long patrol,
        int unprovenPercent,
        int rememberedEndpoints,
        boolean budgeted,
        long seed) {}
