package dev.keepalive;

import dev.keepalive.spi.Connector;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the links of one manager have in common. */
interface Pool<C> {
    Connector<C> connector();

    Duration dialTimeout();

    Ticks ticks();

    Exclusive exclusive();

    Reports reports();

    /** This manager's part in its budget, if it has one. */
    Budget.@Nullable Member member();

    /** False if leases that nobody ended are not to be found. */
    boolean reclaims();

    /** Where leases that nobody ended turn up. */
    ReferenceQueue<SlotLease<?>> garbage();
}
