package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The life of slots: the only way from state to state, with what that means for permits, deadlines, counts and effects.
 * Decides nothing.
 */
final class SlotTransitions {
    private static final long NEVER = Long.MAX_VALUE;

    private final MachineConfig config;
    private final Admission admission;
    private final Counters counters;
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Function<Slot, AtomicSlot> atomicSlots;
    private final Consumer<Effect> out;
    private final History history;
    private final Stagger lifetimes;
    private long lastNumber;
    private int overdue;

    SlotTransitions(
            MachineConfig config,
            Admission admission,
            Counters counters,
            IndexedHeap<IndexedHeap.Entry> deadlines,
            Function<Slot, AtomicSlot> wires,
            Consumer<Effect> out,
            History history) {
        this.config = config;
        this.admission = admission;
        this.counters = counters;
        this.deadlines = deadlines;
        this.atomicSlots = wires;
        this.out = out;
        this.history = history;
        this.lifetimes = new Stagger(config.seed());
    }

    /** The slots that are closing for longer than they may, so that nobody counts on them any more. */
    int overdue() {
        return overdue;
    }

    /** Opens a slot for the line's first uncovered waiter. */
    void open(WaitQueue waitQueue, long now, long event) {
        Slot slot = new Slot(waitQueue.home, ++lastNumber, atomicSlots);
        slot.openFor(waitQueue.firstUncovered());
        if (config.budgeted()) {
            slot.permitUnanswered = true;
            move(slot, State.AWAITING_PERMIT, now, NEVER);
            out.accept(new Effect.RequestPermit(slot));
        } else {
            dial(slot, now, event);
        }
    }

    /** The budget has granted its permit. */
    void granted(Slot slot, long now, long event) {
        slot.permitted = true;
        dial(slot, now, event);
    }

    private void dial(Slot slot, long now, long event) {
        slot.freeSince = event;
        slot.dialUnanswered = true;
        move(slot, State.DIALING, now, config.dialTimeout());
        out.accept(new Effect.Dial(slot));
    }

    /** Its dial has succeeded: its life begins. */
    void opened(Slot slot, int loop, long now) {
        slot.cause = null;
        slot.setLoop(loop);
        counters.opened++;
        long most = config.maxLifetime();
        if (most < NEVER) {
            long lifetime = lifetimes.between(most - most / 4, most, slot.number());
            slot.expiresAt = lifetime < NEVER - now ? now + lifetime : NEVER;
        }
    }

    void lease(Slot slot, long number, long now) {
        move(slot, State.LEASED, now, config.heldFor());
        slot.fresh = false;
        slot.lease = number;
    }

    /**
     * Takes an idle slot back from those who help themselves.
     *
     * @return false if somebody has it, or it is being cleaned up after him: then it is leased, or reset, from now on,
     *     and not idle any more
     */
    boolean revoke(Slot slot, long now) {
        long lent = recorded(slot.atomicSlot.revoke(slot.lease));
        if (lent == 0) {
            return true;
        }
        long since = borrowed(slot, Math.abs(lent), now);
        if (lent < 0) {
            reset(slot, since);
        }
        return false;
    }

    /**
     * Somebody has helped himself to an idle slot, and it is found out now.
     *
     * @return since when he has had it, or it has been back
     */
    long borrowed(Slot slot, long number, long now) {
        long since = Math.min(recorded(slot.atomicSlot.lastUsed()), now);
        lease(slot, number, since);
        return since;
    }

    /** What a wire says is not up to the machine: it is part of its history. */
    long recorded(long answer) {
        history.slotAnswered(answer);
        return answer;
    }

    /** True if an idle slot has been used since it was last looked at: then it counts as used just now. */
    boolean noteUse(Slot slot) {
        long since = recorded(slot.atomicSlot.lastUsed());
        boolean used = since > slot.idleSince;
        if (used) {
            slot.idleSince = since;
            setIdleDeadline(slot, since);
            admission.putLast(slot);
        }
        return used;
    }

    /**
     * An idle slot has not been used for some time.
     *
     * @return why it ends; null if it does not
     */
    @Nullable
    CloseReason expireOrPark(Slot slot, long now) {
        if (slot.isTooOld(now)) {
            return CloseReason.LIFETIME;
        } else if (now - slot.idleSince >= config.idleTimeout()) {
            return CloseReason.IDLE_TIMEOUT;
        } else if (recorded(slot.atomicSlot.park(slot.idleSince) ? 1 : 0) == 0) {
            return CloseReason.NOT_REUSABLE;
        }
        long left = Math.min(config.idleTimeout(), slot.expiresAt - slot.idleSince) - (now - slot.idleSince);
        setDeadline(slot, now, Math.min(left, config.heldFor()));
        return null;
    }

    /** Its connection leads to another endpoint from now on. It is leased, and about to be released. */
    void rekey(Slot slot, EndpointState to) {
        slot.home.removeRekeyed(slot);
        slot.home = to;
        to.addRekeyed(slot);
    }

    /** Its present lease is held for longer than is usual. */
    void heldTooLong(Slot slot) {
        deadlines.remove(slot);
        out.accept(new Effect.HeldTooLong(slot));
    }

    void reset(Slot slot, long now) {
        move(slot, State.RESETTING, now, config.grace());
    }

    /** Its connection is free; it is for the caller to find out whether anybody gets it. */
    void park(Slot slot, long now) {
        slot.idleSince = now;
        move(slot, State.IDLE, now, NEVER);
        setIdleDeadline(slot, now);
    }

    /** Ends an idle slot; or has it leased, if somebody has helped himself to it. */
    void endIdle(Slot slot, CloseReason reason, long now) {
        if (revoke(slot, now)) {
            end(slot, reason, now);
        }
    }

    /**
     * Ends a slot, whatever it is at: by withdrawing what it asks for, by stopping its dial, or by closing its
     * connection. What is idle was taken before.
     */
    void end(Slot slot, CloseReason reason, long now) {
        slot.atomicSlot.markDead();
        slot.cause = null;
        slot.reason = reason;
        admission.setOnOrder(slot, true);
        move(slot, State.CLOSING, now, config.grace());
        if (slot.permitUnanswered) {
            out.accept(new Effect.CancelPermitRequest(slot));
        } else {
            out.accept(slot.dialUnanswered ? new Effect.Stop(slot, reason) : new Effect.Close(slot, reason));
        }
    }

    /** A withdrawn ask is answered; a permit that was granted meanwhile goes back. */
    void permitRequestCancelled(Slot slot, boolean granted, long now) {
        gone(slot, now);
        if (granted) {
            out.accept(new Effect.ReturnPermit(slot));
        }
    }

    /**
     * A stopped dial is answered: it failed, as asked, or it was too late, so that there is a connection to be closed.
     */
    void stopped(Slot slot, boolean opened, long now) {
        counters.dialsFailed++;
        if (!opened) {
            gone(slot, now);
        } else if (slot.reason != null) {
            out.accept(new Effect.Close(slot, slot.reason));
        }
    }

    /**
     * The connector owes an answer. The slot keeps its permits, since the descriptor may be there still, but nobody
     * counts on it any more.
     */
    void abandon(Slot slot) {
        deadlines.remove(slot);
        admission.setOnOrder(slot, false);
        overdue++;
        out.accept(new Effect.CloseOverdue(slot));
    }

    /** Gives all permits back. */
    void gone(Slot slot, long now) {
        if (slot.state == State.CLOSING && !slot.onOrder) {
            overdue--;
        }
        admission.setOnOrder(slot, false);
        slot.atomicSlot.markDead();
        slot.cause = null;
        move(slot, State.GONE, now, NEVER);
        if (slot.permitted) {
            slot.permitted = false;
            admission.permitReturned();
            out.accept(new Effect.ReturnPermit(slot));
        }
    }

    private void move(Slot slot, State state, long now, long mayStay) {
        State before = slot.state;
        admission.left(slot, before);
        slot.home.move(slot, state);
        counters.moved(before, state);
        admission.entered(slot, state);
        setDeadline(slot, now, mayStay);
    }

    /** An idle slot is looked at when it may be time to end it, or to say that it is held. */
    private void setIdleDeadline(Slot slot, long since) {
        setDeadline(slot, since, Math.min(Math.min(config.idleTimeout(), config.heldFor()), slot.expiresAt - since));
    }

    private void setDeadline(Slot slot, long since, long mayStay) {
        deadlines.remove(slot);
        if (mayStay < NEVER - since) {
            slot.setDeadline(since + mayStay);
            deadlines.add(slot);
        }
    }
}
