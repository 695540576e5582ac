package dev.keepalive.internal;

/** How a lease ended. */
enum ReleaseRoute {
    /** Another call had ended it before. */
    ALREADY_ENDED,
    /** It was borrowed: the connection is idle after its reset. The machine is told only if it revokes it meanwhile. */
    RETURNED_DIRTY,
    /** The machine is told, and gets the connection after its reset. */
    RESETTING,
    /** The connection is dead, or must not be leased again; the machine is told. */
    DEAD
}
