package dev.keepalive.soak;

/** What the workers count. The first group is exhaustive: every acquire ends as exactly one of them. */
enum Count {
    /** Answered with an idle connection. */
    IMMEDIATE,
    /** Answered with one that was released meanwhile. */
    DEFERRED,
    /** Answered with a new one. */
    NEW,
    /** Tried, and nothing was idle. */
    NONE_IDLE,
    /** Answered: in vain for so long. */
    TIMED_OUT,
    /** Answered: no connection can be opened. */
    DIAL_FAILED,
    /** Answered: too many wait already. */
    QUEUE_FULL,
    /** Answered: the manager is ending. */
    CLOSED,
    /** Given up by who asked. */
    CANCELLED,

    /** Given up by an interrupt, which may have come before the manager was asked: these are among the cancelled. */
    INTERRUPTED,
    /** Acquires begun. */
    STARTED,
    /** Exchanges with the right answer. */
    ANSWERED,
    /** Exchanges whose connection ended before the answer. */
    BROKEN,
    /** Exchanges that were given up. */
    GIVEN_UP,
    /** Exchanges that read something that nobody can tell from an answer. */
    STRAY,
    /** Leases that were dropped without a word. */
    FORGOTTEN,
    /** Leases that came just when the only stage that was to have them was given up. */
    DROPPED
}
