package dev.keepalive.spi;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A future that throws instead of blocking an event loop: an event loop that waited for it might wait for itself. The
 * futures that a connector hands out are of this kind. Safe from any thread.
 *
 * <p>A subclass also overrides {@link #newIncompleteFuture}, so that the stages that depend on it do the same.
 *
 * @param <T> the type of the result
 */
public abstract class EventLoopFuture<T extends @Nullable Object> extends CompletableFuture<T> {
    /** An incomplete future. */
    protected EventLoopFuture() {}

    /** Whether the calling thread is an event loop that must not wait. Never blocks. */
    protected abstract boolean isOnEventLoop();

    @Override
    public abstract <U> CompletableFuture<U> newIncompleteFuture();

    /** @throws IllegalStateException if it would have to wait, on an event loop */
    @Override
    public T get() throws InterruptedException, ExecutionException {
        refuseEventLoop();
        return super.get();
    }

    /** @throws IllegalStateException if it would have to wait, on an event loop */
    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        refuseEventLoop();
        return super.get(timeout, unit);
    }

    /** @throws IllegalStateException if it would have to wait, on an event loop */
    @Override
    public T join() {
        refuseEventLoop();
        return super.join();
    }

    private void refuseEventLoop() {
        if (!isDone() && isOnEventLoop()) {
            throw new IllegalStateException("waiting on an event loop, which may be the one that brings the answer");
        }
    }
}
