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

    static LeaseReference to(
            SlotLease<?> lease, ReferenceQueue<SlotLease<?>> garbage, PooledLink<?> link, @Nullable AcquireSite site) {
        return site == null ? new LeaseReference(lease, garbage, link) : new WithSite(lease, garbage, link, site);
    }

    /** Takes the connection back, unless the lease was ended before it became garbage. */
    void reclaim() {
        link.reclaim(this);
    }

    /** What is known of the lease now; null if it has just ended. */
    @Nullable
    LeaseReport report(long now) {
        AcquireRequest request = link.request();
        return request == null ? null : new LeaseReport(request, site(), now - link.since());
    }

    /** Where it was acquired, if that was recorded. */
    @Nullable
    AcquireSite site() {
        return null;
    }

    /** One that knows where its lease was acquired. */
    private static final class WithSite extends LeaseReference {
        private final AcquireSite site;

        WithSite(SlotLease<?> lease, ReferenceQueue<SlotLease<?>> garbage, PooledLink<?> link, AcquireSite site) {
            super(lease, garbage, link);
            this.site = site;
        }

        @Override
        AcquireSite site() {
            return site;
        }
    }
}
