package dev.keepalive.machine;

import dev.keepalive.Counts;
import dev.keepalive.machine.Slot.State;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The life of waiters: how they come into their endpoint's line and leave it, and how they are told of a failure.
 * Decides nothing.
 */
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

    void join(EndpointState endpoint, Waiter waiter, long event) {
        waiter.sequence = event;
        endpoint.join(waiter);
        counters.waiting++;
        addDeadlineIfNeeded(waiter, endpoint.waiterBefore(waiter));
    }

    /** True if the waiter is in line and a slot is coming for it. */
    boolean isCovered(Waiter waiter) {
        WaitQueue waitQueue = waiter.home == null ? null : waiter.home.waitQueue();
        return waitQueue != null && waitQueue.covers(waiter);
    }

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
     * A waiter whose time is up no earlier than that of the one before him needs no place among the deadlines while
     * that one waits: he is looked at when the one before him leaves. Usually all have the same timeout, and of a whole
     * line only the first has a place.
     */
    private void addDeadlineIfNeeded(Waiter waiter, @Nullable Waiter before) {
        boolean sheltered = before != null && before.key() <= waiter.key();
        if (!sheltered && waiter.key() < Long.MAX_VALUE && !deadlines.contains(waiter)) {
            deadlines.add(waiter);
        }
    }

    /** @param dial the dial that the failure is about, if any */
    void fail(EndpointState endpoint, Waiter waiter, AcquireOutcome outcome, @Nullable Slot dial) {
        Counts before = endpoint.counts();
        Counts allBefore = counters.counts();
        // First the effect: if this event fails, the waiter is found in its line or in an effect.
        Object owner = waiter.owner(outcome);
        out.accept(new Effect.Fail(waiter, owner, outcome, dial, oldestLease(endpoint), before, allBefore));
        leave(endpoint, waiter);
        waiter.end(outcome);
        counters.failed(outcome);
    }

    void failAll(EndpointState endpoint, AcquireOutcome outcome, @Nullable Slot dial) {
        for (Waiter waiter = endpoint.firstWaiter(); waiter != null; waiter = endpoint.firstWaiter()) {
            fail(endpoint, waiter, outcome, dial);
        }
    }

    /** A dial has failed: the waiter that it was begun for is told, if it still waits, and nobody else. */
    void tellCause(Slot slot, AcquireOutcome outcome) {
        Waiter cause = slot.cause;
        if (cause != null && cause.isWaiting()) {
            fail(slot.home, cause, outcome, slot);
        }
    }

    /** Who has held a connection to the endpoint for the longest time, or else one to any other. */
    private @Nullable Slot oldestLease(EndpointState endpoint) {
        Slot own = endpoint.oldest(State.LEASED);
        return own == null ? admission.leased.first() : own;
    }
}
