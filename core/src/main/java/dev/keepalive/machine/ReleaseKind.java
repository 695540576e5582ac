package dev.keepalive.machine;

/** How a lease gives its connection back. */
public enum ReleaseKind {
    /** Clean: it may be leased again at once. */
    REUSE,
    /** To be cleaned up first; the answer comes as {@link Machine#resetDone}. */
    RESET,
    /** To be closed, because it is not at a message boundary. */
    NOT_REUSABLE,
    /** To be closed, because its holder says so. */
    INVALIDATED,
    /** To be closed, because nobody holds the lease any more. */
    LEAKED
}
