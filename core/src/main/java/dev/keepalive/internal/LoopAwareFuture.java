package dev.keepalive.internal;

import dev.keepalive.spi.Connector;
import dev.keepalive.spi.EventLoopFuture;
import java.util.concurrent.CompletableFuture;

/** A future of a manager: it refuses to block the event loops of the manager's connector. */
abstract class LoopAwareFuture<T> extends EventLoopFuture<T> {
    /** A future that is not complete yet. */
    static <T> LoopAwareFuture<T> incomplete(Connector<?> connector) {
        return new Plain<>(connector);
    }

    /** A future that is complete with this value. */
    static <T> LoopAwareFuture<T> of(T value, Connector<?> connector) {
        LoopAwareFuture<T> future = incomplete(connector);
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
    protected final boolean isOnEventLoop() {
        return connector().currentEventLoop() != null;
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
