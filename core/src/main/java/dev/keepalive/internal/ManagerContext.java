package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Limits;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.Connector;
import java.lang.ref.ReferenceQueue;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The parts of one manager that its connections and acquires use. */
interface ManagerContext<C> {
    Connector<C> connector();

    Duration dialTimeout();

    /** The program's setup of a new connection; null for none. */
    @Nullable
    BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup();

    /** The executor on which foreign code runs. */
    Executor executor();

    ManagerClock clock();

    EventLoopNumbers eventLoops();

    LockedMachine machine();

    ListenerDispatcher listeners();

    /** The manager's part in its budget; null without a budget. */
    SharedBudget.@Nullable Member member();

    /** The connections that can be borrowed. */
    ConnectionBags<C> bags();

    /** The queue in which the reference of a lease turns up when the lease is garbage. */
    ReferenceQueue<Lease<?>> garbage();

    /** The limits that hold now, for messages: a change that is just being made may not be in it. */
    Limits limits();

    /** How long an idle connection is kept, in nanoseconds. */
    long idleTimeout();

    // ---- for acquires

    /** The timeout of requests that have none of their own, in nanoseconds. */
    long acquireTimeout();

    /**
     * When an acquire times out that was called at {@code acquiredAt}, both in the time of {@link ManagerClock};
     * {@link Long#MAX_VALUE} for never.
     */
    default long deadline(AcquireRequest request, long acquiredAt) {
        Duration own = request.timeout();
        return ManagerClock.after(acquiredAt, own == null ? acquireTimeout() : ManagerClock.nanos(own));
    }

    /** Whether requests that do not say go on waiting when dials fail. */
    boolean retryDials();

    /** Where the caller is; null if that is not recorded for this call. */
    @Nullable
    AcquireSite site();

    /** Makes a waiter, which is not in its wait queue yet. */
    default Waiter waiter(AcquireCallback<C> owner, AcquireRequest request, long deadline) {
        Boolean own = request.retryDials();
        return new Waiter(
                request.endpoint(),
                owner,
                deadline,
                eventLoops().numberOf(connector().currentEventLoop()),
                request.isFresh(),
                own == null ? retryDials() : own,
                expectedLeases(request.endpoint()));
    }

    /** How many leases the connector expects a connection to that endpoint to take; 1 if the connector throws. */
    private int expectedLeases(Endpoint endpoint) {
        try {
            return Math.max(1, connector().expectedLeases(endpoint));
        } catch (Throwable thrown) {
            listeners().userCodeThrew("the connector's expectedLeases", thrown);
            return 1;
        }
    }

    /**
     * Takes a waiter out of its wait queue.
     *
     * @return false if the waiter was answered before, or if the manager has failed and so will answer it
     */
    default boolean withdraw(Waiter waiter) {
        try {
            return machine().submit(null, (machine, now) -> machine.cancel(waiter, now));
        } catch (LockedMachine.Failed before) {
            return false;
        }
    }
}
