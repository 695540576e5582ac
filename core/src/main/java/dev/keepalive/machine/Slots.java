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
final class Slots {
    private static final long NEVER = Long.MAX_VALUE;

    private final Rules rules;
    private final Room room;
    private final Books books;
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Function<Slot, Wire> wires;
    private final Consumer<Effect> out;
    private final Journal journal;
    private final Spread lifetimes;
    private long made;
    private int overdue;

    Slots(
            Rules rules,
            Room room,
            Books books,
            IndexedHeap<IndexedHeap.Entry> deadlines,
            Function<Slot, Wire> wires,
            Consumer<Effect> out,
            Journal journal) {
        this.rules = rules;
        this.room = room;
        this.books = books;
        this.deadlines = deadlines;
        this.wires = wires;
        this.out = out;
        this.journal = journal;
        this.lifetimes = new Spread(rules.seed());
    }

    /** The slots that are closing for longer than they may, so that nobody counts on them any more. */
    int overdue() {
        return overdue;
    }

    /** Opens a slot for the line's first uncovered waiter. */
    void open(Line line, long now, long event) {
        Slot slot = new Slot(line.home, ++made, wires);
        slot.openFor(line.firstUncovered());
        if (rules.budgeted()) {
            slot.askUnanswered = true;
            move(slot, State.ASKING, now, NEVER);
            out.accept(new Effect.Ask(slot));
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
        move(slot, State.DIALLING, now, rules.dialTimeout());
        out.accept(new Effect.Dial(slot));
    }

    /** Its dial has succeeded: its life begins. */
    void opened(Slot slot, int loop, long now) {
        slot.cause = null;
        slot.isOn(loop);
        books.opened++;
        long most = rules.maxLifetime();
        if (most < NEVER) {
            long lifetime = lifetimes.between(most - most / 4, most, slot.number());
            slot.expiresAt = lifetime < NEVER - now ? now + lifetime : NEVER;
        }
    }

    void lease(Slot slot, long number, long now) {
        move(slot, State.LEASED, now, rules.heldFor());
        slot.fresh = false;
        slot.lease = number;
    }

    /**
     * Takes an idle slot back from those who help themselves.
     *
     * @return false if somebody has it, or it is being cleaned up after him: then it is leased, or reset, from now on,
     *     and not idle any more
     */
    boolean take(Slot slot, long now) {
        long lent = said(slot.wire.take(slot.lease));
        if (lent == 0) {
            return true;
        }
        long since = lent(slot, Math.abs(lent), now);
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
    long lent(Slot slot, long number, long now) {
        long since = Math.min(said(slot.wire.since()), now);
        lease(slot, number, since);
        return since;
    }

    /** What a wire says is not up to the machine: it is part of its history. */
    long said(long answer) {
        journal.said(answer);
        return answer;
    }

    /** True if an idle slot has been used since it was last looked at: then it counts as used just now. */
    boolean wasUsed(Slot slot) {
        long since = said(slot.wire.since());
        boolean used = since > slot.idleSince;
        if (used) {
            slot.idleSince = since;
            stays(slot, since);
            room.used(slot);
        }
        return used;
    }

    /**
     * An idle slot has not been used for some time.
     *
     * @return why it ends; null if it does not
     */
    @Nullable
    CloseReason expired(Slot slot, long now) {
        if (slot.isTooOld(now)) {
            return CloseReason.LIFETIME;
        } else if (now - slot.idleSince >= rules.idleTimeout()) {
            return CloseReason.IDLE_TIMEOUT;
        } else if (said(slot.wire.park(slot.idleSince) ? 1 : 0) == 0) {
            return CloseReason.NOT_QUIET;
        }
        long left = Math.min(rules.idleTimeout(), slot.expiresAt - slot.idleSince) - (now - slot.idleSince);
        deadline(slot, now, Math.min(left, rules.heldFor()));
        return null;
    }

    /** Its connection leads to another endpoint from now on. It is leased, and about to be released. */
    void rekey(Slot slot, EndpointState to) {
        slot.home.lets(slot);
        slot.home = to;
        to.takes(slot);
    }

    /** Its present lease is held for longer than is usual. */
    void isHeld(Slot slot) {
        deadlines.remove(slot);
        out.accept(new Effect.Held(slot));
    }

    void reset(Slot slot, long now) {
        move(slot, State.RESETTING, now, rules.grace());
    }

    /** Its connection is free; it is for the caller to find out whether anybody gets it. */
    void park(Slot slot, long now) {
        slot.idleSince = now;
        move(slot, State.IDLE, now, NEVER);
        stays(slot, now);
    }

    /** Ends an idle slot; or has it leased, if somebody has helped himself to it. */
    void endIdle(Slot slot, CloseReason reason, long now) {
        if (take(slot, now)) {
            end(slot, reason, now);
        }
    }

    /**
     * Ends a slot, whatever it is at: by withdrawing what it asks for, by stopping its dial, or by closing its
     * connection. What is idle was taken before.
     */
    void end(Slot slot, CloseReason reason, long now) {
        slot.wire.kill();
        slot.cause = null;
        slot.reason = reason;
        room.isOnOrder(slot, true);
        move(slot, State.CLOSING, now, rules.grace());
        if (slot.askUnanswered) {
            out.accept(new Effect.Unask(slot));
        } else {
            out.accept(slot.dialUnanswered ? new Effect.Stop(slot, reason) : new Effect.Close(slot, reason));
        }
    }

    /** A withdrawn ask is answered; a permit that was granted meanwhile goes back. */
    void unasked(Slot slot, boolean granted, long now) {
        gone(slot, now);
        if (granted) {
            out.accept(new Effect.GiveBack(slot));
        }
    }

    /**
     * A stopped dial is answered: it failed, as asked, or it was too late, so that there is a connection to be closed.
     */
    void stopped(Slot slot, boolean opened, long now) {
        books.dialsFailed++;
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
    void giveUp(Slot slot) {
        deadlines.remove(slot);
        room.isOnOrder(slot, false);
        overdue++;
        out.accept(new Effect.Overdue(slot));
    }

    /** Gives all permits back. */
    void gone(Slot slot, long now) {
        if (slot.state == State.CLOSING && !slot.onOrder) {
            overdue--;
        }
        room.isOnOrder(slot, false);
        slot.wire.kill();
        slot.cause = null;
        move(slot, State.GONE, now, NEVER);
        if (slot.permitted) {
            slot.permitted = false;
            room.paid();
            out.accept(new Effect.GiveBack(slot));
        }
    }

    private void move(Slot slot, State state, long now, long mayStay) {
        State before = slot.state;
        room.leaves(slot, before);
        slot.home.move(slot, state);
        books.moves(before, state);
        room.enters(slot, state);
        deadline(slot, now, mayStay);
    }

    /** An idle slot is looked at when it may be time to end it, or to say that it is held. */
    private void stays(Slot slot, long since) {
        deadline(slot, since, Math.min(Math.min(rules.idleTimeout(), rules.heldFor()), slot.expiresAt - since));
    }

    private void deadline(Slot slot, long since, long mayStay) {
        deadlines.remove(slot);
        if (mayStay < NEVER - since) {
            slot.deadline(since + mayStay);
            deadlines.add(slot);
        }
    }
}
