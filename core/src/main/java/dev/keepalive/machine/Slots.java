package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import java.util.function.Consumer;
import java.util.function.Function;

/** The life of slots: the only way from state to state, with what that means for permits, deadlines, counts and effects. Decides nothing. */
final class Slots {
    private static final long NEVER = Long.MAX_VALUE;

    private final Limits limits;
    private final Room room;
    private final Books books;
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Function<Slot, Wire> wires;
    private final Consumer<Effect> out;
    private long made;
    private int overdue;

    Slots(
            Limits limits,
            Room room,
            Books books,
            IndexedHeap<IndexedHeap.Entry> deadlines,
            Function<Slot, Wire> wires,
            Consumer<Effect> out) {
        this.limits = limits;
        this.room = room;
        this.books = books;
        this.deadlines = deadlines;
        this.wires = wires;
        this.out = out;
    }

    /** The slots that are closing for longer than they may, so that nobody counts on them any more. */
    int overdue() {
        return overdue;
    }

    /** Opens a slot for the endpoint's first uncovered waiter. */
    void open(EndpointState endpoint, long now, long event) {
        Slot slot = new Slot(endpoint, ++made, wires);
        slot.cause = endpoint.firstUncovered();
        slot.freeSince = event;
        move(slot, State.DIALLING, now, limits.dialTimeout());
        out.accept(new Effect.Dial(slot));
    }

    void lease(Slot slot, long now) {
        move(slot, State.LEASED, now, NEVER);
        slot.fresh = false;
        slot.lease++;
    }

    void reset(Slot slot, long now) {
        move(slot, State.RESETTING, now, limits.grace());
    }

    /** Its connection is free; it is for the caller to find out whether anybody gets it. */
    void park(Slot slot, long now) {
        move(slot, State.IDLE, now, limits.idleTimeout());
    }

    /** Ends a slot, whatever it is at: by stopping its dial, or by closing its connection. */
    void end(Slot slot, CloseReason reason, long now) {
        slot.wire.kill();
        slot.cause = null;
        slot.reason = reason;
        slot.onOrder = true;
        room.onOrder++;
        move(slot, State.CLOSING, now, limits.grace());
        out.accept(slot.dialUnanswered ? new Effect.Stop(slot, reason) : new Effect.Close(slot, reason));
    }

    /** A stopped dial is answered: it failed, as asked, or it was too late, so that there is a connection to be closed. */
    void stopped(Slot slot, boolean opened, long now) {
        books.dialsFailed++;
        if (!opened) {
            gone(slot, now);
        } else if (slot.reason != null) {
            out.accept(new Effect.Close(slot, slot.reason));
        }
    }

    /** The connector owes an answer. The slot keeps its permits, since the descriptor may be there still, but nobody counts on it any more. */
    void giveUp(Slot slot) {
        deadlines.remove(slot);
        slot.onOrder = false;
        room.onOrder--;
        overdue++;
        out.accept(new Effect.Overdue(slot));
    }

    /** Gives both permits back. */
    void gone(Slot slot, long now) {
        if (slot.onOrder) {
            slot.onOrder = false;
            room.onOrder--;
        } else if (slot.state == State.CLOSING) {
            overdue--;
        }
        slot.wire.kill();
        slot.cause = null;
        move(slot, State.GONE, now, NEVER);
    }

    private void move(Slot slot, State state, long now, long mayStay) {
        State before = slot.state;
        if (before == State.IDLE) {
            room.idle.remove(slot.recency);
        } else if (before == State.GONE) {
            room.open++;
        }
        slot.home.move(slot, state);
        books.moves(before, state);
        if (state == State.IDLE) {
            room.idle.addLast(slot.recency);
        } else if (state == State.GONE) {
            room.open--;
        }
        deadlines.remove(slot);
        if (mayStay < NEVER - now) {
            slot.deadline(now + mayStay);
            deadlines.add(slot);
        }
    }
}
