package dev.keepalive.machine;

import dev.keepalive.Counts;
import dev.keepalive.machine.Slot.State;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The only way of a waiter into its queue and out of it, by success, failure or cancel. Decides nothing. */
final class WaitQueues {
    private final Admission admission;
    private final Counters counters;
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Consumer<Effect> out;

    WaitQueues(Admission admission, Counters counters, IndexedHeap<IndexedHeap.Entry> deadlines, Consumer<Effect> out) {
        this.admission = admission;
        this.counters = counters;
        this.deadlines = deadlines;
        this.out = out;
    }

    /** Puts a waiter into its endpoint's queue, as the youngest. */
    void join(EndpointState endpoint, Waiter waiter, long event) {
        waiter.sequence = event;
        endpoint.join(waiter);
        counters.waiting++;
        addDeadlineIfNeeded(waiter, endpoint.waiterBefore(waiter));
    }

    /** True if the waiter is in its queue and a slot is coming for it. */
    boolean isCovered(Waiter waiter) {
        WaitQueue waitQueue = waiter.home == null ? null : waiter.home.waitQueue();
        return waitQueue != null && waitQueue.covers(waiter);
    }

    /** Takes a waiter out of its endpoint's queue. */
    void leave(EndpointState endpoint, Waiter waiter) {
        Waiter before = endpoint.waiterBefore(waiter);
        Waiter after = endpoint.waiterAfter(waiter);
        endpoint.leave(waiter);
        counters.waiting--;
        deadlines.remove(waiter);
        if (after != null) {
            addDeadlineIfNeeded(after, before);
        }
    }

    /**
     * Adds the waiter to the deadlines, unless the waiter before it in the queue has the same or an earlier deadline.
     * Then the waiter is looked at when the one before it leaves. Usually all have the same timeout, so only the first
     * of a queue is among the deadlines.
     */
    private void addDeadlineIfNeeded(Waiter waiter, @Nullable Waiter before) {
        boolean laterThanBefore = before != null && before.key() <= waiter.key();
        if (!laterThanBefore && waiter.key() < Long.MAX_VALUE && !deadlines.contains(waiter)) {
            deadlines.add(waiter);
        }
    }

    /**
     * Fails a waiter: makes the effect, takes the waiter out of its queue, and gives it its outcome.
     *
     * @param dial the slot whose dial the failure is about; null if it is about none
     */
    void fail(EndpointState endpoint, Waiter waiter, AcquireOutcome outcome, @Nullable Slot dial) {
        Counts before = endpoint.counts();
        Counts allBefore = counters.counts();
        // The effect comes first: if this event fails, the waiter is found in its queue or in an effect.
        Object owner = waiter.owner(outcome);
        out.accept(new Effect.Fail(waiter, owner, outcome, dial, oldestLease(endpoint), before, allBefore));
        leave(endpoint, waiter);
        waiter.end(outcome);
        counters.failed(outcome);
    }

    /**
     * Fails all waiters of an endpoint.
     *
     * @param dial the slot whose dial the failures are about; null if they are about none
     */
    void failAll(EndpointState endpoint, AcquireOutcome outcome, @Nullable Slot dial) {
        for (Waiter waiter = endpoint.firstWaiter(); waiter != null; waiter = endpoint.firstWaiter()) {
            fail(endpoint, waiter, outcome, dial);
        }
    }

    /** Fails those waiters of a paused endpoint that do not wait for the end of the pause, the oldest first. */
    void failImpatient(EndpointState endpoint, @Nullable Slot dial) {
        for (Waiter next = endpoint.firstImpatient(); next != null; next = endpoint.firstImpatient()) {
            fail(endpoint, next, AcquireOutcome.PAUSED, dial);
        }
    }

    /**
     * A slot's dial has failed: fails the waiter that it was begun for, if that still waits and is not patient, and no
     * other waiter.
     */
    void tell(@Nullable Waiter cause, AcquireOutcome outcome, Slot slot) {
        if (cause != null && cause.isWaiting() && !cause.patient) {
            fail(slot.home, cause, outcome, slot);
        }
    }

    /**
     * The slot of this endpoint that has been leased for the longest time, else that of any endpoint; null if none is
     * leased.
     */
    private @Nullable Slot oldestLease(EndpointState endpoint) {
        Slot own = endpoint.oldest(State.LEASED);
        return own == null ? admission.leased.first() : own;
    }
}
