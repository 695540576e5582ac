package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.LeaseOrigin;
import org.jspecify.annotations.Nullable;

/**
 * Something to be done, decided by the machine and done by the shell, outside exclusivity. Effects of different events
 * may overtake each other, so they commute: a slot that is stopped before its dial began never begins, and of two
 * alarms the higher version counts.
 */
public sealed interface Effect {
    /** The waiter's owner gets the slot's connection, as lease number {@code lease} of that slot. */
    record Deliver(Waiter waiter, Object owner, Slot slot, long lease, LeaseOrigin origin) implements Effect {}

    /**
     * The waiter's owner gets a failure.
     *
     * @param dial the dial that failed, or that the waiter was waiting for; null if there was none
     * @param oldest the slot whose present lease is the oldest, of the same endpoint if it has any; null if nothing is
     *     leased
     * @param endpoint the counts of its endpoint when it failed
     * @param all the counts over all
     */
    record Fail(
            Waiter waiter,
            Object owner,
            AcquireOutcome outcome,
            @Nullable Slot dial,
            @Nullable Slot oldest,
            Counts endpoint,
            Counts all)
            implements Effect {}

    /** A permit of the budget is to be asked for. To be answered by exactly one {@code asked}. */
    record RequestPermit(Slot slot) implements Effect {}

    /** The permit is not wanted any more. The ask is still to be answered. */
    record CancelPermitRequest(Slot slot) implements Effect {}

    /** A permit goes back to the budget. */
    record ReturnPermit(Slot slot) implements Effect {}

    /** A connection is to be dialled for the slot. To be answered by exactly one {@code dialled}. */
    record Dial(Slot slot) implements Effect {}

    /** The slot's dial is to be stopped. It is still to be answered. */
    record Stop(Slot slot, CloseReason reason) implements Effect {}

    /** The slot's connection is to be closed. To be answered by exactly one {@code closed}. */
    record Close(Slot slot, CloseReason reason) implements Effect {}

    /** The slot's connection is gone: for the listener. */
    record Gone(Slot slot, CloseReason reason) implements Effect {}

    /** The connector owes an answer to a stop or a close for too long: for the listener. */
    record CloseOverdue(Slot slot) implements Effect {}

    /** The slot's present lease is held for longer than is usual: for the listener. */
    record HeldTooLong(Slot slot) implements Effect {}

    /** The machine wants a {@code tick} at that time; the highest version counts. */
    record WakeAt(long time, long version) implements Effect {}

    /**
     * The machine was drained or shut down, and holds nothing any more.
     *
     * @param clean true if nobody's waiting and nobody's lease was cut short
     */
    record Finished(boolean clean) implements Effect {}
}
