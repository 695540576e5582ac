package dev.keepalive.machine;

import dev.keepalive.CloseReason;

/**
 * What has a time of its own, and what becomes of it when that is there: acquires, slots in any state, pauses, and the
 * end of a drain.
 */
final class Dues {
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Settlement settlement;
    private final Slots slots;
    private final Lines lines;
    private final BackOff backOff;
    private final Clearing clearing;
    private final Ending ending;

    Dues(
            IndexedHeap<IndexedHeap.Entry> deadlines,
            Settlement settlement,
            Slots slots,
            Lines lines,
            BackOff backOff,
            Clearing clearing,
            Ending ending) {
        this.deadlines = deadlines;
        this.settlement = settlement;
        this.slots = slots;
        this.lines = lines;
        this.backOff = backOff;
        this.clearing = clearing;
        this.ending = ending;
    }

    /** Ends what is due by now. */
    void end(long now, long event) {
        for (IndexedHeap.Entry due = deadlines.least(); due != null && due.key() <= now; due = deadlines.least()) {
            if (due instanceof Waiter waiter) {
                timeOut(waiter, now);
            } else if (due instanceof Slot slot) {
                expire(slot, now, event);
                settlement.reconsider(slot.home, now);
            } else if (due instanceof BackOff.Health health) {
                backOff.isOver(health, now);
                settlement.reconsider(health.home, now);
            } else if (due instanceof Ceiling ceiling) {
                ceiling.lift();
            } else {
                ending.cutShort(settlement, now);
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
                backOff.dialTimedOut(slot, now, event);
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

    /**
     * It keeps its place though nobody counts on its end any more: above a lowered limit, something else must end
     * instead.
     */
    private void giveUp(Slot slot, long now) {
        slots.giveUp(slot);
        clearing.surplus(slot.home, now);
        settlement.endSurplus(now);
    }
}
