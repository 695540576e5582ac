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
 * An acquire whose caller blocks for the answer, or reads it as soon as the event is handled. No foreign code runs when
 * it is answered.
 */
final class BlockingAcquire<C> implements AcquireCallback<C> {
    private final ManagerContext<C> context;
    private final AcquireDetails details;
    private final CompletableFuture<Lease<C>> answer = new CompletableFuture<>();
    final Waiter waiter;

    BlockingAcquire(ManagerContext<C> context, AcquireRequest request, long now) {
        this.context = context;
        this.details = AcquireDetails.of(context, request, now);
        this.waiter = context.waiter(this, request, details.deadline());
    }

    /** Blocks for the answer. An interrupt withdraws the acquire; a lease that comes all the same is released. */
    Lease<C> await() throws AcquireException, InterruptedException {
        try {
            return answer.get();
        } catch (InterruptedException interrupted) {
            if (!context.withdraw(waiter)) {
                answer.thenAccept(Lease::release);
            }
            throw interrupted;
        } catch (ExecutionException failed) {
            throw rethrown(failed);
        }
    }

    /** The lease; null if there is no answer. Does not block. */
    @Nullable
    Lease<C> now() {
        return answer.isDone() ? answer.join() : null;
    }

    /** The failure with the stack of the waiting thread, which says more than that of the thread that made it. */
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
    public void deliver(Lease<C> lease) {
        answer.complete(lease);
    }

    @Override
    public void fail(AcquireException failure) {
        answer.completeExceptionally(failure);
    }
}
