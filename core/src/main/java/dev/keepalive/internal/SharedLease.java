package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One lease of a connection that takes several. Safe from any thread. No method waits for another thread, and none uses
 * this object's monitor, since foreign code may hold it. The end of a lease may take the machine's lock for one event.
 */
final class SharedLease<C> implements Lease<C> {
    private final SharedLink<C> link;
    private final SharedLeaseReference reference;
    private final LeaseOrigin origin;
    private final Timings timings;
    private final HandleOnce<C> handle = new HandleOnce<>();

    /** @param since when the lease began */
    SharedLease(
            SharedLink<C> link, long number, AcquireDetails details, LeaseOrigin origin, Timings timings, long since) {
        this.link = link;
        this.origin = origin;
        this.timings = timings;
        this.reference = link.reference(this, number, details, since);
    }

    SharedLeaseReference reference() {
        return reference;
    }

    @Override
    public C connection() {
        C made = handle.get(() -> {
            requireHeld();
            return link.handle(this, reference.number());
        });
        // Read after the handle is made: the lease may have ended meanwhile.
        requireHeld();
        return made;
    }

    private void requireHeld() {
        if (isEnded()) {
            throw new IllegalStateException("the lease of " + request() + " has ended");
        }
    }

    @Override
    public boolean isEnded() {
        return !reference.isHeld();
    }

    @Override
    public AcquireRequest request() {
        return reference.request();
    }

    @Override
    public LeaseOrigin origin() {
        return origin;
    }

    @Override
    public int uses() {
        return (int) Math.min(reference.number(), Integer.MAX_VALUE);
    }

    @Override
    public Timings timings() {
        return timings;
    }

    @Override
    public boolean release() {
        try {
            return link.release(reference);
        } finally {
            // Until here the lease must not become garbage: it would be reclaimed as leaked.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public boolean releaseAs(Endpoint as) {
        Objects.requireNonNull(as, "as");
        Endpoint present = link.connection().endpoint();
        if (as.equals(present)) {
            return release();
        }
        if (isEnded()) {
            return false;
        }
        throw new IllegalArgumentException("endpoint " + as + " is not allowed: the connection is one to " + present
                + ", and stays one, since it takes several leases at a time");
    }

    @Override
    public boolean invalidate(@Nullable Throwable cause) {
        try {
            return link.invalidate(reference, cause);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public String toString() {
        return "lease " + reference.number() + " of " + link.connection() + (isEnded() ? ", ended" : "");
    }
}
