package dev.keepalive.machine;

/** What is to become of the connection when a lease ends. */
public enum ReleaseKind {
    /** The connection is reusable: it may be leased again at once. */
    REUSE,
    /** The connection is to be reset first. The answer comes as {@link Machine#resetDone}. */
    RESET,
    /** The connection is to be closed, because it is not at a message boundary. */
    NOT_REUSABLE,
    /** The connection is to be closed, because its holder invalidated the lease. */
    INVALIDATED,
    /** The connection is to be closed, because the lease leaked. */
    LEAKED
}
