package dev.keepalive;

import dev.keepalive.AcquireException.Failure;
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

/** Does what the machine decides. Whatever may run foreign code is a task of its own, so that no call of one user runs the code of another. */
final class Deeds<C> implements Exclusive.Performer {
    private final Pool<C> pool;
    private final Executor executor;
    private final Runnable atEnd;
    private final Alarm alarm;
    private final Failures failures = new Failures();
    private final CompletableFuture<Boolean> finished = new CompletableFuture<>();
    private final AtomicReference<Effect.@Nullable WakeAt> latestWake = new AtomicReference<>();
    private final AtomicBoolean closingConnector = new AtomicBoolean();
    private final FailStop<C> failStop;

    Deeds(Pool<C> pool, Executor executor, Runnable atEnd, Alarm alarm) {
        this.pool = pool;
        this.executor = executor;
        this.atEnd = atEnd;
        this.alarm = alarm;
        this.failStop = new FailStop<>(pool, this, executor);
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
        } else if (effect instanceof Effect.Ask ask) {
            opening(ask.slot()).ask();
        } else if (effect instanceof Effect.Unask unask) {
            opening(unask.slot()).permit().unask();
        } else if (effect instanceof Effect.GiveBack) {
            member().giveBack();
        } else if (effect instanceof Effect.Dial dial) {
            executor.execute(opening(dial.slot())::dial);
        } else if (effect instanceof Effect.Stop stop) {
            executor.execute(opening(stop.slot())::stop);
        } else if (effect instanceof Effect.Close close) {
            executor.execute(link(close.slot())::close);
        } else if (effect instanceof Effect.Gone gone) {
            link(gone.slot()).tellGone(gone.reason());
        } else if (effect instanceof Effect.Overdue overdue) {
            pool.reports().overdue(overdue.slot().endpoint());
        } else if (effect instanceof Effect.Held held) {
            tellHeld(held, now);
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
    private PooledLink<C> link(Slot slot) {
        return (PooledLink<C>) slot.wire();
    }

    private Opening<C> opening(Slot slot) {
        return Objects.requireNonNull(link(slot).opening(), "a connection that was open before");
    }

    private Budget.Member member() {
        return Objects.requireNonNull(pool.member(), "a permit without a budget");
    }

    @SuppressWarnings("unchecked") // the owners of this manager's waiters are its own recipients
    private Recipient<C> recipient(Object owner) {
        return (Recipient<C>) owner;
    }

    // ---- answers

    private void deliver(Effect.Deliver effect, long now, boolean inCall) {
        Recipient<C> recipient = recipient(effect.owner());
        SlotLease<C> lease = link(effect.slot()).lease(effect.lease(), recipient, effect.origin(), now);
        Timings timings = lease.timings();
        pool.reports().acquired(recipient.request(), lease);
        SteadyExecutor.Once delivery = new SteadyExecutor.Once(() -> recipient.deliver(lease));
        hand(recipient, inCall, delivery, refused -> {
            if (delivery.withdraw()) {
                lease.release();
                notDelivered(recipient, timings, refused);
            }
        });
    }

    private void fail(Effect.Fail effect, long now, boolean inCall) {
        Recipient<C> recipient = recipient(effect.owner());
        fail(recipient, failures.of(effect, recipient, now), inCall);
    }

    /** The manager has failed: an acquire that waits, or that comes afterwards, is told why. */
    void refuse(Recipient<C> recipient, boolean inCall) {
        Throwable cause = Objects.requireNonNull(pool.exclusive().failure(), "the cause");
        fail(recipient, Failures.ofFailedManager(recipient, pool.ticks().now(), cause), inCall);
    }

    private void fail(Recipient<C> recipient, AcquireException failure, boolean inCall) {
        pool.reports().tell(listener -> listener.failed(failure));
        SteadyExecutor.Once telling = new SteadyExecutor.Once(() -> recipient.fail(failure));
        hand(recipient, inCall, telling, refused -> executor.execute(telling));
    }

    /** Brings an answer to where its recipient takes it. */
    private void hand(Recipient<C> recipient, boolean inCall, Runnable answer, Consumer<Throwable> ifRefused) {
        Executor where = recipient.executor();
        if (where == null || (inCall && recipient.takesAnswerInCall())) {
            answer.run();
        } else if (inCall || recipient.executorIsTrusted()) {
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

    private void notDelivered(Recipient<C> recipient, Timings timings, Throwable refused) {
        AcquireRequest request = recipient.request();
        String text = "the executor refused the answer";
        String situation = "the connection went back";
        AcquireException failure = new AcquireException.NotDelivered(
                new Failure(request, Phase.QUEUE, 0, text, timings, situation, null, refused));
        pool.reports().misbehaved("the executor of " + request, refused);
        pool.reports().tell(listener -> listener.failed(failure));
        executor.execute(() -> recipient.fail(failure));
    }

    private void tellHeld(Effect.Held held, long now) {
        LeaseReference.Report holder = link(held.slot()).report(now);
        if (holder != null) {
            pool.reports().held(holder);
        }
    }

    // ---- time and the end

    /**
     * The alarm is foreign code, so no lock is held. A thread that may have set it to an older time than another sees so afterwards, and sets it again:
     * whatever the order, the last setting is the latest one.
     */
    private void setAlarm(Effect.WakeAt wake) {
        Effect.WakeAt latest = latestWake.accumulateAndGet(wake, Deeds::later);
        if (latest != wake) {
            return;
        }
        Effect.WakeAt set;
        do {
            set = latest;
            alarm.set(set.time() - pool.ticks().now());
            latest = latestWake.get();
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
            CompletionStage<?> closing = Objects.requireNonNull(pool.connector().close(), "the connector's end");
            closing.whenComplete((ignored, failure) -> end(clean));
        } catch (Throwable thrown) {
            pool.reports().misbehaved("the connector's close", thrown);
            end(clean);
        }
    }

    private void end(boolean clean) {
        pool.exclusive().record();
        Budget.Member member = pool.member();
        if (member != null) {
            member.leave();
        }
        atEnd.run();
        finished.complete(clean);
    }
}
