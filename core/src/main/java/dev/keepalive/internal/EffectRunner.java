package dev.keepalive.internal;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireException.Details;
import dev.keepalive.AcquireRequest;
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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Does what the machine decides. Whatever may run foreign code is a task of its own, so that no call of one user runs
 * the code of another.
 */
final class EffectRunner<C> implements LockedMachine.Performer {
    private final ManagerContext<C> context;
    private final Executor executor;
    private final Runnable atEnd;
    private final Alarm alarm;
    private final FailureFactory failureFactory = new FailureFactory();
    private final CompletableFuture<Boolean> finished = new CompletableFuture<>();
    private final AtomicReference<Effect.@Nullable WakeAt> latestWake = new AtomicReference<>();
    private final AtomicBoolean closingConnector = new AtomicBoolean();
    private final FailStop<C> failStop;

    EffectRunner(ManagerContext<C> context, Executor executor, Runnable atEnd, Alarm alarm) {
        this.context = context;
        this.executor = executor;
        this.atEnd = atEnd;
        this.alarm = alarm;
        this.failStop = new FailStop<>(context, this, executor);
    }

    /** Completes when everything is closed: with true if nothing was cut short. */
    CompletableFuture<Boolean> finished() {
        return finished;
    }

    @Override
    public void perform(Effect effect, long now, @Nullable Waiter ownWaiter) {
        if (effect instanceof Effect.Deliver deliver) {
            deliver(deliver, now, deliver.waiter() == ownWaiter);
        } else if (effect instanceof Effect.Fail fail) {
            fail(fail, now, fail.waiter() == ownWaiter);
        } else if (effect instanceof Effect.RequestPermit ask) {
            dialSequence(ask.slot()).requestPermit();
        } else if (effect instanceof Effect.CancelPermitRequest unask) {
            dialSequence(unask.slot()).permit().cancel();
        } else if (effect instanceof Effect.ReturnPermit) {
            member().giveBack();
        } else if (effect instanceof Effect.Dial dial) {
            executor.execute(dialSequence(dial.slot())::dial);
        } else if (effect instanceof Effect.Stop stop) {
            executor.execute(dialSequence(stop.slot())::stop);
        } else if (effect instanceof Effect.Close close) {
            executor.execute(connection(close.slot())::close);
        } else if (effect instanceof Effect.Gone gone) {
            connection(gone.slot()).tellGone(gone.reason());
        } else if (effect instanceof Effect.CloseOverdue overdue) {
            context.listeners().closeOverdue(overdue.slot().endpoint());
        } else if (effect instanceof Effect.HeldTooLong held) {
            reportHeldTooLong(held, now);
        } else if (effect instanceof Effect.WakeAt wake) {
            setAlarm(wake);
        } else if (effect instanceof Effect.Finished end) {
            executor.execute(() -> closeConnector(end.clean()));
        } else {
            throw new IllegalStateException("an effect that is not performed: " + effect);
        }
    }

    @Override
    public void stop() {
        failStop.begin();
    }

    @SuppressWarnings("unchecked") // the wires of this manager's slots are its own links
    private PooledConnection<C> connection(Slot slot) {
        return (PooledConnection<C>) slot.atomicSlot();
    }

    private DialSequence<C> dialSequence(Slot slot) {
        return Objects.requireNonNull(connection(slot).dialSequence(), "a connection that was open before");
    }

    private SharedBudget.Member member() {
        return Objects.requireNonNull(context.member(), "a permit without a budget");
    }

    @SuppressWarnings("unchecked") // the owners of this manager's waiters are its own recipients
    private AcquireCallback<C> callback(Object owner) {
        return (AcquireCallback<C>) owner;
    }

    // ---- answers

    private void deliver(Effect.Deliver effect, long now, boolean inCall) {
        AcquireCallback<C> callback = callback(effect.owner());
        PooledLease<C> lease = connection(effect.slot()).lease(effect.lease(), callback, effect.origin(), now);
        Timings timings = lease.timings();
        context.listeners().acquired(callback.request(), lease);
        TrampolineExecutor.Once delivery = new TrampolineExecutor.Once(() -> callback.deliver(lease));
        hand(callback, inCall, delivery, refused -> {
            if (delivery.withdraw()) {
                lease.release();
                notDelivered(callback, timings, refused);
            }
        });
    }

    private void fail(Effect.Fail effect, long now, boolean inCall) {
        AcquireCallback<C> callback = callback(effect.owner());
        fail(callback, failureFactory.of(effect, callback, now), inCall);
    }

    /** The manager has failed: an acquire that waits, or that comes afterwards, is told why. */
    void refuse(AcquireCallback<C> callback, boolean inCall) {
        Throwable cause = Objects.requireNonNull(context.machine().failure(), "the cause");
        fail(callback, FailureFactory.ofFailedManager(callback, context.clock().now(), cause), inCall);
    }

    private void fail(AcquireCallback<C> callback, AcquireException failure, boolean inCall) {
        context.listeners().tell(listener -> listener.failed(failure));
        TrampolineExecutor.Once telling = new TrampolineExecutor.Once(() -> callback.fail(failure));
        hand(callback, inCall, telling, refused -> executor.execute(telling));
    }

    /** Brings an answer to where its recipient takes it. */
    private void hand(AcquireCallback<C> callback, boolean inCall, Runnable answer, Consumer<Throwable> ifRefused) {
        Executor where = callback.executor();
        if (where == null || (inCall && callback.takesAnswerInCall())) {
            answer.run();
        } else if (inCall || callback.executorIsTrusted()) {
            execute(where, answer, ifRefused);
        } else {
            // Somebody's executor may run its tasks at once, or block: then not in the call of somebody else, who
            // released.
            executor.execute(() -> execute(where, answer, ifRefused));
        }
    }

    private static void execute(Executor executor, Runnable task, Consumer<Throwable> ifRefused) {
        try {
            executor.execute(task);
        } catch (Throwable refused) {
            ifRefused.accept(refused);
        }
    }

    private void notDelivered(AcquireCallback<C> callback, Timings timings, Throwable refused) {
        AcquireRequest request = callback.request();
        String text = "the executor refused the answer";
        String situation = "the connection went back";
        AcquireException failure = new AcquireException.NotDelivered(
                new Details(request, Phase.QUEUE, 0, text, timings, situation, null, refused));
        context.listeners().userCodeThrew("the executor of " + request, refused);
        context.listeners().tell(listener -> listener.failed(failure));
        executor.execute(() -> callback.fail(failure));
    }

    private void reportHeldTooLong(Effect.HeldTooLong held, long now) {
        LeaseReference.Report holder = connection(held.slot()).report(now);
        if (holder != null) {
            context.listeners().leaseHeldTooLong(holder);
        }
    }

    // ---- time and the end

    /**
     * The alarm is foreign code, so no lock is held. A thread that may have set it to an older time than another sees
     * so afterwards, and sets it again: whatever the order, the last setting is the latest one.
     */
    private void setAlarm(Effect.WakeAt wake) {
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

    /** Once: a manager that was just finished may fail. */
    void closeConnector(boolean clean) {
        if (!closingConnector.compareAndSet(false, true)) {
            return;
        }
        alarm.close();
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
        context.machine().flushHistory();
        SharedBudget.Member member = context.member();
        if (member != null) {
            member.leave();
        }
        atEnd.run();
        finished.complete(clean);
    }
}
