package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.Limits;
import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot.State;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The naive reference. It decides what the machine must decide, from the same events, by walking over lists.
 *
 * <p>Each event compares the model's decisions with {@link ObservedEffects} and throws a {@link FuzzViolation} at the
 * first difference. Where the design leaves a choice, the model accepts any permitted one.
 */
final class ReferenceModel {
    final ModelState state;
    final ModelTotals totals = new ModelTotals();
    private final ObservedEffects observed;
    private final ModelActions actions;
    private final ModelClosures closures;
    private final ModelDispatch dispatch;
    private final ModelYields yields;
    private final ModelShared shared;
    private final ModelTimeouts timeouts;
    private final Map<Long, ModelSlot> slotsByNumber = new HashMap<>();

    ReferenceModel(Limits limits, MachineConfig config, ObservedEffects observed, TieGuesses guesses) {
        this.observed = observed;
        state = new ModelState(limits, config);
        actions = new ModelActions(state, observed, totals);
        closures = new ModelClosures(state, actions, observed);
        yields = new ModelYields(state, actions);
        dispatch = new ModelDispatch(state, actions, closures, yields);
        shared = new ModelShared(state, actions, closures, dispatch, yields);
        timeouts = new ModelTimeouts(state, actions, observed, closures, shared, guesses);
    }

    // ---- acquires

    void acquire(SimulatedCaller caller, long time) {
        begin(time);
        String endpoint = caller.endpoint;
        long deadline = caller.deadline;
        ModelWaiter waiter = new ModelWaiter(caller, state.event);
        state.proven.know(endpoint);
        state.declared.put(endpoint, caller.expected);
        state.waiters.add(waiter);
        if (closures.begun) {
            actions.fail(waiter, AcquireOutcome.CLOSED, null);
        } else if (deadline <= state.now) {
            actions.fail(waiter, AcquireOutcome.TIMED_OUT, null);
        } else {
            dispatch.serve(endpoint);
        }
        open(endpoint);
        boolean waits = state.waiters.contains(waiter) && !state.isCovered(waiter);
        if (waits && state.uncovered(endpoint) > state.limits.maxWaitingPerEndpoint()) {
            actions.fail(waiter, AcquireOutcome.QUEUE_FULL, null);
        }
        settle(endpoint);
    }

    void tryAcquire(String name, String endpoint, int loop, long time) {
        begin(time);
        ModelWaiter waiter = new ModelWaiter(name, endpoint, state.event, loop);
        state.waiters.add(waiter);
        dispatch.serve(endpoint);
        boolean served = !state.waiters.remove(waiter);
        settle(endpoint);
        if (!served) {
            observed.expect(name + " gets nothing");
        }
    }

    void cancel(String name, long time) {
        begin(time);
        ModelWaiter waiter = null;
        for (ModelWaiter any : state.waiters) {
            waiter = any.name.equals(name) ? any : waiter;
        }
        if (waiter != null) {
            state.waiters.remove(waiter);
            totals.withdrawn++;
            settle(waiter.endpoint);
        } else {
            settle(null);
            observed.expect("too late");
        }
    }

    // ---- connections

    void permitAnswered(long number, boolean granted, long time) {
        begin(time);
        ModelSlot slot = slot(number);
        if (slot.permitUnanswered) {
            slot.permitUnanswered = false;
            if (granted && slot.state == State.AWAITING_PERMIT) {
                slot.hasPermit = true;
                actions.dial(slot);
            } else {
                actions.gone(slot);
                if (granted) {
                    observed.expect("return permit " + number);
                }
            }
        }
        settle(slot.endpoint);
    }

    void dialDone(long number, DialResult result, int loop, long time) {
        begin(time);
        ModelSlot slot = slot(number);
        boolean ok = result == DialResult.OPENED;
        if (slot.dialUnanswered) {
            slot.dialUnanswered = false;
            totals.dialsFailed += ok && slot.state != State.CLOSING ? 0 : 1;
            if (slot.state == State.CLOSING) {
                stopped(slot, ok);
            } else if (ok) {
                opened(slot, loop);
            } else if (result == DialResult.OUT_OF_RESOURCES) {
                timeouts.outOfResources(slot);
            } else {
                timeouts.dialFailed(slot, AcquireOutcome.DIAL_FAILED);
                actions.gone(slot);
            }
        }
        settle(slot.endpoint);
    }

    /** The dial counts as failed if its connection is dead before it serves a waiter or is idle. */
    private void opened(ModelSlot slot, int loop) {
        actions.opened(slot, loop, 1);
        dialEnded(slot, dispatch.available(slot));
    }

    private void dialEnded(ModelSlot slot, boolean alive) {
        if (alive) {
            totals.opened++;
            state.health.remove(slot.endpoint);
            state.proven.set(slot.endpoint, true);
        } else {
            totals.dialsFailed++;
            timeouts.dialFailed(slot, AcquireOutcome.DIAL_FAILED);
        }
    }

    void openedShared(long number, int loop, int capacity, long time) {
        begin(time);
        ModelSlot slot = slot(number);
        if (slot.dialUnanswered) {
            slot.dialUnanswered = false;
            if (slot.state == State.CLOSING) {
                totals.dialsFailed++;
                stopped(slot, true);
            } else {
                actions.opened(slot, loop, capacity);
                dialEnded(slot, shared.opened(slot, capacity));
                shared.batchServed(slot);
            }
        }
        settle(slot.endpoint);
    }

    void capacity(long number, int capacity, long time) {
        begin(time);
        shared.capacity(slot(number), capacity);
        settle(slot(number).endpoint);
    }

    void leaseReset(long number, long lease, boolean reusable, long time) {
        begin(time);
        shared.reset(slot(number), lease, reusable);
        settle(slot(number).endpoint);
    }

    private void stopped(ModelSlot slot, boolean ok) {
        if (ok) {
            observed.expect("close " + slot.number + " " + slot.reason);
        } else {
            actions.gone(slot);
        }
    }

    void resetDone(long number, boolean quiet, long time) {
        begin(time);
        ModelSlot slot = slot(number);
        if (slot.state == State.RESETTING) {
            if (quiet) {
                dispatch.available(slot);
            } else {
                actions.end(slot, CloseReason.NOT_REUSABLE);
            }
        }
        settle(slot.endpoint);
    }

    void released(long number, long lease, ReleaseKind kind, @Nullable String as, long time) {
        begin(time);
        ModelSlot slot = slot(number);
        if (slot.state == State.IDLE && !slot.shared && lease > slot.lease) {
            actions.foundBorrowed(slot, lease);
        }
        boolean present =
                slot.shared ? shared.released(slot, lease, kind) : slot.state == State.LEASED && slot.lease == lease;
        totals.forgotten += present && kind == ReleaseKind.LEAKED ? 1 : 0;
        if (present && !slot.shared) {
            slot.freeSince = state.event;
            if (as == null || rekeyed(slot, as)) {
                endLease(slot, kind);
            }
        }
        settle(slot.endpoint);
        if (!present) {
            observed.expect("stale");
        }
    }

    /** Moves the slot to another endpoint if that has a place for it; else ends the slot. */
    private boolean rekeyed(ModelSlot slot, String as) {
        String before = slot.endpoint;
        state.proven.know(as);
        boolean place = as.equals(before) || state.open(as) < state.limits.maxOpenPerEndpoint();
        if (place) {
            slot.endpoint = as;
        } else {
            actions.end(slot, CloseReason.RETIRED);
        }
        closures.tidy(before);
        closures.tidy(as);
        return place;
    }

    private void endLease(ModelSlot slot, ReleaseKind kind) {
        switch (kind) {
            case REUSE -> dispatch.available(slot);
            case RESET -> actions.reset(slot);
            case NOT_REUSABLE -> actions.end(slot, CloseReason.NOT_REUSABLE);
            case INVALIDATED -> actions.end(slot, CloseReason.INVALIDATED);
            case LEAKED -> actions.end(slot, CloseReason.LEAKED);
        }
    }

    void closed(long number, CloseReason givenReason, long time) {
        begin(time);
        ModelSlot slot = slot(number);
        if (slot.state != State.GONE && !slot.dialUnanswered) {
            boolean byPeer = slot.reason == null || slot.reason == CloseReason.PEER_CLOSED;
            actions.gone(slot);
            observed.expect("gone " + number + " " + (byPeer ? givenReason : slot.reason));
        }
        settle(slot.endpoint);
    }

    // ---- the manager

    void tick(long time) {
        begin(time);
        settle(null);
    }

    void configure(Limits limits, long time) {
        begin(time);
        state.limits = limits;
        closures.endSurplus();
        settle(null);
    }

    void retire(String endpoint, long time) {
        begin(time);
        closures.retire(endpoint);
        settle(endpoint);
    }

    void retireOne(long number, long time) {
        begin(time);
        ModelSlot slot = slot(number);
        actions.retire(slot);
        if (slot.state == State.IDLE) {
            actions.endIdle(slot, CloseReason.RETIRED);
        }
        settle(slot.endpoint);
    }

    void retireAll(long time) {
        begin(time);
        closures.retireAll();
        settle(null);
    }

    /** @return what the machine must answer */
    int owed(int level, long time) {
        begin(time);
        state.owedSince = state.owed == 0 ? state.now : state.owedSince;
        state.owed = level;
        settle(null);
        return state.paying();
    }

    void drain(long deadline, long time) {
        begin(time);
        closures.drain(deadline);
        settle(null);
    }

    /** The next deadline; {@link Long#MAX_VALUE} for never. */
    long nextDue() {
        return timeouts.nextDeadline();
    }

    /** True once a drain or shutdown has begun. */
    boolean isEnding() {
        return closures.begun;
    }

    void shutdown(long time) {
        begin(time);
        closures.cutShort();
        settle(null);
    }

    // ---- decisions

    private void begin(long time) {
        state.now = Math.max(state.now, time);
        state.event++;
        timeouts.endDue();
    }

    ModelSlot slot(long number) {
        ModelSlot found = slotsByNumber.get(number);
        if (found == null) {
            throw new FuzzViolation(Check.ENVIRONMENT, "unknown slot " + number);
        }
        return found;
    }

    private void open(@Nullable String changed) {
        if (changed != null) {
            closures.tidy(changed);
        }
        for (String next = state.nextToOpen(); next != null && state.free() > 0; next = state.nextToOpen()) {
            ModelWaiter cause = state.fresh.nextToOpenFor(next);
            if (cause == null) {
                throw new IllegalStateException("an endpoint wants to open without a waiter");
            }
            actions.open(next, cause);
            ModelSlot opened = state.slots.get(state.slots.size() - 1);
            slotsByNumber.put(opened.number, opened);
            closures.tidy(next);
        }
    }

    private void settle(@Nullable String changed) {
        open(changed);
        makeWay();
        for (ModelSlot back = yields.nextToTakeBack(); back != null; back = yields.nextToTakeBack()) {
            shared.takeBack(back);
            open(back.endpoint);
            makeWay();
        }
        closures.finish();
    }

    private void makeWay() {
        for (ModelSlot makesWay = nextToMakeWay(); makesWay != null; makesWay = nextToMakeWay()) {
            if (makesWay.state != State.IDLE) {
                actions.end(makesWay, CloseReason.EVICTED);
            } else if (makesWay.shared || !actions.wasUsed(makesWay)) {
                actions.endIdle(makesWay, CloseReason.EVICTED);
            }
            closures.tidy(makesWay.endpoint);
        }
        open(null);
    }

    /** The slot that makes way, for the total limit, the budget, or the share of unproven endpoints. */
    private @Nullable ModelSlot nextToMakeWay() {
        if (state.isShort() || state.isInDebt()) {
            ModelSlot idle = state.leastRecentlyUsed();
            return idle == null ? surplusDial(false) : idle;
        }
        return state.proven.isShareShort() ? surplusDial(true) : null;
    }

    private @Nullable ModelSlot surplusDial(boolean unprovenOnly) {
        List<ModelSlot> candidates = state.surplusDials(unprovenOnly);
        return candidates.isEmpty()
                ? null
                : observed.expectOneOf(candidates, slot -> ModelActions.endLine(slot, CloseReason.EVICTED));
    }
}
