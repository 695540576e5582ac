package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;

/** The connection that the holder of a lease uses. Immutable. */
public final class FakeConnection {
    private final FakeLink link;

    /** Keeps the lease reachable while the connection is used. */
    private final Lease<FakeConnection> lease;

    FakeConnection(FakeLink link, Lease<FakeConnection> lease) {
        this.link = link;
        this.lease = lease;
    }

    /** The link underneath: the same one for each lease of the connection. */
    public FakeLink link() {
        return link;
    }

    /** The lease that this connection belongs to; during a setup, the lease of the setup. */
    public Lease<FakeConnection> lease() {
        return lease;
    }

    /** The endpoint that the lease asked for. */
    public Endpoint endpoint() {
        return lease.request().endpoint();
    }
}
