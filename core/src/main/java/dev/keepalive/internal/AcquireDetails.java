package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.machine.Waiter;
import org.jspecify.annotations.Nullable;

/**
 * What was asked for in one acquire, and when, and where. Immutable.
 *
 * @param at in {@link ManagerClock}
 * @param deadline in {@link ManagerClock}; {@link Long#MAX_VALUE} for never
 * @param site where it was asked for, if that is recorded
 */
record AcquireDetails(AcquireRequest request, long at, long deadline, @Nullable AcquireSite site) {
    /** This is asked for now. */
    static AcquireDetails now(ManagerContext<?> context, AcquireRequest request) {
        long now = context.clock().now();
        return new AcquireDetails(request, now, context.deadline(request, now), context.site());
    }

    /** What was asked for by a waiter from which all of it follows. */
    static AcquireDetails ofWaiter(Waiter waiter, ManagerContext<?> context) {
        long deadline = waiter.key();
        return new AcquireDetails(
                AcquireRequest.to(waiter.endpoint()), deadline - context.acquireTimeout(), deadline, null);
    }

    /** True if the request has nothing but its endpoint. */
    static boolean isPlain(AcquireRequest request) {
        return request == AcquireRequest.to(request.endpoint());
    }

    /** True if all of it follows from the waiter's endpoint and deadline, so that it need not be kept: as a rule. */
    boolean followsFromWaiter() {
        return isPlain(request) && site == null && deadline < Long.MAX_VALUE;
    }
}
