package dev.keepalive.internal;

import dev.keepalive.spi.Connector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A future that refuses to block an event loop of the connector, and so do the stages that depend on it. */
abstract class LoopAwareFuture<T> extends CompletableFuture<T> {
    /** One that is complete. */
    static <T> LoopAwareFuture<T> of(T value, Connector<?> connector) {
        LoopAwareFuture<T> future = new Plain<>(connector);
        future.complete(value);
        return future;
    }

    /** Whose event loops are not to be blocked. */
    abstract Connector<?> connector();

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Plain<>(connector());
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
        if (!isDone() && connector().currentEventLoop() != null) {
            throw new IllegalStateException(
                    "waiting on an event loop, which may be the one that is to bring the answer");
        }
    }

    /** One that is nothing else. */
    private static final class Plain<T> extends LoopAwareFuture<T> {
        private final Connector<?> connector;

        Plain(Connector<?> connector) {
            this.connector = connector;
        }

        @Override
        Connector<?> connector() {
            return connector;
        }
    }
}
