package dev.keepalive.internal;

import dev.keepalive.spi.Connector;
import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Supplier;

/**
 * A future that notices when its result is not wanted any more: when the program completes or cancels it, or gives up
 * the last stage that depends on it.
 */
abstract class CancelAwareFuture<T> extends LoopAwareFuture<T> {
    @SuppressWarnings("rawtypes") // a class literal has no type arguments
    private static final AtomicIntegerFieldUpdater<CancelAwareFuture> STAGES =
            AtomicIntegerFieldUpdater.newUpdater(CancelAwareFuture.class, "stages");

    private static final int MADE = 1;
    private static final int WANTED = 1 << 16;

    /**
     * How many stages depend on this future, and, in the upper half, how many of those are not given up. One int for
     * both, since a million futures may wait.
     */
    private volatile int stages;

    /** Completes the future with its result. */
    final boolean completeInternally(T value) {
        return super.complete(value);
    }

    /** Completes the future with its failure. */
    final boolean failInternally(Throwable failure) {
        return super.completeExceptionally(failure);
    }

    /** Called once, after the program has completed or cancelled this future. */
    abstract void abandoned();

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        STAGES.addAndGet(this, MADE + WANTED);
        return new Stage<>(this, connector());
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean first = super.cancel(mayInterruptIfRunning);
        return abandonIfFirst(first);
    }

    @Override
    public boolean complete(T value) {
        return abandonIfFirst(super.complete(value));
    }

    @Override
    public boolean completeExceptionally(Throwable ex) {
        return abandonIfFirst(super.completeExceptionally(ex));
    }

    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        discountNextStage();
        return super.orTimeout(timeout, unit);
    }

    @Override
    public CompletableFuture<T> completeOnTimeout(T value, long timeout, TimeUnit unit) {
        discountNextStage();
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

    private boolean abandonIfFirst(boolean first) {
        if (first) {
            abandoned();
        }
        return first;
    }

    /** A timeout makes a stage that only cancels the timer: it does not count as wanted. */
    private void discountNextStage() {
        STAGES.addAndGet(this, -WANTED);
    }

    private void stageAbandoned() {
        int now = STAGES.addAndGet(this, -WANTED);
        boolean allStages = now >>> 16 == 0;
        boolean noOtherDependent = getNumberOfDependents() <= (now & WANTED - 1);
        if (allStages && noOtherDependent && !isDone()) {
            cancel(false);
        }
    }

    /** A stage that depends on such a future. */
    private static final class Stage<U> extends CancelAwareFuture<U> {
        /**
         * Weak, so that a stage that is kept does not keep the lease. While the source waits, it is kept by the object
         * that will complete it.
         */
        private final WeakReference<CancelAwareFuture<?>> source;

        private final Connector<?> connector;

        Stage(CancelAwareFuture<?> source, Connector<?> connector) {
            this.source = new WeakReference<>(source);
            this.connector = connector;
        }

        @Override
        Connector<?> connector() {
            return connector;
        }

        @Override
        void abandoned() {
            CancelAwareFuture<?> from = source.get();
            if (from != null) {
                from.stageAbandoned();
            }
        }
    }
}
