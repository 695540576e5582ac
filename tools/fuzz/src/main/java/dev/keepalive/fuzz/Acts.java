package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.Violation.require;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/**
 * What may become of a waiter or a slot, in the model: each act changes the books, and demands that its effects are
 * seen.
 */
final class Acts {
    private static final long NEVER = Long.MAX_VALUE;

    private final Ledger ledger;
    private final Seen seen;
    private final Tally tally;
    private long made;
    private long moves;

    Acts(Ledger ledger, Seen seen, Tally tally) {
        this.ledger = ledger;
        this.seen = seen;
        this.tally = tally;
    }

    // ---- waiters

    static String failLine(NaiveWaiter waiter, AcquireOutcome outcome, @Nullable NaiveSlot dial) {
        return waiter.name + " fails " + outcome + (dial == null ? "" : " " + dial.number);
    }

    /** The dial that a covered waiter waits for. */
    @Nullable
    NaiveSlot awaitedBy(NaiveWaiter waiter) {
        if (!ledger.isCovered(waiter)) {
            return null;
        }
        NaiveSlot dialling = ledger.oldest(State.DIALING, waiter.home);
        return dialling == null ? ledger.oldest(State.AWAITING_PERMIT, waiter.home) : dialling;
    }

    void fail(NaiveWaiter waiter, AcquireOutcome outcome, @Nullable NaiveSlot dial) {
        Counts own = ledger.counts(waiter.home);
        Counts all = ledger.counts(null);
        ledger.waiters.remove(waiter);
        tally.failed(outcome);
        if (!(seen.expect(failLine(waiter, outcome, dial)) instanceof Effect.Fail effect)) {
            throw new Violation(Check.WORLD, "a line that belongs to no failure");
        }
        Stage.requireSame("the told counts", effect.endpoint(), own);
        Stage.requireSame("the told counts of all", effect.all(), all);
        NaiveSlot ownOldest = ledger.oldest(State.LEASED, waiter.home);
        NaiveSlot oldest = ownOldest == null ? ledger.oldest(State.LEASED, null) : ownOldest;
        long number = effect.oldest() == null ? 0 : effect.oldest().number();
        Stage.requireSame("the told oldest lease", number, oldest == null ? 0L : oldest.number);
    }

    void serve(NaiveWaiter waiter, NaiveSlot slot, long lease) {
        LeaseOrigin origin = LeaseOrigin.NEW;
        if (!slot.fresh) {
            origin = slot.freeSince < waiter.asked ? LeaseOrigin.IMMEDIATE : LeaseOrigin.DEFERRED;
        }
        ledger.waiters.remove(waiter);
        tally.served(origin);
        lease(slot, lease, ledger.now);
        seen.expect(waiter.name + " gets " + slot.number + " " + origin + " " + slot.lease);
    }

    // ---- slots

    void open(String home, NaiveWaiter cause) {
        NaiveSlot slot = new NaiveSlot(++made, home, cause);
        ledger.slots.add(slot);
        ledger.keptOutSince.put(home, ledger.now);
        if (ledger.config.budgeted()) {
            slot.askUnanswered = true;
            move(slot, State.AWAITING_PERMIT, NEVER);
            seen.expect("ask " + slot.number + " " + home);
        } else {
            dial(slot);
        }
    }

    void dial(NaiveSlot slot) {
        slot.dialUnanswered = true;
        slot.freeSince = ledger.event;
        move(slot, State.DIALING, ledger.config.dialTimeout());
        seen.expect("dial " + slot.number + " " + slot.home);
    }

    /** Its dial succeeded. */
    void opened(NaiveSlot slot) {
        tally.opened++;
        long most = ledger.config.maxLifetime();
        if (most < NEVER) {
            long lifetime = NaiveSpread.between(most - most / 4, most, slot.number, ledger.config.seed());
            require(lifetime >= most - most / 4 && lifetime <= most, Check.PROPERTY, "a lifetime out of range");
            slot.expires = ledger.after(lifetime);
        }
    }

    void reset(NaiveSlot slot) {
        move(slot, State.RESETTING, ledger.config.grace());
    }

    private void lease(NaiveSlot slot, long number, long since) {
        move(slot, State.LEASED, NEVER);
        slot.due = Ledger.after(since, ledger.config.heldFor());
        slot.fresh = false;
        slot.lease = number;
    }

    void park(NaiveSlot slot) {
        move(slot, State.IDLE, NEVER);
        slot.idleSince = ledger.now;
        look(slot, ledger.now);
    }

    /** An idle slot is looked at when its time may be up, or somebody may have had it for as long as is told. */
    private void look(NaiveSlot slot, long since) {
        long stay = Math.min(ledger.config.idleTimeout(), ledger.config.heldFor());
        slot.due = Math.min(Ledger.after(since, stay), slot.expires);
    }

    // ---- what is lent

    static String takeLine(NaiveSlot slot) {
        return "take " + slot.number;
    }

    static String sinceLine(NaiveSlot slot) {
        return "since " + slot.number;
    }

    /**
     * @return false if somebody has borrowed it, or it is being cleaned up after him: then it is leased, or reset, from
     *     now on
     */
    boolean take(NaiveSlot slot) {
        if (seen.nextBegins(takeLine(slot) + " returning")) {
            long since = lent(slot, seen.expectNumber(takeLine(slot) + " returning"));
            reset(slot);
            slot.due = Ledger.after(since, ledger.config.grace());
            return false;
        }
        long lent = seen.expectPerhapsWithNumber(takeLine(slot), takeLine(slot) + " lent");
        if (lent > 0) {
            lent(slot, lent);
        }
        return lent == 0;
    }

    /** It is found out that somebody has borrowed it. @return since when he has had it, or it has been back */
    long lent(NaiveSlot slot, long number) {
        require(number > slot.lease, Check.WORLD, "lent under an old number");
        long since = Math.min(seen.expectNumber(sinceLine(slot)), ledger.now);
        lease(slot, number, since);
        return since;
    }

    /** If it has been used since it was last looked at, it is the one used last, and stays for as long as any other. */
    boolean wasUsed(NaiveSlot slot) {
        long since = seen.expectNumber(sinceLine(slot));
        if (since <= slot.idleSince) {
            return false;
        }
        slot.idleSince = since;
        slot.used = ++moves;
        look(slot, since);
        return true;
    }

    void endIdle(NaiveSlot slot, CloseReason reason) {
        if (take(slot)) {
            end(slot, reason);
        }
    }

    /** It may be time for an idle slot to end. */
    void expire(NaiveSlot slot) {
        if (wasUsed(slot) && slot.due > ledger.now || !take(slot)) {
            return;
        }
        if (slot.expires <= ledger.now) {
            end(slot, CloseReason.LIFETIME);
        } else if (ledger.now - slot.idleSince >= ledger.config.idleTimeout()) {
            end(slot, CloseReason.IDLE_TIMEOUT);
        } else if (!parked(slot)) {
            end(slot, CloseReason.NOT_REUSABLE);
        } else {
            look(slot, ledger.now);
            slot.due = Math.min(slot.due, Ledger.after(slot.idleSince, ledger.config.idleTimeout()));
        }
    }

    // ---- what the wire says

    /** @return the number of the lease; 0 if the connection is dead */
    long claim(NaiveSlot slot) {
        return seen.expectPerhapsWithNumber("claim " + slot.number + " no", "claim " + slot.number + " lease");
    }

    boolean parked(NaiveSlot slot) {
        return seen.expectEither("park " + slot.number + " yes", "park " + slot.number + " no");
    }

    static String endLine(NaiveSlot slot, CloseReason reason) {
        if (slot.askUnanswered) {
            return "unask " + slot.number;
        }
        return (slot.dialUnanswered ? "stop " : "close ") + slot.number + " " + reason;
    }

    void end(NaiveSlot slot, CloseReason reason) {
        slot.reason = reason;
        move(slot, State.CLOSING, ledger.config.grace());
        seen.expect(endLine(slot, reason));
    }

    void giveUp(NaiveSlot slot) {
        slot.overdue = true;
        slot.due = NEVER;
        seen.expect("overdue " + slot.number);
    }

    void held(NaiveSlot slot) {
        slot.due = NEVER;
        seen.expect("held " + slot.number);
    }

    /** Its places are free. */
    void gone(NaiveSlot slot) {
        ledger.slots.remove(slot);
        slot.state = State.GONE;
        if (slot.permitted) {
            ledger.owed = Math.max(0, ledger.owed - 1);
            seen.expect("give back " + slot.number);
        }
    }

    private void move(NaiveSlot slot, State state, long mayStay) {
        slot.state = state;
        slot.entered = ++moves;
        slot.used = slot.entered;
        slot.due = ledger.after(mayStay);
    }
}
