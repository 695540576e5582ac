package dev.keepalive;

import dev.keepalive.machine.Waiter;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The answer to an acquire, as a future. Given up before the answer, it withdraws the acquire; given up just then, it hands the lease back. */
final class AcquireFuture<C> extends WatchedFuture<Lease<C>> implements Recipient<C> {
    private final Shell<C> shell;
    private final AcquireRequest request;
    private final Executor executor;
    private final long askedAt;
    private final @Nullable AcquireSite site;
    final Waiter waiter;

    AcquireFuture(Shell<C> shell, AcquireRequest request, Executor executor) {
        super(shell.connector());
        this.shell = shell;
        this.request = request;
        this.executor = executor;
        this.askedAt = shell.ticks().now();
        this.site = shell.site();
        this.waiter = shell.waiter(this);
    }

    @Override
    public AcquireRequest request() {
        return request;
    }

    @Override
    public long askedAt() {
        return askedAt;
    }

    @Override
    public @Nullable AcquireSite site() {
        return site;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public void deliver(SlotLease<C> lease) {
        if (!completeFromWithin(lease)) {
            lease.release();
        }
    }

    @Override
    public void fail(AcquireException failure) {
        failFromWithin(failure);
    }

    @Override
    void givenUp() {
        shell.withdraw(waiter);
    }
}
