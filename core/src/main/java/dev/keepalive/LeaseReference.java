package dev.keepalive;

import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Knows of a lease who holds it, and tells when it has become garbage. Held by the link of its slot, in place of the lease itself. */
final class LeaseReference extends PhantomReference<SlotLease<?>> {
    private final PooledLink<?> link;
    private final long number;
    private final AcquireRequest request;
    private final @Nullable AcquireSite site;
    private final long since;

    LeaseReference(
            SlotLease<?> lease,
            ReferenceQueue<SlotLease<?>> garbage,
            PooledLink<?> link,
            long number,
            @Nullable AcquireSite site,
            long since) {
        super(lease, garbage);
        this.link = link;
        this.number = number;
        this.request = lease.request();
        this.site = site;
        this.since = since;
    }

    /** Takes the connection back, unless the lease was ended before it became garbage. */
    void reclaim() {
        link.reclaim(this, number);
    }

    AcquireRequest request() {
        return request;
    }

    /** Where it was acquired, if that was recorded. */
    @Nullable
    AcquireSite site() {
        return site;
    }

    Duration heldFor(long now) {
        return Duration.ofNanos(Math.max(0, now - since));
    }

    /** For example {@code http://host:80 (report) for 12.300 s, acquired at com.example.Job.run(Job.java:12)}. */
    String inWords(long now) {
        String seconds =
                String.format(java.util.Locale.ROOT, "%.3f s", heldFor(now).toNanos() / 1e9);
        return request + " for " + seconds + (site == null ? "" : ", acquired at " + site);
    }
}
