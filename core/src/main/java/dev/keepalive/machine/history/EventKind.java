package dev.keepalive.machine.history;

/** The kinds of events: one for each method of the journal that tells of an event. */
public enum EventKind {
    /** An acquire. */
    ACQUIRE,
    /** An acquire of what is idle. */
    TRY_ACQUIRE,
    /** A withdrawal. */
    CANCEL,
    /** The answer of the budget. */
    PERMIT_ANSWERED,
    /** The end of a dial. */
    DIAL_DONE,
    /** The end of a reset. */
    RESET_DONE,
    /** A release. */
    RELEASED,
    /** The end of a connection. */
    CLOSED,
    /** The alarm. */
    TICK,
    /** Other limits. */
    CONFIGURE,
    /** An endpoint whose connections are retired. */
    RETIRE,
    /** A slot whose connection is retired. */
    RETIRE_ONE,
    /** All endpoints whose connections are retired. */
    RETIRE_ALL,
    /** What is owed to the budget. */
    OWED,
    /** A drain. */
    DRAIN,
    /** The end. */
    SHUTDOWN
}
