package dev.keepalive.internal;

import dev.keepalive.Limits;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.History;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.Salvage;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets the machine see one event at a time, and has its effects performed outside exclusivity by the thread that
 * brought the event. This class is the seam behind which the lock can be replaced by an inbox: nothing else knows how
 * exclusivity comes about.
 *
 * <p>If an event throws, the machine's books cannot be trusted any more: no effect of that event is performed, no other
 * event reaches the machine, and the {@link Performer} is told to stop the manager.
 */
final class LockedMachine {
    /**
     * More than an event and its effects need of the stack, compiled or not: 3 KB compiled. With 25, books were seen to
     * break at the end of a stack.
     */
    private static final int PROBED_FRAMES = 64;

    /** So many effects has an event, usually. */
    private static final int USUAL_EFFECTS = 3;

    private final ReentrantLock lock = new ReentrantLock();
    private final ManagerClock clock;
    private final Performer performer;
    private final Machine machine;
    private final @Nullable HistoryStream historyStream;
    private List<Effect> effects = new ArrayList<>();
    private @Nullable List<Effect> nextEffects;

    /** True if an alarm that the machine wanted could not be set: it has to be told that none will go off. */
    private volatile boolean wakeUpIsLost;

    /** The waiter whose event failed. Written before {@link #failure}. */
    private @Nullable Waiter failedWaiter;

    /**
     * What an event threw; null while the machine is sound. Written under the lock, once: whoever sees it sees the
     * machine as that event left it.
     */
    private volatile @Nullable Throwable failure;

    LockedMachine(
            Limits limits,
            MachineConfig config,
            ManagerClock clock,
            Function<Slot, AtomicSlot> wires,
            Performer performer,
            History history,
            @Nullable HistoryStream historyStream) {
        this.clock = clock;
        this.performer = performer;
        this.machine = new Machine(limits, config, wires, effect -> effects.add(effect), history);
        this.historyStream = historyStream;
    }

    /** An event with an answer. */
    @FunctionalInterface
    interface Event<R extends @Nullable Object> {
        R apply(Machine machine, long now);
    }

    /** Does what the machine decided. */
    interface Performer {
        /**
         * Performs one effect. Never throws.
         *
         * @param now when it was decided
         * @param own the waiter of the call that is under way: its answer may complete within the call
         */
        void perform(Effect effect, long now, @Nullable Waiter own);

        /**
         * Stops the manager, since the machine has failed. Returns soon; never throws. Called again by each later call.
         */
        void stop();
    }

    /** Thrown by an event that comes after the machine has failed. */
    static final class Failed extends IllegalStateException {
        private static final long serialVersionUID = 1;

        Failed(Throwable cause) {
            super("the manager has failed, and is closed: " + cause, cause);
        }
    }

    /**
     * Tells the machine something.
     *
     * @return false if the machine had failed before: then it hears nothing any more
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
     * Tells the machine, then performs what it decided. No lock is held meanwhile.
     *
     * @throws Failed if the machine had failed before
     */
    <R extends @Nullable Object> R submit(@Nullable Waiter own, Event<R> event) {
        return submit(own, clock.now(), event);
    }

    /** @param now when the caller last looked at the clock */
    <R extends @Nullable Object> R submit(@Nullable Waiter own, long now, Event<R> event) {
        List<Effect> decided;
        R answer;
        // A wall clock is foreign code: it is looked at before the lock is taken.
        boolean suspended = clock.wasSuspended(now);
        probeStack(PROBED_FRAMES, 1, 2, 3, 4);
        try {
            lock.lock();
            try {
                refuseIfFailed();
                clock.tick(now);
                answer = handle(own, now, suspended, event);
                decided = takeEffects();
            } finally {
                lock.unlock();
            }
        } catch (Throwable thrown) {
            if (failure != null) {
                performer.stop();
            }
            throw thrown;
        }
        if (historyStream != null) {
            historyStream.startWriting();
        }
        perform(decided, now, own);
        return answer;
    }

    /**
     * The one place where the machine is told anything; what is thrown once the event has begun is the end of the
     * machine.
     */
    private <R extends @Nullable Object> R handle(@Nullable Waiter own, long now, boolean suspended, Event<R> event) {
        long before = machine.events();
        try {
            if (suspended) {
                machine.retireAll(now);
            }
            if (wakeUpIsLost) {
                wakeUpIsLost = false;
                machine.tick(now);
            }
            R answer = event.apply(machine, now);
            if (historyStream != null) {
                historyStream.take(false);
            }
            prepareNextEffects();
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
     * Finds what the failed machine holds. It does not change any more, so no lock is needed.
     *
     * @return what went wrong on the way, if anything did
     */
    @Nullable
    Throwable salvage(Salvage.Finder finder) {
        Waiter own = failedWaiter;
        Object owner = own == null ? null : own.ownerIfAny();
        if (own != null && owner != null) {
            finder.waiting(owner);
            own.forgetOwner();
        }
        return Salvage.walk(machine, effects, finder);
    }

    /** Has the history written down to the present, if it is recorded at all. */
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

    /** One effect that cannot be performed must not take the others with it: each is somebody else's. */
    private void perform(List<Effect> decided, long now, @Nullable Waiter own) {
        Throwable thrown = null;
        for (Effect effect : decided) {
            try {
                performer.perform(effect, now, own);
            } catch (RuntimeException | Error failure) {
                wakeUpIsLost |= effect instanceof Effect.WakeAt;
                thrown = failure;
            }
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /**
     * Fails while it does no harm, if the caller has used up its stack: an overflow in the midst of an event would
     * leave the machine's books wrong for ever. What it hands from frame to frame is there to take room: the frames of
     * a method that has nothing to keep are tiny once it is compiled.
     */
    private static long probeStack(int frames, long a, long b, long c, long d) {
        return frames == 0 ? a : probeStack(frames - 1, b, c, d, a) + a + b + c + d;
    }

    /**
     * Makes the list for the effects of the next event, if this one has any. A part of the event, since it fails if
     * there is no memory.
     */
    private void prepareNextEffects() {
        if (!effects.isEmpty()) {
            nextEffects = new ArrayList<>(USUAL_EFFECTS);
        }
    }

    private List<Effect> takeEffects() {
        List<Effect> following = nextEffects;
        if (following == null) {
            return List.of();
        }
        List<Effect> taken = effects;
        effects = following;
        nextEffects = null;
        return taken;
    }
}
