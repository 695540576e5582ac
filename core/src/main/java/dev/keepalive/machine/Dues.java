package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;

/** What has a time of its own, and what becomes of it when that is there: acquires, slots in any state, pauses, and the end of a drain. */
final class Dues {
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Settlement settlement;
    private final Slots slots;
    private final Lines lines;
    private final BackOff backOff;
    private final Clearing clearing;
    private final Ending ending;
    private final Books books;
    private final Room room;

    Dues(
            IndexedHeap<IndexedHeap.Entry> deadlines,
            Settlement settlement,
            Slots slots,
            Lines lines,
            BackOff backOff,
            Clearing clearing,
            Ending ending,
            Books books,
            Room room) {
        this.deadlines = deadlines;
        this.settlement = settlement;
        this.slots = slots;
        this.lines = lines;
        this.backOff = backOff;
        this.clearing = clearing;
        this.ending = ending;
        this.books = books;
        this.room = room;
    }

    /** Ends what is due by now. */
    void end(long now, long event) {
        for (IndexedHeap.Entry due = deadlines.least(); due != null && due.key() <= now; due = deadlines.least()) {
            if (due instanceof Waiter waiter) {
                timeOut(waiter, now);
            } else if (due instanceof Slot slot) {
                expire(slot, now, event);
                settlement.reconsider(slot.home, now);
            } else if (due instanceof Health health) {
                backOff.isOver(health, now);
                settlement.reconsider(health.home, now);
            } else if (due instanceof Ceiling ceiling) {
                ceiling.lift();
            } else {
                cutShort(now);
            }
        }
    }

    /** When the next is due; {@link Long#MAX_VALUE} for never. */
    long next() {
        IndexedHeap.Entry first = deadlines.least();
        return first == null ? Long.MAX_VALUE : first.key();
    }

    private void timeOut(Waiter waiter, long now) {
        EndpointState endpoint = waiter.home;
        if (endpoint == null) {
            throw new IllegalStateException("a waiter without its endpoint");
        }
        lines.fail(endpoint, waiter, Fate.TIMED_OUT, lines.isCovered(waiter) ? endpoint.oldestDial() : null);
        settlement.reconsider(endpoint, now);
    }

    private void expire(Slot slot, long now, long event) {
        switch (slot.state) {
            case DIALLING -> {
                dialFailed(slot, Fate.DIAL_TIMED_OUT, now, event);
                slots.end(slot, CloseReason.STEP_TIMEOUT, now);
            }
            case RESETTING -> slots.end(slot, CloseReason.STEP_TIMEOUT, now);
            case IDLE -> idleForLong(slot, now);
            case LEASED -> slots.isHeld(slot);
            case CLOSING -> giveUp(slot, now);
            case ASKING, GONE -> throw new IllegalStateException("a deadline on a slot that is " + slot.state);
        }
    }

    /** It may have been used since it was parked, or be in use just now. */
    private void idleForLong(Slot slot, long now) {
        if (slots.wasUsed(slot) && slot.key() > now || !slots.take(slot, now)) {
            return;
        }
        CloseReason why = slots.expired(slot, now);
        if (why != null) {
            slots.end(slot, why, now);
        }
    }

    /** It keeps its place though nobody counts on its end any more: above a lowered limit, something else must end instead. */
    private void giveUp(Slot slot, long now) {
        slots.giveUp(slot);
        clearing.surplus(slot.home, now);
        settlement.endSurplus(now);
    }

    /**
     * A slot's dial has failed for want of resources. Whoever it was for gets a second one, if something idle can make way for it, as it will: there is
     * no room below the ceiling. That the first one failed is nobody's fault.
     */
    private void ranOut(Slot slot, long now) {
        Waiter cause = slot.cause;
        if (cause != null && !cause.triedAgain && !room.idle.isEmpty()) {
            cause.triedAgain = true;
        } else {
            lines.tellCause(slot, Fate.DIAL_FAILED);
        }
        slots.gone(slot, now);
        room.ceiling.lower(room.open, now);
    }

    /** A slot's dial has failed, and nothing is open of it. */
    void dialFailed(Slot slot, DialResult result, long now, long event) {
        if (result == DialResult.OUT_OF_RESOURCES) {
            ranOut(slot, now);
        } else {
            dialFailed(slot, Fate.DIAL_FAILED, now, event);
            slots.gone(slot, now);
        }
    }

    private void dialFailed(Slot slot, Fate fate, long now, long event) {
        lines.tellCause(slot, fate);
        backOff.failed(slot, now, event);
    }

    /** Everything ends. */
    void cutShort(long now) {
        // What somebody has helped himself to is leased: to end it is to cut it short.
        settlement.forAll(clearing::idle, now);
        ending.shutDown(books.waiting + books.count(State.LEASED) == 0);
        settlement.forAll(
                (endpoint, when) -> {
                    clearing.all(endpoint, when);
                    backOff.forget(endpoint);
                },
                now);
    }
}
