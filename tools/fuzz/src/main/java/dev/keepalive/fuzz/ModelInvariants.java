package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.FuzzViolation.require;

import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.Slot.State;

/**
 * The invariants of the architecture, checked on the model's state. They find mistakes that the machine and the model
 * make together.
 */
final class ModelInvariants {
    private ModelInvariants() {}

    /** What must hold after every event. */
    static void check(ModelState state) {
        for (String endpoint : state.endpoints()) {
            boolean waits =
                    state.waiters.stream().anyMatch(waiter -> !waiter.patient && waiter.endpoint.equals(endpoint));
            require(
                    state.fresh.firstOrdinary(endpoint) == null || state.count(endpoint, State.IDLE) == 0,
                    Check.MODEL_INVARIANT,
                    "a waiter waits although a connection is idle");
            boolean openedAll =
                    state.wanted(endpoint) == 0 || state.free() <= 0 || state.proven.isKeptOutByShare(endpoint);
            require(openedAll, Check.MODEL_INVARIANT, "a waiter waits although a connection could be opened");
            require(
                    !state.fresh.isIdleInTheWay(endpoint),
                    Check.MODEL_INVARIANT,
                    "a connection is idle although its place is needed for a new one");
            int surplusRequests = Math.min(
                    state.count(endpoint, State.AWAITING_PERMIT), state.coming(endpoint) - state.waiting(endpoint));
            require(surplusRequests <= 0, Check.MODEL_INVARIANT, "a permit is requested that no waiter needs");
            ModelDialHealth health = state.health.get(endpoint);
            boolean hopeless = waits
                    && health != null
                    && health.paused
                    && state.open(endpoint) == state.count(endpoint, State.CLOSING);
            require(!hopeless, Check.MODEL_INVARIANT, "a waiter of a paused endpoint cannot be served");
        }
        boolean dispensable = state.oldest(State.IDLE, null) != null;
        require(
                !dispensable || !state.isShort() && !state.isInDebt(),
                Check.MODEL_INVARIANT,
                "a connection is idle although its place is needed");
    }
}
