package dev.keepalive.machine;

/** What became of a waiter. It has one fate, once. */
public enum AcquireOutcome {
    /** It got a connection. */
    SERVED,
    /** It was withdrawn. */
    CANCELLED,
    /** Its time was up. */
    TIMED_OUT,
    /** The dial that it caused failed. */
    DIAL_FAILED,
    /** The dial that it caused took too long. */
    DIAL_TIMED_OUT,
    /** Too many were waiting when it came. */
    QUEUE_FULL,
    /** Its endpoint was paused after failed dials, and nothing was there that could have served it. */
    PAUSED,
    /** The machine was being drained when it came, or was shut down. */
    CLOSED
}
