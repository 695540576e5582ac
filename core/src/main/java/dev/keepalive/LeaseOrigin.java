package dev.keepalive;

/** How an acquire got its connection. */
public enum LeaseOrigin {
    /** The connection was idle, or was being reset, when the acquire was made. */
    IMMEDIATE,
    /** Another lease released the connection while this acquire waited. */
    DEFERRED,
    /** The connection came directly from its dial. It was never leased or idle before. */
    NEW
}
