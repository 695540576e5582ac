package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.FuzzViolation.require;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/**
 * What the model does to a waiter or a slot. Each action changes the model's state and requires the matching effects of
 * the machine.
 */
final class ModelActions {
    private static final long NEVER = Long.MAX_VALUE;

    private final ModelState state;
    private final ObservedEffects observed;
    private final ModelTotals totals;
    private long lastNumber;
    private long lastMove;

    ModelActions(ModelState state, ObservedEffects observed, ModelTotals totals) {
        this.state = state;
        this.observed = observed;
        this.totals = totals;
    }

    // ---- waiters

    static String failLine(ModelWaiter waiter, AcquireOutcome outcome, @Nullable ModelSlot dial) {
        return waiter.name + " fails " + outcome + (dial == null ? "" : " " + dial.number);
    }

    /** The dial or permit request that a covered waiter waits for; null if the waiter is not covered. */
    @Nullable
    ModelSlot awaitedBy(ModelWaiter waiter) {
        if (!state.isCovered(waiter)) {
            return null;
        }
        ModelSlot dialing = state.oldest(State.DIALING, waiter.endpoint);
        return dialing == null ? state.oldest(State.AWAITING_PERMIT, waiter.endpoint) : dialing;
    }

    void fail(ModelWaiter waiter, AcquireOutcome outcome, @Nullable ModelSlot dial) {
        Counts own = state.counts(waiter.endpoint);
        Counts all = state.counts(null);
        state.waiters.remove(waiter);
        totals.failed(outcome);
        if (!(observed.expect(failLine(waiter, outcome, dial)) instanceof Effect.Fail effect)) {
            throw new FuzzViolation(Check.ENVIRONMENT, "the line belongs to no failure");
        }
        LockstepComparison.requireSame("the reported counts of the endpoint", effect.endpoint(), own);
        LockstepComparison.requireSame("the reported counts of all", effect.all(), all);
        ModelSlot ownOldest = state.oldest(State.LEASED, waiter.endpoint);
        ModelSlot oldest = ownOldest == null ? state.oldest(State.LEASED, null) : ownOldest;
        long number = effect.oldest() == null ? 0 : effect.oldest().number();
        LockstepComparison.requireSame("the reported oldest lease", number, oldest == null ? 0L : oldest.number);
    }

    void serve(ModelWaiter waiter, ModelSlot slot, long lease) {
        LeaseOrigin origin = LeaseOrigin.NEW;
        if (!slot.unused) {
            origin = slot.freeSince < waiter.arrival ? LeaseOrigin.IMMEDIATE : LeaseOrigin.DEFERRED;
        }
        state.waiters.remove(waiter);
        totals.served(origin);
        lease(slot, lease, state.now);
        observed.expect(waiter.name + " gets " + slot.number + " " + origin + " " + slot.lease);
    }

    /** A waiter gets a place on a shared connection. */
    void serveShared(ModelWaiter waiter, ModelSlot slot, long lease, LeaseOrigin origin) {
        state.waiters.remove(waiter);
        totals.served(origin);
        slot.places.add(new ModelPlace(lease, state.event, state.now));
        slot.lease = lease;
        if (slot.state != State.LEASED) {
            move(slot, State.LEASED, NEVER);
        }
        noteChange(slot);
        observed.expect(waiter.name + " gets " + slot.number + " " + origin + " " + lease);
    }

    /** Notes whether the places, the room or the usability of a shared slot have changed. */
    void noteChange(ModelSlot slot) {
        if (slot.hasChanged()) {
            slot.changed = ++lastMove;
        }
    }

    /** The slot takes no new leases any more. */
    void retire(ModelSlot slot) {
        slot.retiredAt = slot.retired ? slot.retiredAt : state.now;
        slot.retired = true;
        slot.yields = null;
        noteChange(slot);
    }

    void expectLine(String line) {
        observed.expect(line);
    }

    /** No place of a shared connection is taken. */
    void parkShared(ModelSlot slot) {
        move(slot, State.IDLE, NEVER);
        slot.idleSince = state.now;
        noteChange(slot);
    }

    // ---- slots

    void open(String endpoint, ModelWaiter cause) {
        ModelSlot slot = new ModelSlot(++lastNumber, endpoint, cause);
        state.slots.add(slot);
        state.keptOutSince.put(endpoint, state.now);
        if (state.config.budgeted()) {
            slot.permitUnanswered = true;
            move(slot, State.AWAITING_PERMIT, NEVER);
            observed.expect("request permit " + slot.number + " " + endpoint);
        } else {
            dial(slot);
        }
    }

    void dial(ModelSlot slot) {
        slot.dialUnanswered = true;
        slot.freeSince = state.event;
        move(slot, State.DIALING, state.config.dialTimeout());
        observed.expect("dial " + slot.number + " " + slot.endpoint);
    }

    /** The slot has a connection, for so many leases. */
    void opened(ModelSlot slot, int loop, int leases) {
        slot.loop = loop;
        state.learned.put(slot.endpoint, leases);
        long most = state.config.maxLifetime();
        if (most < NEVER) {
            long lifetime = ModelStagger.between(most - most / 4, most, slot.number, state.config.seed());
            require(
                    lifetime >= most - most / 4 && lifetime <= most,
                    Check.MODEL_INVARIANT,
                    "the lifetime is out of range");
            slot.expires = state.after(lifetime);
        }
    }

    void reset(ModelSlot slot) {
        move(slot, State.RESETTING, state.config.cleanupTimeout());
    }

    private void lease(ModelSlot slot, long number, long since) {
        move(slot, State.LEASED, NEVER);
        slot.due = ModelState.after(since, state.config.leakDetectionThreshold());
        slot.unused = false;
        slot.lease = number;
    }

    void park(ModelSlot slot) {
        move(slot, State.IDLE, NEVER);
        slot.idleSince = state.now;
        scheduleExpiryCheck(slot, state.now);
    }

    /**
     * Sets when an idle slot is checked next: when its time may be up, or when a borrower may have held it long enough
     * to be reported.
     */
    private void scheduleExpiryCheck(ModelSlot slot, long since) {
        long stay = Math.min(state.config.idleTimeout(), state.config.leakDetectionThreshold());
        slot.due = Math.min(ModelState.after(since, stay), slot.expires);
    }

    // ---- borrowed connections

    static String revokeLine(ModelSlot slot) {
        return "revoke " + slot.number;
    }

    static String lastUsedLine(ModelSlot slot) {
        return "lastUsed " + slot.number;
    }

    /**
     * Takes an idle slot back from the borrowers.
     *
     * @return false if the slot is borrowed, or is cleaned up after a borrower; from then on it is leased, or being
     *     reset
     */
    boolean revoke(ModelSlot slot) {
        if (observed.nextBegins(revokeLine(slot) + " returned dirty")) {
            long since = foundBorrowed(slot, observed.expectNumber(revokeLine(slot) + " returned dirty"));
            reset(slot);
            slot.due = ModelState.after(since, state.config.cleanupTimeout());
            return false;
        }
        long borrowed = observed.expectPerhapsWithNumber(revokeLine(slot), revokeLine(slot) + " borrowed");
        if (borrowed > 0) {
            foundBorrowed(slot, borrowed);
        }
        return borrowed == 0;
    }

    /**
     * The machine finds out that the slot is borrowed.
     *
     * @return since when the borrower has held the connection, or since when it has been back
     */
    long foundBorrowed(ModelSlot slot, long number) {
        require(number > slot.lease, Check.ENVIRONMENT, "borrowed under an old lease number");
        long since = Math.min(observed.expectNumber(lastUsedLine(slot)), state.now);
        lease(slot, number, since);
        return since;
    }

    /**
     * Asks when the slot was last used. If that was after the last check, the slot becomes the most recently used one
     * and its idle time begins anew.
     */
    boolean wasUsed(ModelSlot slot) {
        long since = observed.expectNumber(lastUsedLine(slot));
        if (since <= slot.idleSince) {
            return false;
        }
        slot.idleSince = since;
        slot.lastUse = ++lastMove;
        scheduleExpiryCheck(slot, since);
        return true;
    }

    /** How the first line begins when an idle slot ends. */
    static String endIdleLine(ModelSlot slot, CloseReason reason) {
        return slot.shared ? endLine(slot, reason) : revokeLine(slot);
    }

    void endIdle(ModelSlot slot, CloseReason reason) {
        if (slot.shared || revoke(slot)) {
            end(slot, reason);
        }
    }

    /** Ends an idle slot whose time is up. */
    void expire(ModelSlot slot) {
        if (wasUsed(slot) && slot.due > state.now || !revoke(slot)) {
            return;
        }
        if (slot.expires <= state.now) {
            end(slot, CloseReason.LIFETIME);
        } else if (state.now - slot.idleSince >= state.config.idleTimeout()) {
            end(slot, CloseReason.IDLE_TIMEOUT);
        } else if (!parks(slot)) {
            end(slot, CloseReason.NOT_REUSABLE);
        } else {
            scheduleExpiryCheck(slot, state.now);
            slot.due = Math.min(slot.due, ModelState.after(slot.idleSince, state.config.idleTimeout()));
        }
    }

    // ---- answers of the slot

    /**
     * Asks the slot to hand its connection to a holder.
     *
     * @return the number of the lease; 0 if the connection is dead
     */
    long claim(ModelSlot slot) {
        return observed.expectPerhapsWithNumber("claim " + slot.number + " no", "claim " + slot.number + " lease");
    }

    boolean parks(ModelSlot slot) {
        return observed.expectEither("park " + slot.number + " yes", "park " + slot.number + " no");
    }

    boolean isDead(ModelSlot slot) {
        return observed.expectEither("dead " + slot.number + " yes", "dead " + slot.number + " no");
    }

    static String endLine(ModelSlot slot, CloseReason reason) {
        if (slot.permitUnanswered) {
            return "cancel permit request " + slot.number;
        }
        return (slot.dialUnanswered ? "stop " : "close ") + slot.number + " " + reason;
    }

    void end(ModelSlot slot, CloseReason reason) {
        slot.reason = reason;
        slot.yields = null;
        slot.places.clear();
        move(slot, State.CLOSING, state.config.cleanupTimeout());
        observed.expect(endLine(slot, reason));
    }

    void closeOverdue(ModelSlot slot) {
        slot.overdue = true;
        slot.due = NEVER;
        observed.expect("close overdue " + slot.number);
    }

    void heldTooLong(ModelSlot slot) {
        slot.due = NEVER;
        observed.expect(heldLine(slot, slot.lease));
    }

    void heldTooLong(ModelSlot slot, ModelPlace place) {
        place.reported = true;
        observed.expect(heldLine(slot, place.lease));
    }

    static String heldLine(ModelSlot slot, long lease) {
        return "held too long " + slot.number + " lease " + lease;
    }

    /** The connection of this slot is gone, and its place is free. */
    void gone(ModelSlot slot) {
        state.slots.remove(slot);
        slot.state = State.GONE;
        slot.yields = null;
        slot.places.clear();
        if (slot.hasPermit) {
            state.owed = Math.max(0, state.owed - 1);
            observed.expect("return permit " + slot.number);
        }
    }

    private void move(ModelSlot slot, State next, long mayStay) {
        slot.state = next;
        slot.entered = ++lastMove;
        slot.lastUse = slot.entered;
        slot.due = state.after(mayStay);
    }
}
