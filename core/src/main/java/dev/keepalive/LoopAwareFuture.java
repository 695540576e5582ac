package dev.keepalive;

import dev.keepalive.spi.Connector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A future that refuses to block an event loop of the connector, and so do the stages that depend on it. */
class LoopAwareFuture<T> extends CompletableFuture<T> {
    private final Connector<?> connector;

    LoopAwareFuture(Connector<?> connector) {
        this.connector = connector;
    }

    /** One that is complete. */
    static <T> LoopAwareFuture<T> of(T value, Connector<?> connector) {
        LoopAwareFuture<T> future = new LoopAwareFuture<>(connector);
        future.complete(value);
        return future;
    }

    final Connector<?> connector() {
        return connector;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new LoopAwareFuture<>(connector);
    }

    @Override
    public T get() throws InterruptedException, ExecutionException {
        refuseEventLoop();
        return super.get();
    }

    @Override
    public T get(long timeout, TimeUnit unit) throws InterruptedException, ExecutionException, TimeoutException {
        refuseEventLoop();
        return super.get(timeout, unit);
    }

    @Override
    public T join() {
        refuseEventLoop();
        return super.join();
    }

    private void refuseEventLoop() {
        if (!isDone() && connector.callerLoop() != null) {
            throw new IllegalStateException(
                    "waiting on an event loop, which may be the one that is to bring the answer");
        }
    }
}
