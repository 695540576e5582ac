package dev.keepalive;

import dev.keepalive.AcquireException.Failure;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Fate;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.TimeSource.Alarm;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Does what the machine decides. Whatever may run foreign code is a task of its own, so that no call of one user runs the code of another. */
final class Deeds<C> implements Exclusive.Performer {
    private static final int TIMED_OUT = 110;
    private static final String TIMED_OUT_TEXT = "Connection timed out";

    private final Pool<C> pool;
    private final Executor executor;
    private final Runnable atEnd;
    private final Alarm alarm;
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private final ReentrantLock alarmOrder = new ReentrantLock();
    private long alarmVersion;

    Deeds(Pool<C> pool, Executor executor, Runnable atEnd, Alarm alarm) {
        this.pool = pool;
        this.executor = executor;
        this.atEnd = atEnd;
        this.alarm = alarm;
    }

    /** Completes when everything is closed; completing it from outside does nothing. */
    CompletionStage<Void> finished() {
        return finished.minimalCompletionStage();
    }

    @Override
    public void perform(Effect effect, long now, @Nullable Waiter ownWaiter) {
        if (effect instanceof Effect.Deliver deliver) {
            deliver(deliver, now, deliver.waiter() == ownWaiter);
        } else if (effect instanceof Effect.Fail fail) {
            fail(fail, now, fail.waiter() == ownWaiter);
        } else if (effect instanceof Effect.Dial dial) {
            executor.execute(link(dial.slot())::dial);
        } else if (effect instanceof Effect.Stop stop) {
            executor.execute(link(stop.slot())::stop);
        } else if (effect instanceof Effect.Close close) {
            executor.execute(link(close.slot())::close);
        } else if (effect instanceof Effect.Gone gone) {
            link(gone.slot()).tellGone(gone.reason());
        } else if (effect instanceof Effect.Overdue overdue) {
            pool.reports().overdue(overdue.slot().endpoint());
        } else if (effect instanceof Effect.WakeAt wake) {
            setAlarm(wake);
        } else if (effect instanceof Effect.Finished) {
            executor.execute(this::closeConnector);
        }
    }

    @SuppressWarnings("unchecked") // the wires of this manager's slots are its own links
    private PooledLink<C> link(Slot slot) {
        return (PooledLink<C>) slot.wire();
    }

    @SuppressWarnings("unchecked") // the owners of this manager's waiters are its own recipients
    private Recipient<C> recipient(Object owner) {
        return (Recipient<C>) owner;
    }

    // ---- answers

    private void deliver(Effect.Deliver effect, long now, boolean inCall) {
        Recipient<C> recipient = recipient(effect.owner());
        AcquireRequest request = recipient.request();
        long waited = now - recipient.askedAt();
        SlotLease<C> lease = link(effect.slot()).lease(effect.lease(), request, effect.origin(), waited);
        Timings timings = lease.timings();
        pool.reports().tell(listener -> listener.acquired(request, effect.origin(), timings));
        Once delivery = new Once(() -> recipient.deliver(lease));
        hand(recipient, inCall, delivery, refused -> {
            if (delivery.withdraw()) {
                lease.release();
                notDelivered(recipient, timings, refused);
            }
        });
    }

    private void fail(Effect.Fail effect, long now, boolean inCall) {
        Recipient<C> recipient = recipient(effect.owner());
        AcquireException failure = failure(effect, recipient.request(), now - recipient.askedAt());
        pool.reports().tell(listener -> listener.failed(failure));
        Once telling = new Once(() -> recipient.fail(failure));
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
                new Failure(request, Phase.QUEUE, 0, text, timings, situation, refused));
        pool.reports().misbehaved("the executor of " + request, refused);
        pool.reports().tell(listener -> listener.failed(failure));
        executor.execute(() -> recipient.fail(failure));
    }

    private AcquireException failure(Effect.Fail effect, AcquireRequest request, long waited) {
        PooledLink<C> dial = effect.dial() == null ? null : link(effect.dial());
        Phase phase = dial == null ? Phase.QUEUE : dial.phase();
        Timings timings = dial == null ? Timings.of(waited) : dial.timings(waited);
        Fate fate = effect.fate();
        int number = fate == Fate.CLOSED ? 0 : TIMED_OUT;
        String text = fate == Fate.CLOSED ? "the manager is closed" : TIMED_OUT_TEXT;
        DialException cause = dial == null ? null : dial.failure();
        if (fate == Fate.DIAL_FAILED && cause != null) {
            phase = cause.phase();
            number = cause.errorNumber();
            text = cause.text();
        } else {
            cause = null;
        }
        Failure failure = new Failure(request, phase, number, text, timings, situation(effect), cause);
        return switch (fate) {
            case TIMED_OUT -> new AcquireException.TimedOut(failure);
            case DIAL_FAILED, DIAL_TIMED_OUT -> new AcquireException.DialFailed(failure);
            case CLOSED -> new AcquireException.Closed(failure);
            case WAITING, SERVED, WITHDRAWN -> throw new IllegalStateException("no failure: " + fate);
        };
    }

    private static String situation(Effect.Fail effect) {
        Counts all = effect.all();
        return "endpoint: " + effect.endpoint() + "; all: " + all.open() + " open, " + all.waiting() + " waiting";
    }

    // ---- time and the end

    private void setAlarm(Effect.WakeAt wake) {
        alarmOrder.lock();
        try {
            if (wake.version() > alarmVersion) {
                alarmVersion = wake.version();
                alarm.set(wake.time() - pool.ticks().now());
            }
        } finally {
            alarmOrder.unlock();
        }
    }

    private void closeConnector() {
        alarm.close();
        try {
            CompletionStage<?> closing = Objects.requireNonNull(pool.connector().close(), "the connector's end");
            closing.whenComplete((ignored, failure) -> end());
        } catch (Throwable thrown) {
            pool.reports().misbehaved("the connector's close", thrown);
            end();
        }
    }

    private void end() {
        atEnd.run();
        finished.complete(null);
    }
}
