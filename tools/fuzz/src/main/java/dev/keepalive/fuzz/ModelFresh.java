package dev.keepalive.fuzz;

import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/** What follows, in the model, from waiters that want a connection that was never used before. */
final class ModelFresh {
    private final ModelState state;

    ModelFresh(ModelState state) {
        this.state = state;
    }

    /** How many waiters want a connection that was never used before. */
    int waiting(String endpoint) {
        int fresh = 0;
        for (ModelWaiter waiter : state.waiters) {
            fresh += waiter.fresh && waiter.endpoint.equals(endpoint) ? 1 : 0;
        }
        return fresh;
    }

    /** The oldest waiter that takes any connection. */
    @Nullable
    ModelWaiter firstOrdinary(String endpoint) {
        for (ModelWaiter waiter : state.waiters) {
            if (!waiter.fresh && waiter.endpoint.equals(endpoint)) {
                return waiter;
            }
        }
        return null;
    }

    /** The waiter for which the next slot is opened: the oldest one if that needs a dial and none is under way. */
    @Nullable
    ModelWaiter nextToOpenFor(String endpoint) {
        ModelWaiter oldest = state.nthWaiter(endpoint, 0);
        boolean needsDial = oldest != null && oldest.fresh && state.opening(endpoint) == 0;
        return needsDial ? oldest : state.firstUncovered(endpoint);
    }

    /** True if waiters could dial for new connections, if idle connections of their own endpoint were not there. */
    boolean isIdleInTheWay(String endpoint) {
        int expected = state.expected(endpoint);
        int dials = (waiting(endpoint) + expected - 1) / expected;
        int without = Math.min(dials - state.opening(endpoint), state.mayDial(endpoint));
        int room = state.limits.maxOpenPerEndpoint() - state.staying(endpoint);
        return state.count(endpoint, State.IDLE) > 0 && without > Math.max(0, room);
    }

    /**
     * Whether a released connection must be closed, because the oldest waiter of its endpoint wants a new one and would
     * else wait for ever: nothing is dialed, and no room will soon be free.
     */
    boolean mustYield(String endpoint) {
        ModelWaiter oldest = state.nthWaiter(endpoint, 0);
        if (oldest == null || !oldest.fresh || state.opening(endpoint) > 0 || state.isPaused(endpoint)) {
            return false;
        }
        boolean fullHere = state.staying(endpoint) >= state.limits.maxOpenPerEndpoint();
        boolean fullInAll = state.free() + state.onOrder() <= 0 && endpoint.equals(state.nextToOpen());
        return fullHere || fullInAll;
    }
}
