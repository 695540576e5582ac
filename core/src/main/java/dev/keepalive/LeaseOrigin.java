package dev.keepalive;

/** How a lease came by its connection. */
public enum LeaseOrigin {
    /** The connection was idle, or on its way to be, when it was asked for. The seed's {@code immediate}. */
    IMMEDIATE,
    /** Another lease released the connection while this acquire waited. The seed's {@code deferred}. */
    DEFERRED,
    /** The connection came straight from the dial: never leased, never idle. The seed's false {@code from_cache}. */
    NEW
}
