package dev.keepalive.machine;

/** What became of a waiter. It has one fate, once. */
public enum Fate {
    /** It is in line. */
    WAITING,
    /** It got a connection. */
    SERVED,
    /** It was withdrawn. */
    WITHDRAWN,
    /** Its time was up. */
    TIMED_OUT,
    /** The dial that it caused failed. */
    DIAL_FAILED,
    /** The dial that it caused took too long. */
    DIAL_TIMED_OUT,
    /** The machine was shut down. */
    CLOSED
}
