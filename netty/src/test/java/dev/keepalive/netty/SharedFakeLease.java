package dev.keepalive.netty;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import dev.keepalive.spi.Link;
import java.util.concurrent.atomic.AtomicBoolean;

/** One of the leases of a shared link, without a manager. */
final class SharedFakeLease<C> implements Lease<C> {
    private final Link<C> link;
    final long number;
    private final AtomicBoolean ended = new AtomicBoolean();

    SharedFakeLease(Link<C> link, long number) {
        this.link = link;
        this.number = number;
    }

    @Override
    public C connection() {
        return link.handle(this, number);
    }

    @Override
    public boolean isEnded() {
        return ended.get();
    }

    @Override
    public boolean release() {
        boolean first = markEnded();
        if (first) {
            link.reset(number);
        }
        return first;
    }

    /** Ends it, and does not tell the link yet. */
    boolean markEnded() {
        return ended.compareAndSet(false, true);
    }

    @Override
    public boolean invalidate(Throwable cause) {
        return release();
    }

    @Override
    public boolean releaseAs(Endpoint as) {
        throw new UnsupportedOperationException();
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
        return (int) number;
    }

    @Override
    public Timings timings() {
        throw new UnsupportedOperationException();
    }
}
