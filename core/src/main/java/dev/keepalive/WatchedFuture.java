package dev.keepalive;

import dev.keepalive.spi.Connector;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A future that notices when somebody from outside completes it, or gives up the last stage that depends on it: then nobody wants what it would
 * complete with.
 */
abstract class WatchedFuture<T> extends LoopAwareFuture<T> {
    private final AtomicInteger stages = new AtomicInteger();
    private final AtomicInteger stagesGivenUp = new AtomicInteger();

    /** A timeout makes a stage that only takes the timer away: nobody waits for that one. */
    private final AtomicInteger stagesOfTimeouts = new AtomicInteger();

    WatchedFuture(Connector<?> connector) {
        super(connector);
    }

    /** Completes it as it is meant to be completed. */
    final boolean completeFromWithin(T value) {
        return super.complete(value);
    }

    /** Fails it as it is meant to fail. */
    final boolean failFromWithin(Throwable failure) {
        return super.completeExceptionally(failure);
    }

    /** Called once, after this future was completed from outside. */
    abstract void givenUp();

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        stages.incrementAndGet();
        return new Stage<>(this, connector());
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean first = super.cancel(mayInterruptIfRunning);
        return noticed(first);
    }

    @Override
    public boolean complete(T value) {
        return noticed(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable ex) {
        return noticed(super.completeExceptionally(ex));
    }

    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        stagesOfTimeouts.incrementAndGet();
        return super.orTimeout(timeout, unit);
    }

    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        stagesOfTimeouts.incrementAndGet();
        return super.completeOnTimeout(value, timeout, unit);
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        executor.execute(() -> {
            try {
                complete(supplier.get());
            } catch (Throwable thrown) {
                completeExceptionally(thrown);
            }
        });
        return this;
    }

    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier) {
        return completeAsync(supplier, defaultExecutor());
    }

    private boolean noticed(boolean first) {
        if (first) {
            givenUp();
        }
        return first;
    }

    private void stageGivenUp() {
        boolean allStages = stagesGivenUp.incrementAndGet() == stages.get() - stagesOfTimeouts.get();
        boolean nobodyElse = getNumberOfDependents() <= stages.get();
        if (allStages && nobodyElse && !isDone()) {
            cancel(false);
        }
    }

    /** What depends on a watched future. */
    private static final class Stage<U> extends WatchedFuture<U> {
        /** Weak, so that who keeps a stage does not keep the lease. While it waits, the source is kept by whoever is to complete it. */
        private final WeakReference<WatchedFuture<?>> source;

        Stage(WatchedFuture<?> source, Connector<?> connector) {
            super(connector);
            this.source = new WeakReference<>(source);
        }

        @Override
        void givenUp() {
            WatchedFuture<?> from = source.get();
            if (from != null) {
                from.stageGivenUp();
            }
        }
    }
}
