package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.machine.Waiter;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * An acquire whose caller waits for the answer, or looks for it when the call has returned. No foreign code runs when
 * it is answered.
 */
final class BlockingAcquire<C> implements AcquireCallback<C> {
    private final ManagerContext<C> context;
    private final AcquireDetails details;
    private final CompletableFuture<PooledLease<C>> answer = new CompletableFuture<>();
    final Waiter waiter;

    BlockingAcquire(ManagerContext<C> context, AcquireRequest request) {
        this.context = context;
        this.details = AcquireDetails.now(context, request);
        this.waiter = context.waiter(this, request, details.deadline());
    }

    /** Waits for the answer. An interrupt withdraws the acquire; what is delivered all the same is given back. */
    Lease<C> await() throws AcquireException, InterruptedException {
        try {
            return answer.get();
        } catch (InterruptedException interrupted) {
            if (!context.withdraw(waiter)) {
                answer.thenAccept(PooledLease::release);
            }
            throw interrupted;
        } catch (ExecutionException failed) {
            throw rethrown(failed);
        }
    }

    /** The lease, if it is there. */
    @Nullable
    Lease<C> now() {
        return answer.isDone() ? answer.join() : null;
    }

    /** The waiting thread's own stack says more than that of the thread which made the failure. */
    private static AcquireException rethrown(ExecutionException failed) {
        AcquireException failure = (AcquireException) Objects.requireNonNull(failed.getCause(), "cause");
        failure.setStackTrace(new Throwable().getStackTrace());
        return failure;
    }

    @Override
    public AcquireDetails details() {
        return details;
    }

    @Override
    public @Nullable Executor executor() {
        return null;
    }

    @Override
    public void deliver(PooledLease<C> lease) {
        answer.complete(lease);
    }

    @Override
    public void fail(AcquireException failure) {
        answer.completeExceptionally(failure);
    }
}
