package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.Slot;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is due, in the model: it ends before the event that brings the time is looked at. What is due first ends first;
 * of what is due at the same time, any.
 */
final class Dues {
    private final Ledger ledger;
    private final Acts acts;
    private final Seen seen;
    private final Endings endings;
    private final Ties ties;

    Dues(Ledger ledger, Acts acts, Seen seen, Endings endings, Ties ties) {
        this.ledger = ledger;
        this.acts = acts;
        this.seen = seen;
        this.endings = endings;
        this.ties = ties;
    }

    /**
     * Which endpoints' back-off comes out differently if it is looked at before or after something else that is due at
     * the same time.
     */
    private enum Touches {
        NONE,
        ITS_OWN,
        ALL
    }

    /**
     * One thing that is due.
     *
     * @param home its endpoint; null if it concerns all
     * @param firstLine the words that are seen first when it ends, perhaps with more behind them; null if nothing is
     *     seen
     */
    private record Due(@Nullable String home, @Nullable String firstLine, Touches touches, Runnable end) {
        boolean isRivalOf(Due visible) {
            return visible.touches == Touches.ALL
                    || visible.touches == Touches.ITS_OWN && home != null && home.equals(visible.home);
        }
    }

    /** When something is due next; {@link Long#MAX_VALUE} for never. */
    long next() {
        long next = Math.min(endings.drainDue, ledger.ceilingDue);
        for (NaiveWaiter waiter : ledger.waiters) {
            next = Math.min(next, waiter.deadline);
        }
        for (NaiveSlot slot : ledger.slots) {
            next = Math.min(next, slot.due);
        }
        for (NaiveHealth health : ledger.health.values()) {
            next = Math.min(next, health.due);
        }
        return next;
    }

    /** Ends what is due by now. */
    void end() {
        for (long time = next(); time <= ledger.now && time < Long.MAX_VALUE; time = next()) {
            Due due = choose(dueAt(time));
            due.end.run();
            if (due.home != null) {
                endings.tidy(due.home);
            }
        }
    }

    private List<Due> dueAt(long time) {
        List<Due> due = new ArrayList<>();
        for (NaiveWaiter waiter : ledger.waiters) {
            if (waiter.deadline == time) {
                NaiveSlot dial = acts.awaitedBy(waiter);
                String line = Acts.failLine(waiter, AcquireOutcome.TIMED_OUT, dial);
                Touches touches = ledger.opening(waiter.home) > 0 ? Touches.ITS_OWN : Touches.NONE;
                due.add(new Due(waiter.home, line, touches, () -> acts.fail(waiter, AcquireOutcome.TIMED_OUT, dial)));
            }
        }
        for (NaiveSlot slot : ledger.slots) {
            if (slot.due == time) {
                due.add(new Due(slot.home, firstLine(slot), touches(slot), () -> expire(slot)));
            }
        }
        for (Map.Entry<String, NaiveHealth> entry : ledger.health.entrySet()) {
            if (entry.getValue().due == time) {
                due.add(new Due(
                        entry.getKey(), null, Touches.NONE, () -> endings.recovers(entry.getKey(), entry.getValue())));
            }
        }
        if (ledger.ceilingDue == time) {
            due.add(new Due(null, null, Touches.NONE, this::lift));
        }
        if (endings.drainDue == time) {
            due.add(new Due(null, null, Touches.NONE, endings::cutShort));
        }
        return due;
    }

    private void lift() {
        ledger.ceiling = Integer.MAX_VALUE;
        ledger.ceilingDue = Long.MAX_VALUE;
    }

    private Due choose(List<Due> due) {
        if (due.size() == 1) {
            return due.get(0);
        }
        Due visible = null;
        for (Due any : due) {
            if (visible == null && any.firstLine != null && seen.nextBegins(any.firstLine)) {
                visible = any;
            }
        }
        Due silent = null;
        for (Due any : due) {
            if (silent == null && any.firstLine == null && (visible == null || any.isRivalOf(visible))) {
                silent = any;
            }
        }
        if (visible != null && silent != null) {
            return ties.guess() ? silent : visible;
        }
        Due chosen = visible == null ? silent : visible;
        if (chosen == null) {
            throw new Violation(
                    Check.MODEL,
                    "nothing of what is due was seen: "
                            + due.stream().map(Due::firstLine).toList());
        }
        return chosen;
    }

    private static Touches touches(NaiveSlot slot) {
        return switch (slot.state) {
            case CLOSING -> Touches.ALL;
            case DIALING, RESETTING -> Touches.ITS_OWN;
            case AWAITING_PERMIT, IDLE, LEASED, GONE -> Touches.NONE;
        };
    }

    private @Nullable String firstLine(NaiveSlot slot) {
        return switch (slot.state) {
            case DIALING ->
                ledger.waiters.contains(slot.cause)
                        ? Acts.failLine(slot.cause, AcquireOutcome.DIAL_TIMED_OUT, slot)
                        : Acts.endLine(slot, CloseReason.STEP_TIMEOUT);
            case RESETTING -> Acts.endLine(slot, CloseReason.STEP_TIMEOUT);
            case IDLE -> Acts.sinceLine(slot);
            case LEASED -> "held " + slot.number;
            case CLOSING -> "overdue " + slot.number;
            case AWAITING_PERMIT, GONE -> throw new IllegalStateException("due while " + slot.state);
        };
    }

    private void expire(NaiveSlot slot) {
        switch (slot.state) {
            case DIALING -> {
                dialFailed(slot, AcquireOutcome.DIAL_TIMED_OUT);
                acts.end(slot, CloseReason.STEP_TIMEOUT);
            }
            case RESETTING -> acts.end(slot, CloseReason.STEP_TIMEOUT);
            case IDLE -> acts.expire(slot);
            case LEASED -> acts.held(slot);
            case CLOSING -> {
                acts.giveUp(slot);
                endings.endSurplus();
            }
            case AWAITING_PERMIT, GONE -> throw new IllegalStateException("due while " + slot.state);
        }
    }

    // ---- failed dials

    /**
     * The system has no resources for this dial: it may be tried again once if something idle can make way, and nothing
     * more is opened for a while.
     */
    void ranOut(NaiveSlot slot) {
        boolean waits = ledger.waiters.contains(slot.cause);
        if (waits && !slot.cause.triedAgain && ledger.oldest(Slot.State.IDLE, null) != null) {
            slot.cause.triedAgain = true;
        } else if (waits) {
            acts.fail(slot.cause, AcquireOutcome.DIAL_FAILED, slot);
        }
        acts.gone(slot);
        ledger.ceiling = ledger.slots.size();
        ledger.ceilingDue = ledger.after(ledger.config.scarcity());
    }

    /** The waiter that the dial was begun for is told; the endpoint's failures are counted. */
    void dialFailed(NaiveSlot slot, AcquireOutcome outcome) {
        if (ledger.waiters.contains(slot.cause)) {
            acts.fail(slot.cause, outcome, slot);
        }
        NaiveHealth health = ledger.health.get(slot.home);
        if (health == null) {
            health = new NaiveHealth(slot);
            ledger.health.put(slot.home, health);
        } else {
            health.last = slot;
            if (slot.freeSince < health.failedIn) {
                return;
            }
            health.paused = true;
        }
        health.failures++;
        health.failedIn = ledger.event;
        health.due = ledger.after(health.paused ? pause(health.failures) : ledger.config.maxBackOff());
    }

    private long pause(int failures) {
        MachineConfig config = ledger.config;
        long whole = config.backOff();
        for (int i = 2; i < failures && whole < config.maxBackOff(); i++) {
            whole = whole > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : whole * 2;
        }
        whole = Math.min(whole, config.maxBackOff());
        return Math.max(1, NaiveSpread.between(whole / 2, whole, ledger.event, config.seed()));
    }
}
