package dev.keepalive;

import dev.keepalive.spi.Connector;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What the links of one manager have in common. */
interface Pool<C> {
    Connector<C> connector();

    Duration dialTimeout();

    /** What makes a new connection ready, if anything. */
    @Nullable
    BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup();

    /** Where foreign code runs. */
    Executor executor();

    Ticks ticks();

    Loops loops();

    Exclusive exclusive();

    Reports reports();

    /** This manager's part in its budget, if it has one. */
    Budget.@Nullable Member member();

    /** What is lent. */
    Racks<C> racks();

    /** Where leases that nobody ended turn up. */
    ReferenceQueue<SlotLease<?>> garbage();
}
