package dev.keepalive.internal;

import dev.keepalive.KeepsConnection;
import dev.keepalive.Lease;
import dev.keepalive.spi.Connector;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The future of one {@code use}: it acquires a connection, runs the work, ends the lease, and completes with the work's
 * result. If the program gives it up, the acquire is cancelled, or the lease is invalidated and the work's stage
 * cancelled. Safe from any thread.
 *
 * <p>The lease ends on the thread that completes the work's stage, at once: the next waiter does not wait for a hop.
 * The future completes there too if that is the event loop on which {@code use} was called, or neither is an event
 * loop. Else it completes in a task, since what depends on it is the program's code, which may block.
 */
final class UseFuture<C, T> extends CancelAwareFuture<T> {
    private final ManagerContext<C> context;
    private final CompletableFuture<Lease<C>> acquired;
    private final Function<Lease<C>, ? extends CompletionStage<T>> work;

    /** Where the future completes: the given executor, else the event loop of the caller, else null. */
    private final @Nullable Executor executor;

    private volatile @Nullable Lease<C> lease;
    private volatile @Nullable CompletionStage<T> stage;

    private final boolean isGiven;

    private UseFuture(
            ManagerContext<C> context,
            CompletableFuture<Lease<C>> acquired,
            Function<Lease<C>, ? extends CompletionStage<T>> work,
            @Nullable Executor given) {
        this.context = context;
        this.acquired = acquired;
        this.work = work;
        this.executor = given == null ? context.connector().currentEventLoop() : given;
        this.isGiven = given != null;
    }

    /** @param given the executor that the program wants the future to complete on; null for none */
    static <C, T> UseFuture<C, T> begun(
            ManagerContext<C> context,
            CompletableFuture<Lease<C>> acquired,
            Function<Lease<C>, ? extends CompletionStage<T>> work,
            @Nullable Executor given) {
        UseFuture<C, T> use = new UseFuture<>(context, acquired, work, given);
        use.begin();
        return use;
    }

    @Override
    Connector<?> connector() {
        return context.connector();
    }

    private void begin() {
        acquired.whenComplete((got, failure) -> {
            if (failure != null) {
                finish(() -> {}, () -> failInternally(failure));
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
            fail(got, thrown);
        }
        if (isDone()) {
            abandoned();
        }
    }

    private void end(Lease<C> got, T result, @Nullable Throwable failure) {
        if (failure != null) {
            fail(got, failure);
        } else {
            finish(got::release, () -> completeInternally(result));
        }
    }

    private void fail(Lease<C> got, Throwable failure) {
        boolean keeps = keepsConnection(failure);
        finish(keeps ? got::release : () -> got.invalidate(failure), () -> failInternally(failure));
    }

    /** Ends the lease, then completes the future, whatever throws: its caller would wait for ever. */
    private void finish(Runnable leaseEnd, Runnable completion) {
        try {
            leaseEnd.run();
            complete(completion);
        } catch (Throwable cutShort) {
            completion.run();
            throw cutShort;
        }
    }

    /** True if the failure, or what it wraps, says that the connection is at a message boundary. */
    static boolean keepsConnection(Throwable failure) {
        Throwable inner = failure;
        while ((inner instanceof CompletionException || inner instanceof ExecutionException)
                && inner.getCause() != null) {
            inner = inner.getCause();
        }
        return inner instanceof KeepsConnection;
    }

    /** Completes the future on the thread where that belongs. */
    private void complete(Runnable completion) {
        Executor here = isGiven ? null : context.connector().currentEventLoop();
        Executor where = executor;
        if (!isGiven && here == where) {
            completion.run();
        } else if (where == null || !isAccepted(where, completion)) {
            context.executor().execute(completion);
        }
    }

    /** The executor is foreign code, or an event loop that may be shut down. Completing twice does nothing. */
    private boolean isAccepted(Executor where, Runnable completion) {
        try {
            where.execute(completion);
            return true;
        } catch (Throwable refused) {
            if (isGiven) {
                context.listeners().userCodeThrew("the executor of a use", refused);
            }
            return false;
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
