package dev.keepalive.internal;

import dev.keepalive.spi.Connector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A future that throws instead of blocking an event loop of the connector, as do the stages that depend on it. */
abstract class LoopAwareFuture<T> extends CompletableFuture<T> {
    /** A future that is complete with this value. */
    static <T> LoopAwareFuture<T> of(T value, Connector<?> connector) {
        LoopAwareFuture<T> future = new Plain<>(connector);
        future.complete(value);
        return future;
    }

    /** The connector whose event loops must not be blocked. */
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
            throw new IllegalStateException("waiting on an event loop, which may be the one that brings the answer");
        }
    }

    /** A future with nothing else to do. */
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
