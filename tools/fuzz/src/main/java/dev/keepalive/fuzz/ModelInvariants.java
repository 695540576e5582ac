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
                    state.fresh.firstOrdinary(endpoint) == null
                            || state.slotsIn(State.IDLE, endpoint).stream().allMatch(slot -> slot.shared),
                    Check.MODEL_INVARIANT,
                    "a waiter waits although a connection is idle");
            boolean openedAll =
                    state.wanted(endpoint) == 0 || state.free() <= 0 || state.proven.isKeptOutByShare(endpoint);
            require(openedAll, Check.MODEL_INVARIANT, "a waiter waits although a connection could be opened");
            require(
                    !state.fresh.isIdleInTheWay(endpoint),
                    Check.MODEL_INVARIANT,
                    "a connection is idle although its place is needed for a new one");
            boolean surplusRequest = state.count(endpoint, State.AWAITING_PERMIT) > 0 && state.hasSurplus(endpoint);
            require(!surplusRequest, Check.MODEL_INVARIANT, "a permit is requested that no waiter needs");
            require(
                    !waits || !state.isHopeless(endpoint),
                    Check.MODEL_INVARIANT,
                    "a waiter of a paused endpoint cannot be served");
        }
        state.slots.stream().filter(slot -> slot.shared).forEach(slot -> check(slot, state));
        boolean dispensable = state.oldest(State.IDLE, null) != null;
        require(
                !dispensable || !state.isShort() && !state.isInDebt(),
                Check.MODEL_INVARIANT,
                "a connection is idle although its place is needed");
    }

    private static void check(ModelSlot slot, ModelState state) {
        boolean open = slot.state == State.IDLE || slot.state == State.LEASED;
        require(
                slot.places.isEmpty() == (slot.state != State.LEASED),
                Check.MODEL_INVARIANT,
                "idle with places taken, or leased without");
        require(slot.yields == null || open, Check.MODEL_INVARIANT, "a connection yields that is not open");
        require(
                slot.room() == 0 || state.fresh.firstOrdinary(slot.endpoint) == null,
                Check.MODEL_INVARIANT,
                "a waiter waits although a connection has room");
        boolean forNobody = slot.yields != null
                && slot.expires > state.now
                && state.waiters.stream().allMatch(waiter -> waiter.endpoint.equals(slot.endpoint) && !waiter.fresh)
                && !state.isInDebt()
                && state.slots.size() - state.onOrder() <= state.limits.maxOpen()
                && !state.isOverLimit(slot.endpoint);
        require(!forNobody, Check.MODEL_INVARIANT, "a connection yields for nobody");
    }
}
