package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireException.Details;
import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.Lease;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.TimeSource.Alarm;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Performs the effects that the machine decided on. Everything that may run foreign code is a task of its own, so that
 * the call of one user never runs the code of another. Safe from any thread; effects of different events may overtake
 * each other.
 */
final class EffectRunner<C> implements LockedMachine.Performer {
    /** So long the connector may take to close, in nanoseconds. */
    private static final long CLOSE_LIMIT = TimeUnit.SECONDS.toNanos(5);

    private final ManagerContext<C> context;
    private final Executor executor;
    private final Runnable atEnd;
    private final Alarm alarm;
    private final FailureFactory failureFactory;
    private final CompletableFuture<Boolean> finished;
    private final AtomicReference<Effect.@Nullable WakeAt> latestWake = new AtomicReference<>();
    private final AtomicBoolean closingConnector = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();

    /** When the manager ends though its connector is not closed; {@link Long#MAX_VALUE} before the end begins. */
    private volatile long endBy = Long.MAX_VALUE;

    private final FailStop<C> failStop;

    /** Answers that run in the acquire's own call. It knows which threads are within such an answer. */
    private final TrampolineExecutor answersInCall = new TrampolineExecutor(Runnable::run, Runnable::run);

    EffectRunner(ManagerContext<C> context, Executor executor, Runnable atEnd, Alarm alarm) {
        this.context = context;
        this.failureFactory = new FailureFactory(context);
        this.executor = executor;
        this.atEnd = atEnd;
        this.alarm = alarm;
        this.finished = LoopAwareFuture.incomplete(context.connector());
        this.failStop = new FailStop<>(context, this, executor);
    }

    /** Completes when everything is closed; with true if nothing was cut short. */
    CompletableFuture<Boolean> finished() {
        return finished;
    }

    @Override
    public void perform(Effect effect, long now, @Nullable Waiter ownWaiter) {
        if (effect instanceof Effect.Deliver deliver) {
            deliver(deliver, now, deliver.waiter() == ownWaiter);
        } else if (effect instanceof Effect.Fail fail) {
            fail(fail, now, fail.waiter() == ownWaiter);
        } else if (effect instanceof Effect.RequestPermit request) {
            dialSequence(request.slot()).requestPermit();
        } else if (effect instanceof Effect.CancelPermitRequest cancel) {
            dialSequence(cancel.slot()).permit().cancel();
        } else if (effect instanceof Effect.ReturnPermit) {
            member().giveBack();
        } else if (effect instanceof Effect.Dial dial) {
            executor.execute(dialSequence(dial.slot())::dial);
        } else if (effect instanceof Effect.Stop stop) {
            executor.execute(dialSequence(stop.slot())::stop);
        } else if (effect instanceof Effect.Close close) {
            try {
                reportCutShort(close, now);
            } finally {
                executor.execute(connection(close.slot())::close);
            }
        } else if (effect instanceof Effect.Gone gone) {
            connection(gone.slot()).tellGone(gone.reason());
        } else if (effect instanceof Effect.CloseOverdue overdue) {
            context.listeners().closeOverdue(overdue.slot().endpoint());
        } else if (effect instanceof Effect.Lingers lingers) {
            context.listeners().lingers(lingers.slot().endpoint(), lingers.leases());
        } else if (effect instanceof Effect.HeldTooLong held) {
            reportHeldTooLong(held, now);
        } else if (effect instanceof Effect.WakeAt wake) {
            setAlarm(wake);
        } else if (effect instanceof Effect.Finished end) {
            beginEnd();
            executor.execute(() -> closeConnector(end.clean()));
        } else {
            throw new IllegalStateException("an unknown effect: " + effect);
        }
    }

    @Override
    public void stop() {
        if (!failStop.begin()) {
            stopLater();
        }
    }

    /** The alarm will call {@link #stop} again. */
    void stopLater() {
        setAlarm(Patrol.RETRY);
    }

    @SuppressWarnings("unchecked") // this manager has made the atomic slot of each of its slots
    private PooledConnection<C> connection(Slot slot) {
        return (PooledConnection<C>) slot.atomicSlot();
    }

    private DialSequence<C> dialSequence(Slot slot) {
        return Objects.requireNonNull(connection(slot).dialSequence(), "a connection that was open before");
    }

    private SharedBudget.Member member() {
        return Objects.requireNonNull(context.member(), "a permit without a budget");
    }

    @SuppressWarnings("unchecked") // this manager has made the owner of each of its waiters
    private AcquireCallback<C> callback(Object owner) {
        return (AcquireCallback<C>) owner;
    }

    // ---- answers

    private void deliver(Effect.Deliver effect, long now, boolean inCall) {
        AcquireCallback<C> callback = callback(effect.owner());
        Lease<C> lease = connection(effect.slot()).lease(effect.lease(), callback, effect.origin(), now);
        context.listeners().acquired(callback.request(), lease);
        hand(callback, inCall, new Delivery(callback, lease));
    }

    private void fail(Effect.Fail effect, long now, boolean inCall) {
        AcquireCallback<C> callback = callback(effect.owner());
        fail(callback, failureFactory.of(effect, callback, now), inCall);
    }

    /** Fails an acquire because the manager has failed, before or after the acquire was called. */
    void refuse(AcquireCallback<C> callback, boolean inCall) {
        Throwable cause = Objects.requireNonNull(context.machine().failure(), "the cause");
        fail(callback, FailureFactory.ofFailedManager(callback, context.clock().now(), cause), inCall);
    }

    private void fail(AcquireCallback<C> callback, AcquireException failure, boolean inCall) {
        context.listeners().tell(listener -> listener.failed(failure));
        hand(callback, inCall, new Refusal(callback, failure));
    }

    /** Runs an answer where the acquire wants it: in this call, or on an executor. */
    private void hand(AcquireCallback<C> callback, boolean inCall, Answer answer) {
        Executor where = callback.executor();
        if (where == null || (inCall && callback.takesAnswerInCall())) {
            answer.run();
        } else if (callback.executorIsTrusted()) {
            execute(where, answer);
        } else {
            // The caller's executor may run its task at once, or block. That must not happen in the call of another
            // caller, who has just released the connection. Nor within another such answer: a callback that acquires
            // again, and is answered at once, would need more and more stack.
            boolean here = inCall && !answersInCall.isExecuting();
            (here ? answersInCall : executor).execute(() -> execute(where, answer));
        }
    }

    private static void execute(Executor executor, Answer answer) {
        try {
            executor.execute(answer);
        } catch (Throwable refused) {
            answer.refused(refused);
        }
    }

    /** The answer to an acquire. */
    private abstract static class Answer extends RunOnce {
        /** The caller's executor threw, perhaps after it had accepted the answer. */
        abstract void refused(Throwable cause);
    }

    private final class Delivery extends Answer {
        private final AcquireCallback<C> callback;
        private final Lease<C> lease;

        Delivery(AcquireCallback<C> callback, Lease<C> lease) {
            this.callback = callback;
            this.lease = lease;
        }

        @Override
        void perform() {
            callback.deliver(lease);
        }

        @Override
        void refused(Throwable cause) {
            if (withdraw()) {
                // Not in this call: the release may deliver to the next waiter of the same executor, and so on.
                EffectRunner.this.executor.execute(() -> {
                    try {
                        lease.release();
                    } finally {
                        notDelivered(callback, lease.timings(), cause);
                    }
                });
            }
        }
    }

    private final class Refusal extends Answer {
        private final AcquireCallback<C> callback;
        private final AcquireException failure;

        Refusal(AcquireCallback<C> callback, AcquireException failure) {
            this.callback = callback;
            this.failure = failure;
        }

        @Override
        void perform() {
            callback.fail(failure);
        }

        @Override
        void refused(Throwable cause) {
            executor.execute(this);
        }
    }

    private void notDelivered(AcquireCallback<C> callback, Timings timings, Throwable refused) {
        AcquireRequest request = callback.request();
        String text = "the executor refused the answer";
        String situation = "the lease was released";
        AcquireException failure = new AcquireException.NotDelivered(
                new Details(request, Phase.QUEUE, 0, text, timings, situation, null, refused));
        context.listeners().userCodeThrew("the executor of " + request, refused);
        context.listeners().tell(listener -> listener.failed(failure));
        executor.execute(() -> callback.fail(failure));
    }

    private void reportHeldTooLong(Effect.HeldTooLong held, long now) {
        PooledConnection<C> connection = connection(held.slot());
        SharedLink<C> shared = connection.shared();
        LeaseReference.Report report = shared == null ? connection.report(now) : shared.report(held.lease(), now);
        if (report != null) {
            context.listeners().leaseHeldTooLong(report);
        }
    }

    /**
     * The machine closes a connection while a holder has it only if the manager is closed, or if the connection takes
     * several leases, is retired, and lingers for too long.
     */
    private void reportCutShort(Effect.Close close, long now) {
        PooledConnection<C> connection = connection(close.slot());
        SharedLink<C> shared = connection.shared();
        boolean lingered = shared != null && close.reason() == CloseReason.RETIRED;
        if (close.reason() != CloseReason.MANAGER_CLOSED && !lingered) {
            return;
        }
        LeaseReference.Report report = shared == null ? connection.reportIfHeld(now) : null;
        if (shared != null) {
            shared.cutShort(now);
        } else if (report != null) {
            context.listeners().leaseCutShort(report);
        }
    }

    // ---- time and the end

    /**
     * Sets the alarm. It is foreign code, so no lock is held. A thread that has set an older wake-up over a newer one
     * sees the newer one afterwards, and sets it again. So in any order the newest wake-up is set last.
     */
    private void setAlarm(Effect.WakeAt wake) {
        if (isEnding()) {
            return;
        }
        Effect.WakeAt latest = latestWake.accumulateAndGet(wake, EffectRunner::later);
        if (latest != wake) {
            return;
        }
        Effect.WakeAt set;
        do {
            set = latest;
            alarm.set(set.time() - context.clock().now());
            latest = Objects.requireNonNull(latestWake.get());
        } while (latest != set);
    }

    private static Effect.WakeAt later(Effect.@Nullable WakeAt one, Effect.WakeAt other) {
        return one == null || other.version() > one.version() ? other : one;
    }

    /** True as soon as nothing is left to be closed but the connector. */
    boolean isEnding() {
        return endBy != Long.MAX_VALUE;
    }

    private void beginEnd() {
        endBy = ManagerClock.after(context.clock().now(), CLOSE_LIMIT);
        setAlarm(CLOSE_LIMIT);
    }

    private void setAlarm(long nanosFromNow) {
        try {
            alarm.set(nanosFromNow);
        } catch (Throwable thrown) {
            context.listeners().userCodeThrew("the alarm", thrown);
        }
    }

    /**
     * The alarm went off after the end began. Ends the manager without its connector if that takes too long. Closes the
     * connector here if the executor has not run the task for that.
     */
    void endIfOverdue() {
        long left = endBy - context.clock().now();
        if (left > 0) {
            alarm.set(left);
        } else if (closingConnector.get()) {
            context.listeners().connectorOverdue();
            end(false);
        } else {
            closeConnector(false);
        }
    }

    /** Closes the connector, once: a manager that has just finished may also fail. */
    void closeConnector(boolean clean) {
        if (!closingConnector.compareAndSet(false, true)) {
            return;
        }
        beginEnd();
        try {
            CompletionStage<?> closing =
                    Objects.requireNonNull(context.connector().close(), "the connector's end");
            closing.whenComplete((ignored, failure) -> end(clean));
        } catch (Throwable thrown) {
            context.listeners().userCodeThrew("the connector's close", thrown);
            end(clean);
        }
    }

    private void end(boolean clean) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        try {
            SharedBudget.Member member = context.member();
            if (member != null) {
                member.leave();
            }
            context.listeners().guard("the alarm's close", alarm::close);
            context.machine().flushHistory();
            atEnd.run();
        } finally {
            finished.complete(clean);
        }
    }
}
