package dev.keepalive;

import dev.keepalive.machine.Waiter;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** An acquire whose caller waits for the answer, or looks for it when the call has returned. No foreign code runs when it is answered. */
final class BlockedAcquire<C> implements Recipient<C> {
    private final Pool<C> pool;
    private final Asked asked;
    private final CompletableFuture<SlotLease<C>> answer = new CompletableFuture<>();
    final Waiter waiter;

    BlockedAcquire(Pool<C> pool, AcquireRequest request) {
        this.pool = pool;
        this.asked = Asked.now(pool, request);
        this.waiter = pool.waiter(this, request, asked.deadline());
    }

    /** Waits for the answer. An interrupt withdraws the acquire; what is delivered all the same is given back. */
    Lease<C> await() throws AcquireException, InterruptedException {
        try {
            return answer.get();
        } catch (InterruptedException interrupted) {
            if (!pool.withdraw(waiter)) {
                answer.thenAccept(SlotLease::release);
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
    public Asked asked() {
        return asked;
    }

    @Override
    public @Nullable Executor executor() {
        return null;
    }

    @Override
    public void deliver(SlotLease<C> lease) {
        answer.complete(lease);
    }

    @Override
    public void fail(AcquireException failure) {
        answer.completeExceptionally(failure);
    }
}
