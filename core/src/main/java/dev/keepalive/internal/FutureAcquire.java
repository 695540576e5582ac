package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.Connector;
import java.util.concurrent.Executor;

/**
 * An acquire whose answer completes a future. If the caller gives the future up before the answer, the acquire is
 * withdrawn; a lease that comes all the same is released. Safe from any thread. Kept small, since a million may exist.
 */
class FutureAcquire<C> extends CancelAwareFuture<Lease<C>> implements AcquireCallback<C> {
    private final ManagerContext<C> context;
    final Waiter waiter;

    private FutureAcquire(ManagerContext<C> context, AcquireRequest request, long deadline) {
        this.context = context;
        this.waiter = context.waiter(this, request, deadline);
    }

    /** An acquire that is called now. */
    static <C> FutureAcquire<C> of(ManagerContext<C> context, AcquireRequest request, long now) {
        AcquireDetails details = AcquireDetails.of(context, request, now);
        return details.followsFromWaiter()
                ? new FutureAcquire<>(context, request, details.deadline())
                : new Detailed<>(context, details);
    }

    @Override
    final Connector<C> connector() {
        return context.connector();
    }

    @Override
    public AcquireDetails details() {
        return AcquireDetails.ofWaiter(waiter, context);
    }

    @Override
    public final Executor executor() {
        Executor loop = context.eventLoops().loop(waiter.loop());
        return loop == null ? context.executor() : loop;
    }

    @Override
    public final void deliver(Lease<C> lease) {
        if (!completeInternally(lease)) {
            lease.release();
        }
    }

    @Override
    public final void fail(AcquireException failure) {
        failInternally(failure);
    }

    @Override
    final void abandoned() {
        context.withdraw(waiter);
    }

    /** An acquire whose details do not follow from its waiter. */
    private static final class Detailed<C> extends FutureAcquire<C> {
        private final AcquireDetails details;

        Detailed(ManagerContext<C> context, AcquireDetails details) {
            super(context, details.request(), details.deadline());
            this.details = details;
        }

        @Override
        public AcquireDetails details() {
            return details;
        }
    }
}
