package dev.keepalive;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;

/** Tells that a lease has become garbage. Held by the link of its slot, in place of the lease itself. */
final class LeaseReference extends PhantomReference<SlotLease<?>> {
    private final PooledLink<?> link;
    private final long number;
    private final AcquireRequest request;

    LeaseReference(
            SlotLease<?> lease,
            ReferenceQueue<SlotLease<?>> garbage,
            PooledLink<?> link,
            long number,
            AcquireRequest request) {
        super(lease, garbage);
        this.link = link;
        this.number = number;
        this.request = request;
    }

    /** Takes the connection back, unless the lease was ended before it became garbage. */
    void reclaim() {
        link.reclaim(this, number, request);
    }
}
