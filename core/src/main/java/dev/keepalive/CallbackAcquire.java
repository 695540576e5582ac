package dev.keepalive;

import dev.keepalive.machine.Waiter;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An acquire whose answer is posted to an executor: exactly one of two callbacks is called. */
final class CallbackAcquire<C> implements Recipient<C>, Future<@Nullable Void> {
    private final Shell<C> shell;
    private final AcquireRequest request;
    private final Executor executor;
    private final Consumer<? super Lease<C>> onLease;
    private final Consumer<? super AcquireException> onFailure;
    private final CompletableFuture<@Nullable Void> answered = new CompletableFuture<>();
    private final long askedAt;
    private final @Nullable AcquireSite site;
    final Waiter waiter;

    CallbackAcquire(
            Shell<C> shell,
            AcquireRequest request,
            Executor executor,
            Consumer<? super Lease<C>> onLease,
            Consumer<? super AcquireException> onFailure) {
        this.shell = shell;
        this.request = request;
        this.executor = Objects.requireNonNull(executor, "executor");
        this.onLease = Objects.requireNonNull(onLease, "onLease");
        this.onFailure = Objects.requireNonNull(onFailure, "onFailure");
        this.askedAt = shell.ticks().now();
        this.site = shell.site();
        this.waiter = shell.waiter(this);
    }

    // ---- for the manager

    @Override
    public AcquireRequest request() {
        return request;
    }

    @Override
    public long askedAt() {
        return askedAt;
    }

    @Override
    public @Nullable AcquireSite site() {
        return site;
    }

    @Override
    public Executor executor() {
        return executor;
    }

    @Override
    public boolean executorIsTrusted() {
        return false;
    }

    @Override
    public boolean takesAnswerInCall() {
        return false;
    }

    @Override
    public void deliver(SlotLease<C> lease) {
        if (answered.complete(null)) {
            shell.reports().guard("the callback of ", request, () -> onLease.accept(lease));
        } else {
            lease.release();
        }
    }

    @Override
    public void fail(AcquireException failure) {
        if (answered.complete(null)) {
            shell.reports().guard("the callback of ", request, () -> onFailure.accept(failure));
        }
    }

    // ---- for the caller

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        return shell.withdraw(waiter) && answered.cancel(false);
    }

    @Override
    public boolean isCancelled() {
        return answered.isCancelled();
    }

    @Override
    public boolean isDone() {
        return answered.isDone();
    }

    @Override
    public @Nullable Void get() throws InterruptedException, ExecutionException {
        return answered.get();
    }

    @Override
    public @Nullable Void get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return answered.get(timeout, unit);
    }
}
