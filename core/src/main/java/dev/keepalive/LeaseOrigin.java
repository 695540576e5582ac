package dev.keepalive;

/** How an acquire got its connection. */
public enum LeaseOrigin {
    /** The connection was idle, or was being reset, or had room for a further lease, when the acquire was made. */
    IMMEDIATE,
    /** Another lease released the connection, or the connection had room again, while this acquire waited. */
    DEFERRED,
    /**
     * The connection came directly from its dial. It was never leased or idle before. One that takes several leases at
     * a time serves several acquires in that moment, all of them new.
     */
    NEW
}
