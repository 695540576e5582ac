package dev.keepalive.internal;

import dev.keepalive.Lease;
import dev.keepalive.spi.Connector;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The future of one {@code use}: it acquires a connection, runs the work, ends the lease, and completes with the work's
 * result. If the program gives it up, the acquire is cancelled, or the lease is invalidated and the work's stage
 * cancelled. Safe from any thread.
 */
final class UseFuture<C, T> extends CancelAwareFuture<T> {
    private final Connector<C> connector;
    private final CompletableFuture<Lease<C>> acquired;
    private final Function<Lease<C>, ? extends CompletionStage<T>> work;
    private volatile @Nullable Lease<C> lease;
    private volatile @Nullable CompletionStage<T> stage;

    UseFuture(
            ManagerContext<C> context,
            CompletableFuture<Lease<C>> acquired,
            Function<Lease<C>, ? extends CompletionStage<T>> work) {
        this.connector = context.connector();
        this.acquired = acquired;
        this.work = Objects.requireNonNull(work, "work");
    }

    @Override
    Connector<?> connector() {
        return connector;
    }

    void begin() {
        acquired.whenComplete((got, failure) -> {
            if (failure != null) {
                failInternally(failure);
            } else {
                work(got);
            }
        });
    }

    private void work(Lease<C> got) {
        lease = got;
        if (isDone()) {
            got.release();
            return;
        }
        try {
            CompletionStage<T> begun = Objects.requireNonNull(work.apply(got), "the work's stage");
            stage = begun;
            begun.whenComplete((result, failure) -> end(got, result, failure));
        } catch (Throwable thrown) {
            got.invalidate(thrown);
            failInternally(thrown);
        }
        if (isDone()) {
            abandoned();
        }
    }

    private void end(Lease<C> got, T result, @Nullable Throwable failure) {
        if (failure != null) {
            got.invalidate(failure);
            failInternally(failure);
        } else {
            got.release();
            completeInternally(result);
        }
    }

    @Override
    void abandoned() {
        acquired.cancel(false);
        Lease<C> held = lease;
        if (held != null) {
            held.invalidate(new CancellationException("the use was given up"));
        }
        CompletionStage<T> begun = stage;
        if (begun != null) {
            try {
                begun.toCompletableFuture().cancel(true);
            } catch (RuntimeException cannotBeCancelled) {
                // then the stage ends when its connection is closed
            }
        }
    }
}
