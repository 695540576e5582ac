package dev.keepalive;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A lease of the connection in a slot. Kept small, since one is made for each acquire: a plain one says nothing but
 * which connection it is of. No method takes a lock, and none waits: foreign code may hold this object's monitor.
 */
class SlotLease<C> implements Lease<C> {
    private static final VarHandle HANDLE;

    static {
        try {
            HANDLE = MethodHandles.lookup().findVarHandle(SlotLease.class, "handle", Object.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final PooledLink<C> link;
    private final long number;
    private final AcquireRequest request;
    private volatile @Nullable C handle;

    private SlotLease(PooledLink<C> link, long number, AcquireRequest request) {
        this.link = link;
        this.number = number;
        this.request = request;
    }

    /**
     * A lease of a connection that was idle.
     *
     * @param number counts the leases of the slot, from 1
     */
    static <C> SlotLease<C> immediate(PooledLink<C> link, long number, AcquireRequest request) {
        return new SlotLease<>(link, number, request);
    }

    /** A lease that the machine has decided on. */
    static <C> SlotLease<C> decided(
            PooledLink<C> link, long number, AcquireRequest request, Origin origin, Timings timings) {
        return new Decided<>(link, number, request, origin, timings);
    }

    /**
     * True if the connection belongs to that rack; after it was borrowed from there, it may have become one to
     * elsewhere just before.
     */
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
        C made = link.handle(this, number);
        C stored = (C) HANDLE.compareAndExchange(this, null, made);
        return stored == null ? made : stored;
    }

    private IllegalStateException hasEnded() {
        return new IllegalStateException("the lease of " + request + " has ended");
    }

    @Override
    public final boolean isEnded() {
        return !link.isHeld(number);
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
            LinkUse.End end = link.end(number);
            link.giveBack(number, end, null);
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
            if (isEnded()) {
                return false;
            }
            LinkUse.End end = link.endAs(number, as);
            link.giveBack(number, end, as);
            return end != LinkUse.End.BEFORE;
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final boolean invalidate(@Nullable Throwable cause) {
        try {
            return link.discard(number, cause);
        } finally {
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public final String toString() {
        return "lease " + number + " of " + link + (isEnded() ? ", ended" : "");
    }

    /** A lease that is told how it was got, and how long that took. */
    private static final class Decided<C> extends SlotLease<C> {
        private final Origin origin;
        private final Timings timings;

        Decided(PooledLink<C> link, long number, AcquireRequest request, Origin origin, Timings timings) {
            super(link, number, request);
            this.origin = origin;
            this.timings = timings;
        }

        @Override
        public Origin origin() {
            return origin;
        }

        @Override
        public Timings timings() {
            return timings;
        }
    }
}
