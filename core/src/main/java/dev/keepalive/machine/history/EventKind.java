package dev.keepalive.machine.history;

/** The kinds of events: one for each method of {@link dev.keepalive.machine.History} that tells an event. */
public enum EventKind {
    /** {@link dev.keepalive.machine.Machine#acquire}. */
    ACQUIRE,
    /** {@link dev.keepalive.machine.Machine#tryAcquire}. */
    TRY_ACQUIRE,
    /** {@link dev.keepalive.machine.Machine#cancel}. */
    CANCEL,
    /** {@link dev.keepalive.machine.Machine#permitAnswered}. */
    PERMIT_ANSWERED,
    /** {@link dev.keepalive.machine.Machine#dialDone}. */
    DIAL_DONE,
    /** {@link dev.keepalive.machine.Machine#resetDone(dev.keepalive.machine.Slot, boolean, long)}. */
    RESET_DONE,
    /** {@link dev.keepalive.machine.Machine#released}. */
    RELEASED,
    /** {@link dev.keepalive.machine.Machine#closed}. */
    CLOSED,
    /** {@link dev.keepalive.machine.Machine#tick}. */
    TICK,
    /** {@link dev.keepalive.machine.Machine#configure}. */
    CONFIGURE,
    /** {@link dev.keepalive.machine.Machine#retire(dev.keepalive.Endpoint, long)}. */
    RETIRE,
    /** {@link dev.keepalive.machine.Machine#retire(dev.keepalive.machine.Slot, long)}. */
    RETIRE_ONE,
    /** {@link dev.keepalive.machine.Machine#retireAll}. */
    RETIRE_ALL,
    /** {@link dev.keepalive.machine.Machine#owed}. */
    OWED,
    /** {@link dev.keepalive.machine.Machine#drain}. */
    DRAIN,
    /** {@link dev.keepalive.machine.Machine#shutdown}. */
    SHUTDOWN,
    /** {@link dev.keepalive.machine.Machine#openedShared}. */
    OPENED_SHARED,
    /** {@link dev.keepalive.machine.Machine#capacity}. */
    CAPACITY,
    /** {@link dev.keepalive.machine.Machine#resetDone(dev.keepalive.machine.Slot, long, boolean, long)}. */
    LEASE_RESET
}
