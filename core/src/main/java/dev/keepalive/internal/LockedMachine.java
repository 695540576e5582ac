package dev.keepalive.internal;

import dev.keepalive.Limits;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.FailedMachineWalk;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets the machine handle one event at a time, under a lock. The thread that brought the event performs its effects
 * after it has left the lock. No other class uses the lock, so an inbox could replace it here. Safe from any thread.
 *
 * <p>If an event throws, the machine's state cannot be trusted any more. Then no effect of that event is performed, no
 * other event reaches the machine, and the {@link Performer} is told to stop the manager.
 */
final class LockedMachine {
    private final ReentrantLock lock = new ReentrantLock();
    private final ManagerClock clock;
    private final Performer performer;
    private final Machine machine;
    private final @Nullable HistoryStream historyStream;

    /** The first effect of the present event; usually the only one, so that it needs no list. */
    private @Nullable Effect firstEffect;

    /** The other effects of the present event, in order. */
    private @Nullable List<Effect> otherEffects;

    /** After so long an alarm that did not go off is taken for lost, in nanoseconds. */
    private static final long OVERDUE = TimeUnit.SECONDS.toNanos(1);

    /** True if the alarm for a wake-up could not be set. */
    private volatile boolean wakeUpIsLost;

    /** The waiter whose event failed. Written before {@link #failure}. */
    private @Nullable Waiter failedWaiter;

    /**
     * What an event threw; null while the machine is sound. Written under the lock, once: a thread that sees it sees
     * the machine as that event left it.
     */
    private volatile @Nullable Throwable failure;

    LockedMachine(
            Limits limits,
            MachineConfig config,
            ManagerClock clock,
            Function<Slot, AtomicSlot> atomicSlots,
            Performer performer,
            History history,
            @Nullable HistoryStream historyStream) {
        this.clock = clock;
        this.performer = performer;
        this.machine = new Machine(limits, config, atomicSlots, this::decided, history);
        this.historyStream = historyStream;
    }

    /** An event with an answer. */
    @FunctionalInterface
    interface Event<R extends @Nullable Object> {
        R apply(Machine machine, long now);
    }

    /** Performs what the machine decided. */
    interface Performer {
        /**
         * Performs one effect. No lock is held.
         *
         * @param now when the effect was decided
         * @param own the waiter of the call that is under way, whose answer may complete within the call; or null
         */
        void perform(Effect effect, long now, @Nullable Waiter own);

        /**
         * Stops the manager, since the machine has failed. Returns soon; never throws. Called again by each later call.
         */
        void stop();
    }

    /** Thrown by a call whose event comes after the machine has failed. */
    static final class Failed extends IllegalStateException {
        private static final long serialVersionUID = 1;

        Failed(Throwable cause) {
            super("the manager has failed, and is closed: " + cause, cause);
        }
    }

    /**
     * Submits an event without an answer.
     *
     * @return false if the machine had failed before: then the event has no effect
     */
    boolean submit(ObjLongConsumer<Machine> event) {
        try {
            submit(null, (machine, now) -> {
                event.accept(machine, now);
                return null;
            });
            return true;
        } catch (Failed before) {
            return false;
        }
    }

    /**
     * Has the machine handle an event, then performs the effects. No lock is held while they are performed.
     *
     * @param own the waiter of this call, or null
     * @throws Failed if the machine had failed before
     */
    <R extends @Nullable Object> R submit(@Nullable Waiter own, Event<R> event) {
        return submit(own, clock.now(), event);
    }

    /** @param now the time that the caller has just read from the manager's clock */
    <R extends @Nullable Object> R submit(@Nullable Waiter own, long now, Event<R> event) {
        Effect first;
        List<Effect> others;
        R answer;
        // First: an overflow after the wall clock was read would lose that the host had been suspended.
        StackProbe.probe();
        // The wall clock is foreign code, so it is read before the lock is taken.
        boolean suspended = clock.wasSuspended(now);
        try {
            lock.lock();
            try {
                refuseIfFailed();
                clock.tick(now);
                answer = handle(own, now, suspended, event);
                first = firstEffect;
                others = otherEffects;
                firstEffect = null;
                otherEffects = null;
            } finally {
                lock.unlock();
            }
        } catch (Throwable thrown) {
            if (failure != null) {
                performer.stop();
            }
            throw thrown;
        }
        try {
            if (historyStream != null) {
                historyStream.startWriting();
            }
        } finally {
            perform(first, others, now, own);
        }
        return answer;
    }

    /** Takes an effect of the present event. */
    private void decided(Effect effect) {
        if (firstEffect == null) {
            firstEffect = effect;
            return;
        }
        List<Effect> others = otherEffects;
        if (others == null) {
            others = new ArrayList<>();
            otherEffects = others;
        }
        others.add(effect);
    }

    /** The only place where the machine handles events. If an event throws after it began, the machine has failed. */
    private <R extends @Nullable Object> R handle(@Nullable Waiter own, long now, boolean suspended, Event<R> event) {
        long before = machine.events();
        try {
            if (suspended) {
                machine.retireAll(now);
            }
            // An alarm that is lost is set again by a tick. One that is only late is left alone: it will go off.
            if (wakeUpIsLost || now - machine.wakeUp() > OVERDUE) {
                wakeUpIsLost = false;
                machine.tick(now);
            }
            R answer = event.apply(machine, now);
            if (historyStream != null) {
                historyStream.take(false);
            }
            return answer;
        } catch (Throwable thrown) {
            // Assignments only: there may be no stack and no memory left.
            if (machine.events() != before) {
                failedWaiter = own;
                failure = thrown;
            }
            throw thrown;
        }
    }

    /** Throws {@link Failed} if the machine has failed; begins to stop the manager again, as each call does. */
    void requireSound() {
        if (failure != null) {
            performer.stop();
        }
        refuseIfFailed();
    }

    private void refuseIfFailed() {
        Throwable cause = failure;
        if (cause != null) {
            throw new Failed(cause);
        }
    }

    /** What an event threw; null while the machine is sound. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /**
     * Finds the waiters and connections of the failed machine. It does not change any more, so no lock is needed.
     *
     * @return what the search threw; null if nothing
     */
    @Nullable
    Throwable salvage(FailedMachineWalk.Finder finder) {
        Throwable cutShort = FailedMachineWalk.walk(machine, unperformed(), finder);
        // Last, since an effect may answer this waiter too: then the walk has taken the owner away.
        Waiter own = failedWaiter;
        Object owner = own == null ? null : own.ownerOrNull();
        if (own != null && owner != null) {
            finder.waiting(owner);
            own.forgetOwner();
        }
        return cutShort;
    }

    /** Has the history written up to the present event, if it is recorded. */
    void flushHistory() {
        if (historyStream != null) {
            lock.lock();
            try {
                historyStream.take(true);
            } finally {
                lock.unlock();
            }
            historyStream.startWriting();
        }
    }

    private List<Effect> unperformed() {
        List<Effect> all = new ArrayList<>();
        if (firstEffect != null) {
            all.add(firstEffect);
        }
        if (otherEffects != null) {
            all.addAll(otherEffects);
        }
        return all;
    }

    /** Performs each effect, even if another one throws: effects of one event may concern different callers. */
    private void perform(@Nullable Effect first, @Nullable List<Effect> others, long now, @Nullable Waiter own) {
        Throwable thrown = first == null ? null : perform(first, now, own);
        if (others != null) {
            for (Effect effect : others) {
                Throwable failure = perform(effect, now, own);
                thrown = failure == null ? thrown : failure;
            }
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** Performs an effect. Returns what that throws; else null. */
    private @Nullable Throwable perform(Effect effect, long now, @Nullable Waiter own) {
        try {
            performer.perform(effect, now, own);
            return null;
        } catch (RuntimeException | Error failure) {
            // Not "|=", which would also write what it had read before: another thread may have written true since.
            if (effect instanceof Effect.WakeAt) {
                wakeUpIsLost = true;
            }
            return failure;
        }
    }
}
