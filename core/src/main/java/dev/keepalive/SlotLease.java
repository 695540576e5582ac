package dev.keepalive;

import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A lease of the connection in a slot. One is made for each acquire, so it has nothing in it that the link knows. */
class SlotLease<C> implements Lease<C> {
    private final PooledLink<C> link;
    private final long number;
    private final AcquireRequest request;
    private volatile @Nullable C handle;

    /** @param number counts the leases of the slot, from 1 */
    SlotLease(PooledLink<C> link, long number, AcquireRequest request) {
        this.link = link;
        this.number = number;
        this.request = request;
    }

    /** True if the connection belongs to that rack; after it was borrowed from there, it may have become one to elsewhere just before. */
    final boolean isFrom(Rack<C> rack) {
        return link.isIn(rack);
    }

    final long number() {
        return number;
    }

    @Override
    public final C connection() {
        C made = handle;
        if (made == null) {
            return makeHandle();
        }
        if (!link.isHeld(number)) {
            throw hasEnded();
        }
        return made;
    }

    /** Under this lease's monitor, so that a release waits for it: no handle is made for a lease that has ended. */
    private synchronized C makeHandle() {
        if (!link.beginHandle(number)) {
            throw hasEnded();
        }
        try {
            C made = handle;
            if (made == null) {
                made = link.handle(this);
                handle = made;
            }
            return made;
        } finally {
            link.endHandle();
        }
    }

    private IllegalStateException hasEnded() {
        return new IllegalStateException("the lease of " + request + " has ended");
    }

    /** Returns when no handle is being made. */
    final synchronized void awaitHandle() {
        // it is made under this monitor
    }

    @Override
    public final AcquireRequest request() {
        return request;
    }

    @Override
    public Origin origin() {
        return Origin.IMMEDIATE;
    }

    @Override
    public final int uses() {
        return (int) Math.min(number, Integer.MAX_VALUE);
    }

    @Override
    public Timings timings() {
        return Timings.NONE;
    }

    @Override
    public final boolean release() {
        try {
            LinkUse.End end = link.end(this);
            link.giveBack(this, end, null);
            return end != LinkUse.End.BEFORE;
        } finally {
            // Until here the lease must not look forgotten.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final boolean releaseAs(Endpoint as) {
        Objects.requireNonNull(as, "as");
        try {
            if (as.equals(link.endpoint())) {
                return release();
            }
            LinkUse.End end = endAs(as);
            link.giveBack(this, end, as);
            return end != LinkUse.End.BEFORE;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    /** What is refused leaves the lease as it is; and a lease that has ended leaves the connection as it is. */
    private synchronized LinkUse.End endAs(Endpoint as) {
        if (!link.beginHandle(number)) {
            return LinkUse.End.BEFORE;
        }
        try {
            link.rekey(as);
            link.recall(number);
            return link.end(this);
        } finally {
            link.endHandle();
        }
    }

    @Override
    public final boolean invalidate(@Nullable Throwable cause) {
        try {
            return link.discard(this, cause);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final String toString() {
        return "lease " + number + " of " + link + (link.isHeld(number) ? "" : ", ended");
    }
}
