package dev.keepalive;

/** Why a connection was closed. */
public enum CloseReason {
    /** It was idle for as long as {@link ManagerBuilder#idleTimeout} allows. */
    IDLE_TIMEOUT,
    /** It was as old as {@link ManagerBuilder#maxLifetime} allows. */
    LIFETIME,
    /**
     * It was free, or a dial that nobody waited for any more, and made room for another endpoint at the total limit, or
     * for another manager.
     */
    EVICTED,
    /**
     * The program asked for it with {@link ConnectionManager#evict} or lowered a limit, its endpoint had no place for
     * it ({@link Lease#releaseAs}), the connector asked for it, or the machine had been suspended.
     */
    RETIRED,
    /** The peer closed it, or the network did. */
    PEER_CLOSED,
    /** The peer sent something while nobody had leased it, so its next holder could not tell answers apart. */
    UNEXPECTED_INPUT,
    /** Its holder released it with unread input, half-closed, or otherwise not at a message boundary. */
    NOT_REUSABLE,
    /** Its holder asked for it. */
    INVALIDATED,
    /** Its holder forgot it: the lease was garbage before it was ended. */
    LEAKED,
    /** A step took longer than it may: the dial, or the clean-up after a release. */
    STEP_TIMEOUT,
    /** The manager was closed, or was being drained. */
    MANAGER_CLOSED
}
