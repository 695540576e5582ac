package dev.keepalive;

import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A lease of the connection in a slot. */
final class SlotLease<C> implements Lease<C> {
    private final PooledLink<C> link;
    private final long number;
    private final AcquireRequest request;
    private final Origin origin;
    private final Timings timings;
    // Under this lease's monitor, so that no handle is made for a lease that has ended.
    private boolean ended;
    private @Nullable C handle;

    /** @param number counts the leases of the slot, from 1 */
    SlotLease(PooledLink<C> link, long number, AcquireRequest request, Origin origin, Timings timings) {
        this.link = link;
        this.number = number;
        this.request = request;
        this.origin = origin;
        this.timings = timings;
    }

    @Override
    public synchronized C connection() {
        if (ended) {
            throw new IllegalStateException("the lease of " + request + " has ended");
        }
        C result = handle;
        if (result == null) {
            result = link.handle(this);
            handle = result;
        }
        return result;
    }

    @Override
    public AcquireRequest request() {
        return request;
    }

    @Override
    public Origin origin() {
        return origin;
    }

    @Override
    public int uses() {
        return (int) Math.min(number, Integer.MAX_VALUE);
    }

    @Override
    public Timings timings() {
        return timings;
    }

    @Override
    public boolean release() {
        try {
            boolean first = end();
            if (first) {
                link.giveBack(number, null);
            }
            return first;
        } finally {
            // Until here the lease must not look forgotten.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean releaseAs(Endpoint as) {
        Objects.requireNonNull(as, "as");
        if (as.equals(link.endpoint())) {
            return release();
        }
        try {
            boolean first = endAs(as);
            if (first) {
                link.giveBack(number, as);
            }
            return first;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** What is refused leaves the lease as it is; and a lease that has ended leaves the connection as it is. */
    private synchronized boolean endAs(Endpoint as) {
        boolean first = !ended;
        if (first) {
            link.rekey(as);
            ended = true;
        }
        return first;
    }

    @Override
    public boolean invalidate(@Nullable Throwable cause) {
        try {
            boolean first = end();
            if (first) {
                link.discard(number, cause);
            }
            return first;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    private synchronized boolean end() {
        boolean first = !ended;
        ended = true;
        return first;
    }

    @Override
    public synchronized String toString() {
        return "lease " + number + " of " + link + (ended ? ", ended" : "");
    }
}
