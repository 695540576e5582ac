package dev.keepalive;

import dev.keepalive.spi.Connector;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;

/** What the links of one manager have in common. */
interface Pool<C> {
    Connector<C> connector();

    Duration dialTimeout();

    Ticks ticks();

    Exclusive exclusive();

    Reports reports();

    /** Where leases that nobody ended turn up. */
    ReferenceQueue<SlotLease<?>> garbage();
}
