package dev.keepalive;

/** Why a connection was closed. */
public enum CloseReason {
    /** The connection was idle for as long as {@link ManagerBuilder#idleTimeout} allows. */
    IDLE_TIMEOUT,
    /**
     * The connection was as old as {@link ManagerBuilder#maxLifetime} allows, and free. One that takes several leases
     * at a time takes no new ones from that age on, for as long as the acquires of its endpoint can do without it.
     */
    LIFETIME,
    /**
     * The connection was free, or was a dial that no waiter needed. It was closed to make room for another endpoint at
     * the total limit, or for another manager of the budget. Or it takes several leases at a time, and took no new ones
     * for that purpose until it was free.
     */
    EVICTED,
    /**
     * The program asked for it by {@link ConnectionManager#evict} or lowered a limit. Or the endpoint of a
     * {@link Lease#releaseAs} had no room for the connection, or the connector asked for it, or the host had been
     * suspended. Or the connection takes several leases at a time, and one of them could not be cleaned up.
     */
    RETIRED,
    /** The peer or the network closed the connection. */
    PEER_CLOSED,
    /**
     * The peer sent something while the connection was not leased. The next holder could not have told it from an
     * answer. Or the peer kept the connection busy with what carries no data, such as TLS records.
     */
    UNEXPECTED_INPUT,
    /**
     * The holder released the connection with unread input, half-closed, or otherwise not at a message boundary. Never
     * for a connection that takes several leases at a time.
     */
    NOT_REUSABLE,
    /** The holder invalidated the lease of a connection that takes one at a time. */
    INVALIDATED,
    /** The lease of a connection that takes one at a time leaked: it became garbage before it was ended. */
    LEAKED,
    /** A step took longer than allowed: the dial, or the reset after a release. */
    STEP_TIMEOUT,
    /** The manager was closed or drained. */
    MANAGER_CLOSED,
    /** The connection takes several leases at a time, but its peer allowed none for 5 s while it was idle. */
    NO_ROOM
}
