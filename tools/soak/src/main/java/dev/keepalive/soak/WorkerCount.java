package dev.keepalive.soak;

/**
 * What the workers count. The constants of the first group exclude each other, and every acquire ends as one of them.
 */
enum WorkerCount {
    /** Answered with an idle connection. */
    IMMEDIATE,
    /** Answered with a connection that was released meanwhile. */
    DEFERRED,
    /** Answered with a new connection. */
    NEW,
    /** A try that found no idle connection. */
    NONE_IDLE,
    /** Failed: timed out. */
    TIMED_OUT,
    /** Failed: no connection can be opened. */
    DIAL_FAILED,
    /** Failed: the wait queue is full. */
    QUEUE_FULL,
    /** Failed: the manager is closing. */
    CLOSED,
    /** Cancelled by the caller. */
    CANCELLED,

    /** Ended by an interrupt, perhaps before the manager was called. These count as cancelled too. */
    INTERRUPTED,
    /** Acquires begun. */
    STARTED,
    /** Exchanges with the right answer. */
    ANSWERED,
    /** Exchanges whose connection ended before the answer. */
    BROKEN,
    /** Exchanges that timed out. */
    GIVEN_UP,
    /** Exchanges that read a line that cannot be told from an answer. */
    STRAY,
    /** Leases that were ended before their answer had come. */
    ABANDONED,
    /** Leases that were acquired before the one before them was ended. */
    RENEWED,
    /** Leases that were dropped without being ended. */
    LEAKED,
    /** Leases that arrived when the only dependent stage had just been cancelled. */
    DROPPED
}
