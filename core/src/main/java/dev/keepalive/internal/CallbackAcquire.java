package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.machine.Waiter;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An acquire whose answer runs on the caller's executor: exactly one of two callbacks is called, unless it is
 * cancelled. It is also the future that the caller gets. Safe from any thread. Kept small, since a million may exist.
 */
class CallbackAcquire<C> implements AcquireCallback<C>, Future<@Nullable Void> {
    private enum State {
        WAITING,
        ANSWERED,
        CANCELLED
    }

    private static final VarHandle STATE;
    private static final VarHandle ANSWERED;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(CallbackAcquire.class, "state", State.class);
            ANSWERED = MethodHandles.lookup().findVarHandle(CallbackAcquire.class, "answered", CountDownLatch.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final ManagerContext<C> context;
    private final Executor executor;
    private final Consumer<? super Lease<C>> onLease;
    private final Consumer<? super AcquireException> onFailure;
    private volatile State state = State.WAITING;

    /** Made by the first thread that blocks in {@link #get}; else null. */
    private volatile @Nullable CountDownLatch answered;

    final Waiter waiter;

    private CallbackAcquire(
            ManagerContext<C> context,
            AcquireRequest request,
            long deadline,
            Executor executor,
            Consumer<? super Lease<C>> onLease,
            Consumer<? super AcquireException> onFailure) {
        this.context = context;
        this.executor = Objects.requireNonNull(executor, "executor");
        this.onLease = Objects.requireNonNull(onLease, "onLease");
        this.onFailure = Objects.requireNonNull(onFailure, "onFailure");
        this.waiter = context.waiter(this, request, deadline);
    }

    /** An acquire that is called now. */
    static <C> CallbackAcquire<C> of(
            ManagerContext<C> context,
            AcquireRequest request,
            long now,
            Executor executor,
            Consumer<? super Lease<C>> onLease,
            Consumer<? super AcquireException> onFailure) {
        AcquireDetails details = AcquireDetails.of(context, request, now);
        return details.followsFromWaiter()
                ? new CallbackAcquire<>(context, request, details.deadline(), executor, onLease, onFailure)
                : new Detailed<>(context, details, executor, onLease, onFailure);
    }

    // ---- for the manager

    @Override
    public AcquireDetails details() {
        return AcquireDetails.ofWaiter(waiter, context);
    }

    @Override
    public final Executor executor() {
        return executor;
    }

    /** True for the event loop that called acquire: it takes tasks, and runs none within the call. */
    @Override
    public final boolean executorIsTrusted() {
        return waiter.loop() != 0 && context.eventLoops().loop(waiter.loop()) == executor;
    }

    @Override
    public final boolean takesAnswerInCall() {
        return false;
    }

    @Override
    public final void deliver(Lease<C> lease) {
        if (ends(State.ANSWERED)) {
            context.listeners().guard("the callback of ", request(), () -> onLease.accept(lease));
        } else {
            lease.release();
        }
    }

    @Override
    public final void fail(AcquireException failure) {
        if (ends(State.ANSWERED)) {
            context.listeners().guard("the callback of ", request(), () -> onFailure.accept(failure));
        }
    }

    // ---- for the caller

    @Override
    public final boolean cancel(boolean mayInterruptIfRunning) {
        return context.withdraw(waiter) && ends(State.CANCELLED);
    }

    @Override
    public final boolean isCancelled() {
        return state == State.CANCELLED;
    }

    @Override
    public final boolean isDone() {
        return state != State.WAITING;
    }

    @Override
    public final @Nullable Void get() throws InterruptedException {
        refuseEventLoop();
        latch().await();
        return nothing();
    }

    @Override
    public final @Nullable Void get(long timeout, TimeUnit unit) throws InterruptedException, TimeoutException {
        refuseEventLoop();
        if (!latch().await(timeout, unit)) {
            throw new TimeoutException("no answer within " + timeout + " " + unit);
        }
        return nothing();
    }

    private void refuseEventLoop() {
        if (!isDone() && context.connector().currentEventLoop() != null) {
            throw new IllegalStateException("waiting on an event loop, which may be the one that brings the answer");
        }
    }

    private @Nullable Void nothing() {
        if (isCancelled()) {
            throw new CancellationException();
        }
        return null;
    }

    private boolean ends(State how) {
        boolean first = STATE.compareAndSet(this, State.WAITING, how);
        CountDownLatch waitedFor = answered;
        if (first && waitedFor != null) {
            waitedFor.countDown();
        }
        return first;
    }

    /** The latch that opens when this acquire has been answered or cancelled. */
    private CountDownLatch latch() {
        CountDownLatch made = new CountDownLatch(1);
        CountDownLatch before = (CountDownLatch) ANSWERED.compareAndExchange(this, null, made);
        if (before == null && isDone()) {
            made.countDown();
        }
        return before == null ? made : before;
    }

    /** An acquire whose details do not follow from its waiter. */
    private static final class Detailed<C> extends CallbackAcquire<C> {
        private final AcquireDetails details;

        Detailed(
                ManagerContext<C> context,
                AcquireDetails details,
                Executor executor,
                Consumer<? super Lease<C>> onLease,
                Consumer<? super AcquireException> onFailure) {
            super(context, details.request(), details.deadline(), executor, onLease, onFailure);
            this.details = details;
        }

        @Override
        public AcquireDetails details() {
            return details;
        }
    }
}
