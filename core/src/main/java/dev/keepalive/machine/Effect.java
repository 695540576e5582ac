package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Counts;
import dev.keepalive.LeaseOrigin;
import org.jspecify.annotations.Nullable;

/**
 * Something to be done. The machine decides it, and the manager does it outside the lock. Effects of different events
 * may overtake each other, so they commute: a slot that is stopped before its dial began never begins, and of two
 * wake-ups the higher version counts.
 */
public sealed interface Effect {
    /** The waiter's owner gets the slot's connection, as lease number {@code lease} of that slot. */
    record Deliver(Waiter waiter, Object owner, Slot slot, long lease, LeaseOrigin origin) implements Effect {}

    /**
     * The waiter's owner gets a failure.
     *
     * @param dial the slot whose dial failed, or for which the waiter was waiting; null if there was none
     * @param oldest the slot whose present lease is the oldest, of the same endpoint if it has any; null if nothing is
     *     leased
     * @param endpoint the counts of the waiter's endpoint at the time of the failure
     * @param all the counts over all endpoints
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

    /** The slot requests a permit of the budget. To be answered by exactly one {@link Machine#permitAnswered}. */
    record RequestPermit(Slot slot) implements Effect {}

    /** The slot does not want its permit any more. The request is still to be answered. */
    record CancelPermitRequest(Slot slot) implements Effect {}

    /** The slot returns a permit to the budget. */
    record ReturnPermit(Slot slot) implements Effect {}

    /** The slot's connection is to be dialed. To be answered by exactly one {@link Machine#dialDone}. */
    record Dial(Slot slot) implements Effect {}

    /** The slot's dial is to be stopped. The dial is still to be answered. */
    record Stop(Slot slot, CloseReason reason) implements Effect {}

    /** The slot's connection is to be closed. To be answered by exactly one {@link Machine#closed}. */
    record Close(Slot slot, CloseReason reason) implements Effect {}

    /** The slot's connection is gone; told to the listener. */
    record Gone(Slot slot, CloseReason reason) implements Effect {}

    /** The connector has not answered a stop or a close for too long; told to the listener. */
    record CloseOverdue(Slot slot) implements Effect {}

    /** This lease of the slot is held for longer than the threshold; told to the listener. */
    record HeldTooLong(Slot slot, long lease) implements Effect {}

    /**
     * The slot's connection is retired, its leases do not end, and waiters of its endpoint are kept out; told to the
     * listener.
     *
     * @param leases how many leases have not ended
     */
    record Lingers(Slot slot, int leases) implements Effect {}

    /** The machine wants a {@link Machine#tick} at that time. The highest version counts. */
    record WakeAt(long time, long version) implements Effect {}

    /**
     * The machine was drained or shut down, and holds nothing any more.
     *
     * @param clean true if no waiter and no lease was cut short
     */
    record Finished(boolean clean) implements Effect {}
}
