package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A lease of one connection. Safe from any thread. Kept small, since one is made for each acquire. No method waits for
 * another thread, and none uses this object's monitor, since foreign code may hold it. The end of a lease may take the
 * machine's lock for one event.
 */
class PooledLease<C> implements Lease<C> {
    private static final VarHandle HANDLE;

    static {
        try {
            HANDLE = MethodHandles.lookup().findVarHandle(PooledLease.class, "handle", Object.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final PooledConnection<C> connection;
    private final long number;
    private final AcquireRequest request;
    private volatile @Nullable C handle;

    private PooledLease(PooledConnection<C> connection, long number, AcquireRequest request) {
        this.connection = connection;
        this.number = number;
        this.request = request;
    }

    /**
     * A lease of a connection that was idle.
     *
     * @param number counts the leases of the connection, from 1
     */
    static <C> PooledLease<C> immediate(PooledConnection<C> connection, long number, AcquireRequest request) {
        return new PooledLease<>(connection, number, request);
    }

    /** A lease that the machine has decided on. */
    static <C> PooledLease<C> decided(
            PooledConnection<C> connection, long number, AcquireRequest request, LeaseOrigin origin, Timings timings) {
        return new Decided<>(connection, number, request, origin, timings);
    }

    /**
     * True if the connection is in that bag. A connection that was borrowed from the bag may have become another
     * endpoint's just before.
     */
    final boolean isFrom(ConnectionBag<C> bag) {
        return connection.isInBag(bag);
    }

    final long number() {
        return number;
    }

    @Override
    public final C connection() {
        C made = handle;
        if (made == null) {
            made = makeHandle();
        }
        // Read after the handle is made: the lease may have ended meanwhile.
        if (isEnded()) {
            throw leaseEnded();
        }
        return made;
    }

    /** Two threads that call at the same time may both make a handle; both get the one that is stored first. */
    @SuppressWarnings("unchecked") // only handles of this type are stored
    private C makeHandle() {
        if (isEnded()) {
            throw leaseEnded();
        }
        C made = connection.handle(this, number);
        C stored = (C) HANDLE.compareAndExchange(this, null, made);
        return stored == null ? made : stored;
    }

    private IllegalStateException leaseEnded() {
        return new IllegalStateException("the lease of " + request + " has ended");
    }

    @Override
    public final boolean isEnded() {
        return !connection.isHeld(number);
    }

    @Override
    public final AcquireRequest request() {
        return request;
    }

    @Override
    public LeaseOrigin origin() {
        return LeaseOrigin.IMMEDIATE;
    }

    @Override
    public final int uses() {
        return (int) Math.min(number, Integer.MAX_VALUE);
    }

    @Override
    public Timings timings() {
        return Timings.ofWait(0);
    }

    @Override
    public final boolean release() {
        try {
            ReleaseRoute route = connection.end(number);
            connection.giveBack(number, route, null);
            return route != ReleaseRoute.ALREADY_ENDED;
        } finally {
            // Until here the lease must not become garbage: it would be reclaimed as leaked.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final boolean releaseAs(Endpoint as) {
        Objects.requireNonNull(as, "as");
        try {
            if (as.equals(connection.endpoint())) {
                return release();
            }
            if (isEnded()) {
                return false;
            }
            ReleaseRoute route = connection.endAs(number, as);
            connection.giveBack(number, route, as);
            return route != ReleaseRoute.ALREADY_ENDED;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final boolean invalidate(@Nullable Throwable cause) {
        try {
            return connection.discard(number, cause);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final String toString() {
        return "lease " + number + " of " + connection + (isEnded() ? ", ended" : "");
    }

    /** A lease that the machine has decided on, with its origin and its timings. */
    private static final class Decided<C> extends PooledLease<C> {
        private final LeaseOrigin origin;
        private final Timings timings;

        Decided(
                PooledConnection<C> connection,
                long number,
                AcquireRequest request,
                LeaseOrigin origin,
                Timings timings) {
            super(connection, number, request);
            this.origin = origin;
            this.timings = timings;
        }

        @Override
        public LeaseOrigin origin() {
            return origin;
        }

        @Override
        public Timings timings() {
            return timings;
        }
    }
}
