package dev.keepalive.netty;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import dev.keepalive.spi.Link;

/** A lease that behaves like a lease of the manager, without a manager. */
class FakeLease implements Lease<NettyConnection> {
    private final Link<NettyConnection> link;
    private final RecordingEvents events;
    private final long number;
    private boolean ended;
    private NettyConnection handle;
    volatile Throwable invalidatedBy;

    FakeLease(Link<NettyConnection> link, RecordingEvents events) {
        this.link = link;
        this.events = events;
        this.number = events.leases.incrementAndGet();
        events.leased = true;
    }

    @Override
    public synchronized NettyConnection connection() {
        if (ended) {
            throw new IllegalStateException("the lease has ended");
        }
        if (handle == null) {
            handle = link.handle(this, number);
        }
        return handle;
    }

    @Override
    public boolean release() {
        boolean first = end();
        if (first) {
            events.leased = false;
            link.reset(number);
        }
        return first;
    }

    @Override
    public boolean releaseAs(Endpoint as) {
        link.rekey(as);
        return release();
    }

    @Override
    public boolean invalidate(Throwable cause) {
        boolean first = end();
        if (first) {
            invalidatedBy = cause;
            events.leased = false;
            link.close();
        }
        return first;
    }

    @Override
    public synchronized boolean isEnded() {
        return ended;
    }

    private synchronized boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    @Override
    public AcquireRequest request() {
        throw new UnsupportedOperationException();
    }

    @Override
    public LeaseOrigin origin() {
        throw new UnsupportedOperationException();
    }

    @Override
    public int uses() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Timings timings() {
        throw new UnsupportedOperationException();
    }
}
