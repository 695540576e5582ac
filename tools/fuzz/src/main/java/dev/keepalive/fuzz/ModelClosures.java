package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Connections and waiters that the model ends without a fault: at lowered limits, by retiring, draining and shutting
 * down, and because no waiter needs them.
 */
final class ModelClosures {
    private final ModelState state;
    private final ModelActions actions;
    private final ObservedEffects observed;
    private boolean shutDown;
    private boolean leasesCut;
    private boolean finished;

    /** True once a drain or shutdown has begun. */
    boolean begun;

    /** When the drain ends at the latest. */
    long drainDue = Long.MAX_VALUE;

    ModelClosures(ModelState state, ModelActions actions, ObservedEffects observed) {
        this.state = state;
        this.actions = actions;
        this.observed = observed;
    }

    // ---- after every change of an endpoint

    /**
     * Cancels permit requests and dials that no waiter needs, fails waiters that cannot be served, and notes whether
     * the endpoint is kept out by the total limit.
     */
    void tidy(String endpoint) {
        while (state.count(endpoint, State.AWAITING_PERMIT) > 0
                && (state.hasSurplus(endpoint) || state.isPaused(endpoint))) {
            actions.end(require(state.newest(State.AWAITING_PERMIT, endpoint)), CloseReason.EVICTED);
        }
        while (begun && state.count(endpoint, State.DIALING) > 0 && state.hasSurplus(endpoint)) {
            actions.end(require(state.newest(State.DIALING, endpoint)), CloseReason.MANAGER_CLOSED);
        }
        ModelDialHealth health = state.health.get(endpoint);
        if (health != null && state.isHopeless(endpoint)) {
            for (ModelWaiter waiter : List.copyOf(state.waiters)) {
                if (waiter.endpoint.equals(endpoint) && !waiter.patient) {
                    actions.fail(waiter, AcquireOutcome.PAUSED, health.last);
                }
            }
        }
        while (state.fresh.isIdleInTheWay(endpoint)) {
            actions.endIdle(require(state.oldest(State.IDLE, endpoint)), CloseReason.EVICTED);
        }
        if (state.wanted(endpoint) > 0) {
            state.keptOutSince.putIfAbsent(endpoint, state.now);
        } else {
            state.keptOutSince.remove(endpoint);
        }
        state.proven.forgetIfEmpty(endpoint);
    }

    /** The pause ends; or the failures are forgotten, unless a dial is under way. */
    void recover(String endpoint, ModelDialHealth health) {
        if (health.paused) {
            health.paused = false;
            health.due = state.after(state.config.maxBackOff());
        } else if (state.opening(endpoint) > 0) {
            health.due = state.after(state.config.maxBackOff());
        } else {
            state.health.remove(endpoint);
        }
    }

    private void failAll(String endpoint, AcquireOutcome outcome, @Nullable ModelSlot dial) {
        for (ModelWaiter waiter = state.nthWaiter(endpoint, 0); waiter != null; waiter = state.nthWaiter(endpoint, 0)) {
            actions.fail(waiter, outcome, dial);
        }
    }

    // ---- lowered limits

    /**
     * Ends what is above the limits and not leased: idle connections first, the least recently used first; then permit
     * requests and dials, the youngest first.
     */
    void endSurplus() {
        for (String endpoint : endpointsAsObserved()) {
            endSurplus(endpoint);
            tidy(endpoint);
        }
        endSurplusInAll();
    }

    /** The close of a slot is overdue, so that it counts again. */
    void closeOverdue(ModelSlot slot) {
        actions.closeOverdue(slot);
        endSurplus(slot.endpoint);
        endSurplusInAll();
    }

    private void endSurplus(String endpoint) {
        for (ModelSlot next = nextSurplus(endpoint);
                next != null && state.isOverLimit(endpoint);
                next = nextSurplus(endpoint)) {
            if (next.state == State.IDLE) {
                actions.endIdle(next, CloseReason.RETIRED);
            } else {
                actions.end(next, CloseReason.RETIRED);
            }
        }
    }

    private void endSurplusInAll() {
        for (ModelSlot idle = state.leastRecentlyUsed();
                idle != null && state.isOverLimit();
                idle = state.leastRecentlyUsed()) {
            actions.endIdle(idle, CloseReason.RETIRED);
        }
        for (int i = state.slots.size() - 1; i >= 0 && state.isOverLimit(); i--) {
            if (state.slots.get(i).isOpening()) {
                actions.end(state.slots.get(i), CloseReason.RETIRED);
            }
        }
        endpointsAsObserved().forEach(this::tidy);
    }

    private @Nullable ModelSlot nextSurplus(String endpoint) {
        ModelSlot idle = state.oldest(State.IDLE, endpoint);
        return idle == null ? youngestOpening(endpoint) : idle;
    }

    private @Nullable ModelSlot youngestOpening(String endpoint) {
        ModelSlot asking = state.newest(State.AWAITING_PERMIT, endpoint);
        return asking == null ? state.newest(State.DIALING, endpoint) : asking;
    }

    // ---- retiring

    void retire(String endpoint) {
        List<ModelSlot> idle = state.slotsIn(State.IDLE, endpoint);
        state.slots.stream().filter(slot -> slot.endpoint.equals(endpoint)).forEach(actions::retire);
        endAllIdle(idle, CloseReason.RETIRED);
    }

    /** Retires all before a waiter fails for it. */
    void retireAll() {
        endpointsAsObserved().forEach(this::retire);
        endpointsAsObserved().forEach(this::tidy);
    }

    private void endAllIdle(List<ModelSlot> slots, CloseReason reason) {
        List<ModelSlot> left = new ArrayList<>(slots);
        while (!left.isEmpty()) {
            ModelSlot next = observed.expectOneOf(left, slot -> ModelActions.endIdleLine(slot, reason));
            actions.endIdle(next, reason);
            left.remove(next);
        }
    }

    private void endAll(List<ModelSlot> slots, CloseReason reason) {
        List<ModelSlot> left = new ArrayList<>(slots);
        while (!left.isEmpty()) {
            ModelSlot next = observed.expectOneOf(left, slot -> ModelActions.endLine(slot, reason));
            actions.end(next, reason);
            left.remove(next);
        }
    }

    // ---- drain and shutdown

    void drain(long deadline) {
        boolean first = !begun;
        begun = true;
        if (!shutDown && !finished) {
            drainDue = Math.min(drainDue, deadline);
        }
        if (first) {
            for (String endpoint : endpointsAsObserved()) {
                endAllIdle(state.slotsIn(State.IDLE, endpoint), CloseReason.MANAGER_CLOSED);
                tidy(endpoint);
            }
        }
        if (deadline <= state.now) {
            cutShort();
        }
    }

    void cutShort() {
        closeIdle();
        begun = true;
        shutDown = true;
        drainDue = Long.MAX_VALUE;
        leasesCut |= !state.waiters.isEmpty() || state.counts(null).leases() > 0;
        for (String endpoint : endpointsAsObserved()) {
            failAll(endpoint, AcquireOutcome.CLOSED, null);
            List<ModelSlot> left = new ArrayList<>();
            for (ModelSlot slot : state.slots) {
                if (slot.endpoint.equals(endpoint) && slot.state != State.CLOSING) {
                    left.add(slot);
                }
            }
            endAll(left, CloseReason.MANAGER_CLOSED);
            state.health.remove(endpoint);
            tidy(endpoint);
        }
    }

    /** Revokes all idle connections. A borrowed one turns out to be leased, so ending it cuts a lease short. */
    private void closeIdle() {
        for (String endpoint : endpointsAsObserved()) {
            endAllIdle(state.slotsIn(State.IDLE, endpoint), CloseReason.MANAGER_CLOSED);
            tidy(endpoint);
        }
    }

    /** Reports the end once nothing is held except connections whose close is overdue. */
    void finish() {
        if (begun && !finished && state.waiters.isEmpty() && state.slots.size() == state.overdue()) {
            finished = true;
            drainDue = Long.MAX_VALUE;
            observed.expect(leasesCut ? "finished cut" : "finished clean");
        }
    }

    /**
     * All endpoints, in the order in which the remaining observed lines name them. The machine may choose this order
     * freely.
     */
    private List<String> endpointsAsObserved() {
        List<String> endpoints = new ArrayList<>();
        for (String line : observed.remaining()) {
            String endpoint = endpointIn(line);
            if (endpoint != null && !endpoints.contains(endpoint)) {
                endpoints.add(endpoint);
            }
        }
        for (String endpoint : state.endpoints()) {
            if (!endpoints.contains(endpoint)) {
                endpoints.add(endpoint);
            }
        }
        return endpoints;
    }

    private @Nullable String endpointIn(String line) {
        List<String> words = List.of(line.split(" "));
        for (ModelWaiter waiter : state.waiters) {
            if (waiter.name.equals(words.get(0))) {
                return waiter.endpoint;
            }
        }
        String number = firstNumber(words);
        for (ModelSlot slot : state.slots) {
            if (String.valueOf(slot.number).equals(number)) {
                return slot.endpoint;
            }
        }
        return null;
    }

    /** The number of the line's slot: it stands after one word or more, as in {@code cancel permit request 2}. */
    private static @Nullable String firstNumber(List<String> words) {
        return words.stream().filter(word -> word.matches("\\d+")).findFirst().orElse(null);
    }

    private static ModelSlot require(@Nullable ModelSlot slot) {
        if (slot == null) {
            throw new IllegalStateException("a slot is counted but not found");
        }
        return slot;
    }
}
