package dev.keepalive.internal;

/** Where the answer to a reset goes. */
enum ResetAnswerRoute {
    /** Nowhere: the connection is idle again, and the machine is not told; or it is dead, if it is not reusable. */
    RETURNED,
    /** To the machine, which waits for it. */
    TO_MACHINE,
    /** Nowhere: it is kept for the thread that began the reset; or no answer is awaited. */
    NOWHERE
}
