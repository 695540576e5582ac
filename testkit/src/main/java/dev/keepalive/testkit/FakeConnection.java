package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;

/** What the holder of a lease uses. */
public final class FakeConnection {
    private final FakeLink link;

    /** Held so that the lease is not garbage while the connection is used. */
    private final Lease<FakeConnection> lease;

    FakeConnection(FakeLink link, Lease<FakeConnection> lease) {
        this.link = link;
        this.lease = lease;
    }

    /** The connection underneath, the same for each lease of it. */
    public FakeLink link() {
        return link;
    }

    /** The lease that this belongs to; of a set-up, what the connection takes for its lease. */
    public Lease<FakeConnection> lease() {
        return lease;
    }

    /** What it leads to. */
    public Endpoint endpoint() {
        return lease.request().endpoint();
    }
}
