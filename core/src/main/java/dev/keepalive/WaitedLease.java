package dev.keepalive;

/** A lease that was not there at once, or that the machine had to decide on. */
final class WaitedLease<C> extends SlotLease<C> {
    private final Origin origin;
    private final Timings timings;

    WaitedLease(PooledLink<C> link, long number, AcquireRequest request, Origin origin, Timings timings) {
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
