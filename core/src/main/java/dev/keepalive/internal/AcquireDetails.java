package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.machine.Waiter;
import org.jspecify.annotations.Nullable;

/**
 * The request, time and place of one acquire. Immutable.
 *
 * @param at when the acquire was called, in the time of {@link ManagerClock}
 * @param deadline when it times out, in the same time; {@link Long#MAX_VALUE} for never
 * @param site where it was called, if that is recorded
 */
record AcquireDetails(AcquireRequest request, long at, long deadline, @Nullable AcquireSite site) {
    /** The details of an acquire that is called now. */
    static AcquireDetails of(ManagerContext<?> context, AcquireRequest request, long now) {
        return new AcquireDetails(request, now, context.deadline(request, now), context.site());
    }

    /** The details of an acquire that follow from its waiter, see {@link #followsFromWaiter}. */
    static AcquireDetails ofWaiter(Waiter waiter, ManagerContext<?> context) {
        long deadline = waiter.key();
        return new AcquireDetails(
                AcquireRequest.to(waiter.endpoint()), deadline - context.acquireTimeout(), deadline, null);
    }

    /** True if the request has nothing but its endpoint. */
    static boolean isPlain(AcquireRequest request) {
        return request == AcquireRequest.to(request.endpoint());
    }

    /** True if all details follow from the waiter's endpoint and deadline, so that they need not be stored. */
    boolean followsFromWaiter() {
        return isPlain(request) && site == null && deadline < Long.MAX_VALUE;
    }
}
