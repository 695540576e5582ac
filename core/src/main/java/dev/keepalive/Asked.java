package dev.keepalive;

import dev.keepalive.machine.Waiter;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for in one acquire, and when, and where. Immutable.
 *
 * @param at in {@link Ticks}
 * @param deadline in {@link Ticks}; {@link Long#MAX_VALUE} for never
 * @param site where it was asked for, if that is recorded
 */
record Asked(AcquireRequest request, long at, long deadline, @Nullable AcquireSite site) {
    /** This is asked for now. */
    static Asked now(Pool<?> pool, AcquireRequest request) {
        long now = pool.ticks().now();
        return new Asked(request, now, pool.deadline(request, now), pool.site());
    }

    /** What was asked for by a waiter from which all of it follows. */
    static Asked by(Waiter waiter, Pool<?> pool) {
        long deadline = waiter.key();
        return new Asked(waiter.endpoint().plainRequest(), deadline - pool.acquireTimeout(), deadline, null);
    }

    /** True if all of it follows from the waiter's endpoint and deadline, so that it need not be kept: as a rule. */
    boolean followsFromWaiter() {
        return request.isPlain() && site == null && deadline < Long.MAX_VALUE;
    }
}
