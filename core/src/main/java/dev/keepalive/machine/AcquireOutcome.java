package dev.keepalive.machine;

/** How an acquire ended. A waiter gets exactly one outcome. */
public enum AcquireOutcome {
    /** The waiter got a connection. */
    SERVED,
    /** The acquire was cancelled. */
    CANCELLED,
    /** The deadline of the acquire passed. */
    TIMED_OUT,
    /** The dial that was begun for the waiter failed. */
    DIAL_FAILED,
    /** The dial that was begun for the waiter took too long. */
    DIAL_TIMED_OUT,
    /** The wait queue was full when the acquire was made. */
    QUEUE_FULL,
    /** The endpoint was paused after failed dials, and had no slot that could have served the waiter. */
    PAUSED,
    /** The machine was being drained or was shut down when the acquire was made, or was shut down while it waited. */
    CLOSED
}
