package dev.keepalive.machine;

import dev.keepalive.CloseReason;

/**
 * Ends everything whose deadline has passed: acquires, slots in any state, pauses, the resource ceiling, and a drain.
 */
final class Timeouts {
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final SlotOpener slotOpener;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;
    private final BackOff backOff;
    private final Retirements retirements;
    private final ShutdownState shutdown;
    private final SharedDispatch sharedDispatch;

    Timeouts(
            IndexedHeap<IndexedHeap.Entry> deadlines,
            SlotOpener slotOpener,
            SlotTransitions transitions,
            WaitQueues waitQueues,
            BackOff backOff,
            Retirements retirements,
            ShutdownState shutdown,
            SharedDispatch sharedDispatch) {
        this.deadlines = deadlines;
        this.slotOpener = slotOpener;
        this.transitions = transitions;
        this.waitQueues = waitQueues;
        this.backOff = backOff;
        this.retirements = retirements;
        this.shutdown = shutdown;
        this.sharedDispatch = sharedDispatch;
    }

    /** Ends everything whose deadline is now or before. */
    void endDue(long now, long event) {
        for (IndexedHeap.Entry due = deadlines.least(); due != null && due.key() <= now; due = deadlines.least()) {
            if (due instanceof Waiter waiter) {
                timeOut(waiter, now);
            } else if (due instanceof Slot slot) {
                expire(slot, now, event);
                slotOpener.reconsider(slot.home, now);
            } else if (due instanceof BackOff.DialHealth health) {
                backOff.deadlineReached(health, now);
                slotOpener.reconsider(health.home, now);
            } else if (due instanceof ResourceCeiling ceiling) {
                ceiling.lift();
            } else {
                shutdown.cutShort(slotOpener, now);
            }
        }
    }

    /** The next deadline; {@link Long#MAX_VALUE} if there is none. */
    long nextDeadline() {
        IndexedHeap.Entry first = deadlines.least();
        return first == null ? Long.MAX_VALUE : first.key();
    }

    private void timeOut(Waiter waiter, long now) {
        EndpointState endpoint = waiter.home;
        if (endpoint == null) {
            throw new IllegalStateException("a waiter without its endpoint");
        }
        // A patient waiter that no dial is under way for may have outlived some: its failure is about the last.
        BackOff.DialHealth health = endpoint.health();
        Slot failed = waiter.patient && health != null ? health.lastFailed : null;
        Slot dial = waitQueues.isCovered(waiter) ? endpoint.oldestDial() : failed;
        waitQueues.fail(endpoint, waiter, AcquireOutcome.TIMED_OUT, dial);
        slotOpener.reconsider(endpoint, now);
    }

    private void expire(Slot slot, long now, long event) {
        Places places = slot.places();
        if (places != null) {
            sharedDispatch.expire(places, now);
            return;
        }
        switch (slot.state) {
            case DIALING -> {
                backOff.dialTimedOut(slot, now, event);
                transitions.end(slot, CloseReason.STEP_TIMEOUT, now);
            }
            case RESETTING -> transitions.end(slot, CloseReason.STEP_TIMEOUT, now);
            case IDLE -> checkIdle(slot, now);
            case LEASED -> transitions.heldTooLong(slot);
            case CLOSING -> giveUp(slot, now);
            case AWAITING_PERMIT, GONE -> throw new IllegalStateException("a deadline of a slot that is " + slot.state);
        }
    }

    /** Ends an idle slot, unless it has been used since it was parked or is borrowed now. */
    private void checkIdle(Slot slot, long now) {
        if (transitions.noteUse(slot) && slot.key() > now || !transitions.revoke(slot, now)) {
            return;
        }
        CloseReason reason = transitions.expireOrPark(slot, now);
        if (reason != null) {
            transitions.end(slot, reason, now);
        }
    }

    /**
     * The close is overdue. The slot keeps its permits, but its end is not expected any more. So above a lowered limit,
     * another slot must end instead.
     */
    private void giveUp(Slot slot, long now) {
        transitions.abandon(slot);
        retirements.endSurplus(slot.home, now);
        slotOpener.endSurplus(now);
    }
}
