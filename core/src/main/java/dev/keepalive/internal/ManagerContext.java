package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.Connector;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What the links and the acquires of one manager have in common. */
interface ManagerContext<C> {
    Connector<C> connector();

    Duration dialTimeout();

    /** What makes a new connection ready, if anything. */
    @Nullable
    BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup();

    /** Where foreign code runs. */
    Executor executor();

    ManagerClock clock();

    EventLoopRegistry eventLoops();

    LockedMachine machine();

    ListenerDispatcher listeners();

    /** This manager's part in its budget, if it has one. */
    SharedBudget.@Nullable Member member();

    /** What is lent. */
    ConnectionBags<C> bags();

    /** Where leases that nobody ended turn up. */
    ReferenceQueue<PooledLease<?>> garbage();

    // ---- for acquires

    /** The timeout of requests that have none of their own, in nanoseconds. */
    long acquireTimeout();

    /**
     * When the time of a request is up that was made at {@code askedAt}, in {@link ManagerClock};
     * {@link Long#MAX_VALUE} for never.
     */
    default long deadline(AcquireRequest request, long askedAt) {
        Duration own = request.timeout();
        return ManagerClock.after(askedAt, own == null ? acquireTimeout() : ManagerClock.nanos(own));
    }

    /** Where the caller is, if that is to be recorded. */
    @Nullable
    AcquireSite site();

    /** A waiter that is not in line yet. */
    default Waiter waiter(AcquireCallback<C> owner, AcquireRequest request, long deadline) {
        return new Waiter(
                request.endpoint(),
                owner,
                deadline,
                eventLoops().numberOf(connector().currentEventLoop()));
    }

    /**
     * Takes a waiter out of its line; false if it was answered before, or is answered by and by because the manager has
     * failed.
     */
    default boolean withdraw(Waiter waiter) {
        try {
            return machine().submit(null, (machine, now) -> machine.cancel(waiter, now));
        } catch (LockedMachine.Failed before) {
            return false;
        }
    }
}
