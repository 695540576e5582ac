package dev.keepalive;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import org.jspecify.annotations.Nullable;

/**
 * Tells when a lease has become garbage. Held by the link of its slot, in place of the lease itself; one is made for each lease, so it has nothing in it
 * that can stand there.
 */
class LeaseReference extends PhantomReference<SlotLease<?>> {
    private final PooledLink<?> link;

    private LeaseReference(SlotLease<?> lease, ReferenceQueue<SlotLease<?>> garbage, PooledLink<?> link) {
        super(lease, garbage);
        this.link = link;
    }

    /**
     * @param detail what was asked for, if there is more to it than the endpoint
     * @param site where the lease was acquired, if that is recorded
     */
    static LeaseReference to(
            SlotLease<?> lease,
            ReferenceQueue<SlotLease<?>> garbage,
            PooledLink<?> link,
            @Nullable AcquireRequest detail,
            @Nullable AcquireSite site) {
        return detail == null && site == null
                ? new LeaseReference(lease, garbage, link)
                : new Detailed(lease, garbage, link, lease.request(), site);
    }

    /** Takes the connection back, unless the lease was ended before it became garbage. */
    void reclaim() {
        link.reclaim(this);
    }

    LeaseReport report(long now) {
        return new LeaseReport(request(), site(), now - link.since());
    }

    AcquireRequest request() {
        return link.endpoint().plainRequest();
    }

    @Nullable
    AcquireSite site() {
        return null;
    }

    /** One that knows more than where the connection leads to. */
    private static final class Detailed extends LeaseReference {
        private final AcquireRequest request;
        private final @Nullable AcquireSite site;

        Detailed(
                SlotLease<?> lease,
                ReferenceQueue<SlotLease<?>> garbage,
                PooledLink<?> link,
                AcquireRequest request,
                @Nullable AcquireSite site) {
            super(lease, garbage, link);
            this.request = request;
            this.site = site;
        }

        @Override
        AcquireRequest request() {
            return request;
        }

        @Override
        @Nullable
        AcquireSite site() {
            return site;
        }
    }
}
