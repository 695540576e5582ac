package dev.keepalive.machine;

import dev.keepalive.CloseReason;

/**
 * What has a time of its own, and what becomes of it when that is there: acquires, slots in any state, pauses, and the
 * end of a drain.
 */
final class Timeouts {
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Settlement settlement;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;
    private final BackOff backOff;
    private final Evictions evictions;
    private final ShutdownState shutdown;

    Timeouts(
            IndexedHeap<IndexedHeap.Entry> deadlines,
            Settlement settlement,
            SlotTransitions transitions,
            WaitQueues waitQueues,
            BackOff backOff,
            Evictions evictions,
            ShutdownState shutdown) {
        this.deadlines = deadlines;
        this.settlement = settlement;
        this.transitions = transitions;
        this.waitQueues = waitQueues;
        this.backOff = backOff;
        this.evictions = evictions;
        this.shutdown = shutdown;
    }

    /** Ends what is due by now. */
    void endDue(long now, long event) {
        for (IndexedHeap.Entry due = deadlines.least(); due != null && due.key() <= now; due = deadlines.least()) {
            if (due instanceof Waiter waiter) {
                timeOut(waiter, now);
            } else if (due instanceof Slot slot) {
                expire(slot, now, event);
                settlement.reconsider(slot.home, now);
            } else if (due instanceof BackOff.Health health) {
                backOff.deadlineReached(health, now);
                settlement.reconsider(health.home, now);
            } else if (due instanceof ResourceCeiling ceiling) {
                ceiling.lift();
            } else {
                shutdown.cutShort(settlement, now);
            }
        }
    }

    /** When the next is due; {@link Long#MAX_VALUE} for never. */
    long nextDeadline() {
        IndexedHeap.Entry first = deadlines.least();
        return first == null ? Long.MAX_VALUE : first.key();
    }

    private void timeOut(Waiter waiter, long now) {
        EndpointState endpoint = waiter.home;
        if (endpoint == null) {
            throw new IllegalStateException("a waiter without its endpoint");
        }
        waitQueues.fail(
                endpoint,
                waiter,
                AcquireOutcome.TIMED_OUT,
                waitQueues.isCovered(waiter) ? endpoint.oldestDial() : null);
        settlement.reconsider(endpoint, now);
    }

    private void expire(Slot slot, long now, long event) {
        switch (slot.state) {
            case DIALING -> {
                backOff.dialTimedOut(slot, now, event);
                transitions.end(slot, CloseReason.STEP_TIMEOUT, now);
            }
            case RESETTING -> transitions.end(slot, CloseReason.STEP_TIMEOUT, now);
            case IDLE -> checkIdle(slot, now);
            case LEASED -> transitions.heldTooLong(slot);
            case CLOSING -> giveUp(slot, now);
            case AWAITING_PERMIT, GONE -> throw new IllegalStateException("a deadline on a slot that is " + slot.state);
        }
    }

    /** It may have been used since it was parked, or be in use just now. */
    private void checkIdle(Slot slot, long now) {
        if (transitions.noteUse(slot) && slot.key() > now || !transitions.revoke(slot, now)) {
            return;
        }
        CloseReason why = transitions.expireOrPark(slot, now);
        if (why != null) {
            transitions.end(slot, why, now);
        }
    }

    /**
     * It keeps its place though nobody counts on its end any more: above a lowered limit, something else must end
     * instead.
     */
    private void giveUp(Slot slot, long now) {
        transitions.abandon(slot);
        evictions.endSurplus(slot.home, now);
        settlement.endSurplus(now);
    }
}
