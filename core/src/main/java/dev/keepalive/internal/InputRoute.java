package dev.keepalive.internal;

/** Where input from the peer goes. */
enum InputRoute {
    /** To the present holder, or to the first one. */
    TO_HOLDER,
    /** Nowhere: no holder asked for it. The connection is dead from now on. */
    UNEXPECTED,
    /** Nowhere: the connection was dead before. */
    TOO_LATE
}
