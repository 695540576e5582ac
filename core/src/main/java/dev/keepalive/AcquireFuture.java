package dev.keepalive;

import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.Connector;
import java.util.concurrent.Executor;

/**
 * The answer to an acquire, as a future. Given up before the answer, it withdraws the acquire; given up just then, it hands the lease back. There may be very
 * many, so it has nothing in it that its waiter tells.
 */
class AcquireFuture<C> extends WatchedFuture<Lease<C>> implements Recipient<C> {
    private final Shell<C> shell;
    final Waiter waiter;

    private AcquireFuture(Shell<C> shell, AcquireRequest request, long deadline) {
        this.shell = shell;
        this.waiter = shell.waiter(this, request, deadline);
    }

    /** The future of who asks for this now. */
    static <C> AcquireFuture<C> of(Shell<C> shell, AcquireRequest request) {
        Asked asked = Asked.now(shell, request);
        return asked.followsFromWaiter()
                ? new AcquireFuture<>(shell, request, asked.deadline())
                : new Detailed<>(shell, asked);
    }

    @Override
    final Connector<C> connector() {
        return shell.connector();
    }

    @Override
    public Asked asked() {
        return Asked.by(waiter, shell);
    }

    @Override
    public final Executor executor() {
        Executor loop = shell.loops().loop(waiter.loop());
        return loop == null ? shell.executor() : loop;
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
        shell.withdraw(waiter);
    }

    /** One of an acquire that its waiter does not tell everything of. */
    private static final class Detailed<C> extends AcquireFuture<C> {
        private final Asked asked;

        Detailed(Shell<C> shell, Asked asked) {
            super(shell, asked.request(), asked.deadline());
            this.asked = asked;
        }

        @Override
        public Asked asked() {
            return asked;
        }
    }
}
