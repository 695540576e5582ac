package dev.keepalive;

import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.Connector;
import java.util.concurrent.Executor;

/**
 * The answer to an acquire, as a future. Given up before the answer, it withdraws the acquire; given up just then, it hands the lease back. There may be very
 * many, so it has nothing in it that its waiter tells.
 */
class AcquireFuture<C> extends WatchedFuture<Lease<C>> implements Recipient<C> {
    private final Pool<C> pool;
    final Waiter waiter;

    private AcquireFuture(Pool<C> pool, AcquireRequest request, long deadline) {
        this.pool = pool;
        this.waiter = pool.waiter(this, request, deadline);
    }

    /** The future of who asks for this now. */
    static <C> AcquireFuture<C> of(Pool<C> pool, AcquireRequest request) {
        Asked asked = Asked.now(pool, request);
        return asked.followsFromWaiter()
                ? new AcquireFuture<>(pool, request, asked.deadline())
                : new Detailed<>(pool, asked);
    }

    @Override
    final Connector<C> connector() {
        return pool.connector();
    }

    @Override
    public Asked asked() {
        return Asked.by(waiter, pool);
    }

    @Override
    public final Executor executor() {
        Executor loop = pool.loops().loop(waiter.loop());
        return loop == null ? pool.executor() : loop;
    }

    @Override
    public final void deliver(SlotLease<C> lease) {
        if (!completeFromWithin(lease)) {
            lease.release();
        }
    }

    @Override
    public final void fail(AcquireException failure) {
        failFromWithin(failure);
    }

    @Override
    final void givenUp() {
        pool.withdraw(waiter);
    }

    /** One of an acquire that its waiter does not tell everything of. */
    private static final class Detailed<C> extends AcquireFuture<C> {
        private final Asked asked;

        Detailed(Pool<C> pool, Asked asked) {
            super(pool, asked.request(), asked.deadline());
            this.asked = asked;
        }

        @Override
        public Asked asked() {
            return asked;
        }
    }
}
