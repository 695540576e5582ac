package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import java.lang.ref.PhantomReference;
import java.lang.ref.ReferenceQueue;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A reference to a lease that finds out when the lease has become garbage. The connection keeps it instead of the lease
 * itself. Kept small, since one is made for each lease: what the connection knows is not stored here.
 */
class LeaseReference extends PhantomReference<Lease<?>> {
    private final PooledConnection<?> connection;

    LeaseReference(Lease<?> lease, ReferenceQueue<Lease<?>> garbage, PooledConnection<?> connection) {
        super(lease, garbage);
        this.connection = connection;
    }

    /** A lease in words: its request, how long it has been held, and where it was acquired, if that was recorded. */
    record Report(AcquireRequest request, @Nullable AcquireSite site, long heldNanos) {
        private static final int NANO_DIGITS = 9;
        private static final int DECIMALS = 3;

        Duration held() {
            return Duration.ofNanos(Math.max(0, heldNanos));
        }

        /** For example {@code http://host:80 (report) for 12.300 s, acquired at com.example.Job.run(Job.java:12)}. */
        @Override
        public String toString() {
            String seconds = BigDecimal.valueOf(held().toNanos(), NANO_DIGITS)
                    .setScale(DECIMALS, RoundingMode.HALF_UP)
                    .toPlainString();
            return request + " for " + seconds + " s" + (site == null ? "" : ", acquired at " + site);
        }
    }

    /**
     * Makes the reference to a lease.
     *
     * @param garbage where the reference turns up when the lease is garbage
     * @param detail the request, if it has more than the endpoint; else null
     * @param site where the lease was acquired, if that is recorded
     */
    static LeaseReference to(
            PooledLease<?> lease,
            ReferenceQueue<Lease<?>> garbage,
            PooledConnection<?> connection,
            @Nullable AcquireRequest detail,
            @Nullable AcquireSite site) {
        return detail == null && site == null
                ? new LeaseReference(lease, garbage, connection)
                : new Detailed(lease, garbage, connection, lease.request(), site);
    }

    /** Takes the connection back, unless the lease ended before it became garbage. */
    void reclaim() {
        connection.reclaim(this);
    }

    Report report(long now) {
        return new Report(request(), site(), now - connection.lastUsed());
    }

    AcquireRequest request() {
        return AcquireRequest.to(connection.endpoint());
    }

    @Nullable
    AcquireSite site() {
        return null;
    }

    /** A reference with more than the connection knows: the request, or the site. */
    private static final class Detailed extends LeaseReference {
        private final AcquireRequest request;
        private final @Nullable AcquireSite site;

        Detailed(
                PooledLease<?> lease,
                ReferenceQueue<Lease<?>> garbage,
                PooledConnection<?> connection,
                AcquireRequest request,
                @Nullable AcquireSite site) {
            super(lease, garbage, connection);
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
