package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The only way of a slot from state to state, with the consequences for permits, deadlines, counts and effects. Decides
 * nothing.
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
    private final SharedTransitions sharedTransitions;
    private long lastNumber;
    private int overdue;

    SlotTransitions(
            MachineConfig config,
            Admission admission,
            Counters counters,
            IndexedHeap<IndexedHeap.Entry> deadlines,
            Function<Slot, AtomicSlot> atomicSlots,
            Consumer<Effect> out,
            History history,
            SharedTransitions sharedTransitions) {
        this.config = config;
        this.admission = admission;
        this.counters = counters;
        this.deadlines = deadlines;
        this.atomicSlots = atomicSlots;
        this.out = out;
        this.history = history;
        this.lifetimes = new Stagger(config.seed());
        this.sharedTransitions = sharedTransitions;
    }

    /** The number of slots whose close is overdue, so that their end is not expected any more. */
    int overdue() {
        return overdue;
    }

    /** Opens a slot for the waiter of the queue whose turn it is. */
    void open(WaitQueue waitQueue, long now, long event) {
        Slot slot = new Slot(waitQueue.home, ++lastNumber, atomicSlots);
        slot.openFor(waitQueue.nextToOpenFor());
        if (config.budgeted()) {
            slot.permitUnanswered = true;
            move(slot, State.AWAITING_PERMIT, now, NEVER);
            out.accept(new Effect.RequestPermit(slot));
        } else {
            dial(slot, now, event);
        }
    }

    /** The budget has granted the slot's permit request. */
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

    /** The slot has a connection: its life begins. */
    void opened(Slot slot, int loop, long now) {
        slot.forgetCause();
        slot.setLoop(loop);
        long most = config.maxLifetime();
        if (most < NEVER) {
            long lifetime = lifetimes.between(most - most / 4, most, slot.number());
            slot.expiresAt = lifetime < NEVER - now ? now + lifetime : NEVER;
        }
    }

    /** A lease takes a place of a shared slot. */
    void takePlace(Slot slot, Places places, long lease, long now) {
        if (slot.state != State.LEASED) {
            move(slot, State.LEASED, now, NEVER);
        }
        sharedTransitions.take(places, lease, now);
    }

    /** The last place of a shared slot is free. */
    void parkShared(Slot slot, Places places, long now) {
        slot.idleSince = now;
        move(slot, State.IDLE, now, NEVER);
        sharedTransitions.update(places);
    }

    /** The slot is to end as soon as it is free. */
    void retire(Slot slot, long now) {
        if (slot.retired) {
            return;
        }
        slot.retired = true;
        Places places = slot.places();
        if (places != null) {
            sharedTransitions.retired(places, now);
        } else if (slot.state == State.LEASED) {
            countLeaving(slot.home, 1);
            counters.shared.leaving++;
        }
    }

    private static void countLeaving(EndpointState endpoint, int change) {
        endpoint.shared().counts.leaving += change;
        endpoint.forgetEmptyShared();
    }

    void lease(Slot slot, long number, long now) {
        move(slot, State.LEASED, now, config.leakDetectionThreshold());
        slot.fresh = false;
        slot.lease = number;
    }

    /**
     * Takes an idle slot back, so that it cannot be borrowed any more.
     *
     * @return false if the slot was borrowed, or is being reset after that: then it is leased, or resetting, from now
     *     on
     */
    boolean revoke(Slot slot, long now) {
        if (slot.isShared()) {
            return true; // it is never borrowed
        }
        long answer = recorded(slot.atomicSlot.revoke(slot.lease));
        if (answer == 0) {
            return true;
        }
        long since = borrowed(slot, Math.abs(answer), now);
        if (answer < 0) {
            reset(slot, since);
        }
        return false;
    }

    /**
     * The machine learns that an idle slot was borrowed: the slot becomes leased.
     *
     * @return when the connection was last leased or released
     */
    long borrowed(Slot slot, long number, long now) {
        long since = Math.min(recorded(slot.atomicSlot.lastUsed()), now);
        lease(slot, number, since);
        return since;
    }

    /** Records an answer of an {@link AtomicSlot}. The machine cannot foresee it, so it is part of the history. */
    long recorded(long answer) {
        history.slotAnswered(answer);
        return answer;
    }

    /**
     * Notes whether an idle slot has been used since the machine last looked: if so, it becomes the most recently used
     * one.
     *
     * @return true if it has been used
     */
    boolean noteUse(Slot slot) {
        if (slot.isShared()) {
            return false; // the machine knows of each use
        }
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
     * The deadline of an idle slot has passed, and the slot was revoked. It is parked again if it need not end.
     *
     * @return why the slot ends; null if it was parked
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
        setDeadline(slot, now, Math.min(left, config.leakDetectionThreshold()));
        return null;
    }

    /** Moves a leased slot, which is about to be released, to another endpoint. */
    void rekey(Slot slot, EndpointState to) {
        slot.home.removeRekeyed(slot);
        if (slot.retired) {
            countLeaving(slot.home, -1);
            countLeaving(to, 1);
        }
        slot.home = to;
        to.addRekeyed(slot);
    }

    /** The present lease is held for longer than the threshold. */
    void heldTooLong(Slot slot) {
        deadlines.remove(slot);
        out.accept(new Effect.HeldTooLong(slot, slot.lease));
    }

    void reset(Slot slot, long now) {
        move(slot, State.RESETTING, now, config.cleanupTimeout());
    }

    /** The connection is free. The caller then lets it be borrowed, or ends it. */
    void park(Slot slot, long now) {
        slot.idleSince = now;
        move(slot, State.IDLE, now, NEVER);
        setIdleDeadline(slot, now);
    }

    /** Ends an idle slot. If it turns out to be borrowed, it becomes leased instead. */
    void endIdle(Slot slot, CloseReason reason, long now) {
        if (revoke(slot, now)) {
            end(slot, reason, now);
        }
    }

    /**
     * Ends a slot in any state: cancels its permit request, stops its dial, or closes its connection. An idle slot must
     * have been revoked before.
     */
    void end(Slot slot, CloseReason reason, long now) {
        slot.atomicSlot.markDead();
        slot.forgetCause();
        slot.reason = reason;
        admission.setOnOrder(slot, true);
        move(slot, State.CLOSING, now, config.cleanupTimeout());
        if (slot.permitUnanswered) {
            out.accept(new Effect.CancelPermitRequest(slot));
        } else {
            out.accept(slot.dialUnanswered ? new Effect.Stop(slot, reason) : new Effect.Close(slot, reason));
        }
    }

    /** A cancelled permit request is answered. A permit that was granted meanwhile goes back. */
    void permitRequestCancelled(Slot slot, boolean granted, long now) {
        gone(slot, now);
        if (granted) {
            out.accept(new Effect.ReturnPermit(slot));
        }
    }

    /**
     * A stopped dial is answered. It has failed, as it was asked to; or it was too late to stop it, and there is a
     * connection to close.
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
     * The connector owes an answer. The slot keeps its permits, since the descriptor may still be open, but its end is
     * not expected any more.
     */
    void abandon(Slot slot) {
        deadlines.remove(slot);
        admission.setOnOrder(slot, false);
        overdue++;
        out.accept(new Effect.CloseOverdue(slot));
    }

    /** The slot is gone, and gives all permits back. */
    void gone(Slot slot, long now) {
        if (slot.state == State.CLOSING && !slot.onOrder) {
            overdue--;
        }
        admission.setOnOrder(slot, false);
        slot.atomicSlot.markDead();
        slot.forgetCause();
        move(slot, State.GONE, now, NEVER);
        if (slot.permitted) {
            slot.permitted = false;
            admission.permitReturned();
            out.accept(new Effect.ReturnPermit(slot));
        }
    }

    private void move(Slot slot, State state, long now, long timeAllowed) {
        State before = slot.state;
        admission.left(slot, before);
        slot.home.move(slot, state);
        counters.moved(before, state);
        admission.entered(slot, state);
        if (slot.isShared()) {
            closeShared(slot, now);
        } else if (slot.retired && (before == State.LEASED || state == State.LEASED)) {
            int change = state == State.LEASED ? 1 : -1;
            countLeaving(slot.home, change);
            counters.shared.leaving += change;
        }
        setDeadline(slot, now, timeAllowed);
    }

    private void closeShared(Slot slot, long now) {
        if (slot.state == State.CLOSING || slot.state == State.GONE) {
            sharedTransitions.closed(slot, now);
        }
    }

    /** An idle slot is looked at when it may have to end, or when a borrowed lease may be held too long. */
    private void setIdleDeadline(Slot slot, long since) {
        setDeadline(
                slot,
                since,
                Math.min(Math.min(config.idleTimeout(), config.leakDetectionThreshold()), slot.expiresAt - since));
    }

    private void setDeadline(Slot slot, long since, long timeAllowed) {
        deadlines.remove(slot);
        if (timeAllowed < NEVER - since) {
            slot.setDeadline(since + timeAllowed);
            deadlines.add(slot);
        }
    }
}
