package dev.keepalive.internal;

/** How a lease ended. */
enum ReleaseRoute {
    /** Another call had ended it before. */
    ALREADY_ENDED,
    /** It was borrowed: the connection is idle again after its reset, and the machine is not told. */
    RETURNED_DIRTY,
    /** The machine is told, and gets the connection after its reset. */
    RESETTING,
    /** The connection is dead, or must not be leased again; the machine is told. */
    DEAD
}
