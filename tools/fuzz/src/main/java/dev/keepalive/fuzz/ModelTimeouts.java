package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.Slot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Deadlines in the model. Before an event is handled, everything that is due at its time ends. An earlier deadline ends
 * first; equal deadlines may end in any order.
 */
final class ModelTimeouts {
    private final ModelState state;
    private final ModelActions actions;
    private final ObservedEffects observed;
    private final ModelClosures closures;
    private final ModelShared shared;
    private final TieGuesses guesses;

    ModelTimeouts(
            ModelState state,
            ModelActions actions,
            ObservedEffects observed,
            ModelClosures closures,
            ModelShared shared,
            TieGuesses guesses) {
        this.state = state;
        this.actions = actions;
        this.observed = observed;
        this.closures = closures;
        this.shared = shared;
        this.guesses = guesses;
    }

    /** Whose back-off depends on whether this deadline is handled before or after others at the same time. */
    private enum BackOffImpact {
        NONE,
        ITS_OWN,
        ALL
    }

    /**
     * One deadline.
     *
     * @param endpoint the endpoint; null if it concerns all
     * @param firstLine how the first line of its effects begins; null if it has no visible effect, or perhaps none
     * @param shared the shared slot that is open; null if it concerns none
     */
    private record Due(
            @Nullable String endpoint,
            @Nullable String firstLine,
            BackOffImpact backOffImpact,
            @Nullable ModelSlot shared,
            Runnable end) {
        /** One that no shared connection has to do with. */
        Due(@Nullable String endpoint, @Nullable String firstLine, BackOffImpact backOffImpact, Runnable end) {
            this(endpoint, firstLine, backOffImpact, null, end);
        }

        /**
         * True if more than its own effects may depend on the order, though it cannot be seen: which waiters are
         * served, which of several that yield has begun last, or what a failure tells of the counts.
         */
        boolean isLeasedShared() {
            return shared != null && shared.state == Slot.State.LEASED;
        }

        boolean isRivalOf(Due visible) {
            return visible.backOffImpact == BackOffImpact.ALL
                    || visible.backOffImpact == BackOffImpact.ITS_OWN
                            && endpoint != null
                            && endpoint.equals(visible.endpoint);
        }
    }

    /** The next deadline; {@link Long#MAX_VALUE} for never. */
    long nextDeadline() {
        long next = Math.min(closures.drainDue, state.ceilingDue);
        for (ModelWaiter waiter : state.waiters) {
            next = Math.min(next, waiter.deadline);
        }
        for (ModelSlot slot : state.slots) {
            next = Math.min(next, dueOf(slot));
        }
        for (ModelDialHealth health : state.health.values()) {
            next = Math.min(next, health.due);
        }
        return next;
    }

    private long dueOf(ModelSlot slot) {
        return isOpenShared(slot) ? shared.due(slot) : slot.due;
    }

    private static boolean isOpenShared(ModelSlot slot) {
        return slot.shared && (slot.state == Slot.State.IDLE || slot.state == Slot.State.LEASED);
    }

    /** Handles all deadlines up to now. */
    void endDue() {
        for (long time = nextDeadline(); time <= state.now && time < Long.MAX_VALUE; time = nextDeadline()) {
            Due due = choose(dueAt(time));
            due.end.run();
            if (due.endpoint != null) {
                closures.tidy(due.endpoint);
            }
        }
    }

    private List<Due> dueAt(long time) {
        List<Due> due = new ArrayList<>();
        addWaiters(time, due);
        for (ModelSlot slot : state.slots) {
            if (dueOf(slot) == time) {
                ModelSlot open = isOpenShared(slot) ? slot : null;
                due.add(new Due(slot.endpoint, firstLine(slot), touches(slot), open, () -> expire(slot)));
            }
        }
        for (Map.Entry<String, ModelDialHealth> entry : state.health.entrySet()) {
            if (entry.getValue().due == time) {
                due.add(new Due(
                        entry.getKey(),
                        null,
                        BackOffImpact.NONE,
                        () -> closures.recover(entry.getKey(), entry.getValue())));
            }
        }
        if (state.ceilingDue == time) {
            due.add(new Due(null, null, BackOffImpact.NONE, this::liftCeiling));
        }
        if (closures.drainDue == time) {
            due.add(new Due(null, null, BackOffImpact.NONE, closures::cutShort));
        }
        return due;
    }

    private void addWaiters(long time, List<Due> due) {
        for (ModelWaiter waiter : state.waiters) {
            if (waiter.deadline == time) {
                ModelSlot dial = state.isCovered(waiter) ? actions.awaitedBy(waiter) : lastFailed(waiter);
                String line = ModelActions.failLine(waiter, AcquireOutcome.TIMED_OUT, dial);
                BackOffImpact backOffImpact =
                        state.opening(waiter.endpoint) > 0 ? BackOffImpact.ITS_OWN : BackOffImpact.NONE;
                due.add(new Due(
                        waiter.endpoint,
                        line,
                        backOffImpact,
                        () -> actions.fail(waiter, AcquireOutcome.TIMED_OUT, dial)));
            }
        }
    }

    /** The dial that a patient waiter has outlived last, as far as that is remembered. */
    private @Nullable ModelSlot lastFailed(ModelWaiter waiter) {
        ModelDialHealth health = state.health.get(waiter.endpoint);
        return waiter.patient && health != null ? health.last : null;
    }

    private void liftCeiling() {
        state.ceiling = Integer.MAX_VALUE;
        state.ceilingDue = Long.MAX_VALUE;
    }

    private Due choose(List<Due> due) {
        if (due.size() == 1) {
            return due.get(0);
        }
        Due visible = null;
        for (Due any : due) {
            if (visible == null && any.firstLine != null && observed.nextBegins(any.firstLine)) {
                visible = any;
            }
        }
        if (observed.nextTellsOtherCounts(state.counts(null)) && due.stream().anyMatch(any -> any.firstLine == null)) {
            visible = null; // something else has ended before
        }
        boolean orderMatters = due.stream().anyMatch(Due::isLeasedShared);
        List<Due> possible = new ArrayList<>();
        for (Due any : due) {
            boolean matters = visible == null || any.isRivalOf(visible) || any.shared != null && orderMatters;
            if (any.firstLine == null && matters) {
                possible.add(any);
            }
        }
        possible.sort(
                Comparator.comparing(any -> any.shared == null || !observed.nextBegins("claim " + any.shared.number)));
        if (visible != null) {
            possible.add(0, visible);
        }
        if (possible.isEmpty()) {
            throw new FuzzViolation(
                    Check.MODEL,
                    "no effect of a due deadline was observed: "
                            + due.stream().map(Due::firstLine).toList());
        }
        boolean isGuess = visible != null || orderMatters;
        int chosen = 0;
        while (isGuess && chosen < possible.size() - 1 && guesses.guess()) {
            chosen++;
        }
        return possible.get(chosen);
    }

    private static BackOffImpact touches(ModelSlot slot) {
        return switch (slot.state) {
            case CLOSING -> BackOffImpact.ALL;
            case DIALING, RESETTING, IDLE -> BackOffImpact.ITS_OWN;
            case LEASED -> slot.shared ? BackOffImpact.ITS_OWN : BackOffImpact.NONE;
            case AWAITING_PERMIT, GONE -> BackOffImpact.NONE;
        };
    }

    private @Nullable String firstLine(ModelSlot slot) {
        if (isOpenShared(slot)) {
            return shared.dueLine(slot);
        }
        return switch (slot.state) {
            case DIALING ->
                isToldOfFailure(slot)
                        ? ModelActions.failLine(slot.cause, AcquireOutcome.DIAL_TIMED_OUT, slot)
                        : ModelActions.endLine(slot, CloseReason.STEP_TIMEOUT);
            case RESETTING -> ModelActions.endLine(slot, CloseReason.STEP_TIMEOUT);
            case IDLE -> ModelActions.lastUsedLine(slot);
            case LEASED -> ModelActions.heldLine(slot, slot.lease);
            case CLOSING -> "close overdue " + slot.number;
            case AWAITING_PERMIT, GONE -> throw new IllegalStateException("due while " + slot.state);
        };
    }

    private void expire(ModelSlot slot) {
        if (isOpenShared(slot)) {
            shared.expire(slot);
            return;
        }
        switch (slot.state) {
            case DIALING -> {
                dialFailed(slot, AcquireOutcome.DIAL_TIMED_OUT);
                actions.end(slot, CloseReason.STEP_TIMEOUT);
            }
            case RESETTING -> actions.end(slot, CloseReason.STEP_TIMEOUT);
            case IDLE -> actions.expire(slot);
            case LEASED -> actions.heldTooLong(slot);
            case CLOSING -> closures.closeOverdue(slot);
            case AWAITING_PERMIT, GONE -> throw new IllegalStateException("due while " + slot.state);
        }
    }

    // ---- failed dials

    /** Whether the waiter that the dial was begun for waits, and fails with it. */
    private boolean isToldOfFailure(ModelSlot slot) {
        return state.waiters.contains(slot.cause) && !slot.cause.patient;
    }

    /**
     * The host had no resources for this dial. It is tried again once if an idle connection can be closed for it. For a
     * while, no more connections are opened than are open now.
     */
    void outOfResources(ModelSlot slot) {
        boolean waits = state.waiters.contains(slot.cause);
        if (waits && !slot.cause.triedAgain && state.oldest(Slot.State.IDLE, null) != null) {
            slot.cause.triedAgain = true;
        } else if (isToldOfFailure(slot)) {
            actions.fail(slot.cause, AcquireOutcome.DIAL_FAILED, slot);
        }
        actions.gone(slot);
        state.ceiling = state.slots.size();
        state.ceilingDue = state.after(state.config.ceilingDuration());
    }

    /** Fails the waiter that the dial was begun for, and counts the failure for the endpoint. */
    void dialFailed(ModelSlot slot, AcquireOutcome outcome) {
        if (isToldOfFailure(slot)) {
            actions.fail(slot.cause, outcome, slot);
        }
        state.proven.set(slot.endpoint, false);
        ModelDialHealth health = state.health.get(slot.endpoint);
        if (health == null) {
            health = new ModelDialHealth(slot);
            state.health.put(slot.endpoint, health);
        } else {
            health.last = slot;
            if (slot.freeSince < health.failedIn) {
                return;
            }
            health.paused = true;
        }
        health.failures++;
        health.failedIn = state.event;
        health.due = state.after(health.paused ? pause(health.failures) : state.config.maxBackOff());
    }

    private long pause(int failures) {
        MachineConfig config = state.config;
        long whole = config.backOff();
        for (int i = 2; i < failures && whole < config.maxBackOff(); i++) {
            whole = whole > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : whole * 2;
        }
        whole = Math.min(whole, config.maxBackOff());
        return Math.max(1, ModelStagger.between(whole / 2, whole, state.event, config.seed()));
    }
}
