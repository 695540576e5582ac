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
 * A lease of the connection in a slot. Kept small, since one is made for each acquire: a plain one says nothing but
 * which connection it is of. No method takes a lock, and none waits: foreign code may hold this object's monitor.
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
     * @param number counts the leases of the slot, from 1
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
     * True if the connection belongs to that rack; after it was borrowed from there, it may have become one to
     * elsewhere just before.
     */
    final boolean isFrom(ConnectionBag<C> bag) {
        return connection.isIn(bag);
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
        // Looked at after the handle is made: the lease may have ended meanwhile.
        if (isEnded()) {
            throw hasEnded();
        }
        return made;
    }

    /** Two threads that ask at the same time may both have one made; the first that is stored counts for both. */
    @SuppressWarnings("unchecked") // only handles of this type are stored
    private C makeHandle() {
        if (isEnded()) {
            throw hasEnded();
        }
        C made = connection.handle(this, number);
        C stored = (C) HANDLE.compareAndExchange(this, null, made);
        return stored == null ? made : stored;
    }

    private IllegalStateException hasEnded() {
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
            ConnectionState.ReleaseRoute route = connection.end(number);
            connection.giveBack(number, route, null);
            return route != ConnectionState.ReleaseRoute.BEFORE;
        } finally {
            // Until here the lease must not look forgotten.
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
            ConnectionState.ReleaseRoute route = connection.endAs(number, as);
            connection.giveBack(number, route, as);
            return route != ConnectionState.ReleaseRoute.BEFORE;
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

    /** A lease that is told how it was got, and how long that took. */
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
