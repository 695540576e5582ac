package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;

/**
 * Is told, in order, everything that a machine is told, and what the machine decided. Another machine that is told the
 * same has the same effects. The machine calls it from one thread at a time. It must not throw, and must not call the
 * machine.
 *
 * <p>For each event the calls are: {@link #eventBegins}; then what ends because its deadline has passed; then the
 * event's own method, once; then what follows from the event. The numbers are those of endpoints ({@link #endpoint}),
 * slots ({@link Slot#number}) and waiters ({@link Waiter#sequence}); 0 stands for none.
 */
public interface History {
    /** A history that records nothing. */
    History NONE = new History() {};

    /**
     * The machine knows a new endpoint. Its number is unique in the history. Called before the endpoint's first event.
     */
    default void endpoint(long number, Endpoint endpoint) {}

    /** The next event begins. First, everything ends whose deadline has passed. */
    default void eventBegins() {}

    /** An {@link AtomicSlot} has answered the machine: with a number, or with 1 for true and 0 for false. */
    default void slotAnswered(long answer) {}

    /** The machine has decided an effect. */
    default void effect(Effect effect) {}

    // ---- events

    /**
     * {@link Machine#acquire}.
     *
     * @param fresh true if only a connection that was never used before will do
     * @param patient true if the acquire goes on waiting when dials fail
     * @param expected how many leases a connection to the endpoint is declared to take, 1 to
     *     {@link Waiter#MOST_EXPECTED}
     */
    default void acquire(
            long time, long endpoint, long deadline, int loop, boolean fresh, boolean patient, int expected) {}

    /** {@link Machine#tryAcquire}; the endpoint is 0 if the machine does not know it. */
    default void tryAcquire(long time, long endpoint, int loop) {}

    /** {@link Machine#cancel}. */
    default void cancel(long time, long waiter) {}

    /** {@link Machine#permitAnswered}. */
    default void permitAnswered(long time, long slot, boolean granted) {}

    /** {@link Machine#dialDone}. */
    default void dialDone(long time, long slot, DialResult result, int loop) {}

    /** {@link Machine#openedShared}. */
    default void openedShared(long time, long slot, int loop, int capacity) {}

    /** {@link Machine#capacity}. */
    default void capacity(long time, long slot, int capacity) {}

    /** {@link Machine#resetDone(Slot, long, boolean, long)}. */
    default void leaseReset(long time, long slot, long lease, boolean reusable) {}

    /** {@link Machine#resetDone(Slot, boolean, long)}. */
    default void resetDone(long time, long slot, boolean reusable) {}

    /**
     * {@link Machine#released}.
     *
     * @param as the endpoint that the connection leads to from now on; 0 if that does not change
     */
    default void released(long time, long slot, long lease, ReleaseKind kind, long as) {}

    /** {@link Machine#closed}. */
    default void closed(long time, long slot, CloseReason reason) {}

    /** {@link Machine#tick}. */
    default void tick(long time) {}

    /** {@link Machine#configure}. */
    default void configure(long time, Limits limits) {}

    /** {@link Machine#retire(Endpoint, long)}; the endpoint is 0 if the machine does not know it. */
    default void retire(long time, long endpoint) {}

    /** {@link Machine#retire(Slot, long)}. */
    default void retireOne(long time, long slot) {}

    /** {@link Machine#retireAll}. */
    default void retireAll(long time) {}

    /** {@link Machine#owed}. */
    default void owed(long time, int level) {}

    /** {@link Machine#drain}. */
    default void drain(long time, long deadline) {}

    /** {@link Machine#shutdown}. */
    default void shutdown(long time) {}
}
