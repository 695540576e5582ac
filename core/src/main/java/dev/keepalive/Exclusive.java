package dev.keepalive;

import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Journal;
import dev.keepalive.machine.Limits;
import dev.keepalive.machine.Machine;
import dev.keepalive.machine.Rules;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Waiter;
import dev.keepalive.machine.Wire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets the machine see one event at a time, and has its effects performed outside exclusivity by the thread that brought the event. This class
 * is the seam behind which the lock can be replaced by an inbox: nothing else knows how exclusivity comes about.
 */
final class Exclusive {
    /** More than an event and its effects need of the stack, compiled or not: 3 KB compiled. With 25, books were seen to break at the end of a stack. */
    private static final int PROBED_FRAMES = 64;

    /** So many effects has an event, usually. */
    private static final int FEW = 3;

    private final ReentrantLock lock = new ReentrantLock();
    private final Ticks ticks;
    private final Performer performer;
    private final Machine machine;
    private final @Nullable Recording recording;
    private List<Effect> effects = new ArrayList<>();

    /** True if an alarm that the machine wanted could not be set: it has to be told that none will go off. */
    private volatile boolean alarmIsLost;

    Exclusive(
            Limits limits,
            Rules rules,
            Ticks ticks,
            Function<Slot, Wire> wires,
            Performer performer,
            Journal journal,
            @Nullable Recording recording) {
        this.ticks = ticks;
        this.performer = performer;
        this.machine = new Machine(limits, rules, wires, effect -> effects.add(effect), journal);
        this.recording = recording;
    }

    /** A fact for the machine. */
    @FunctionalInterface
    interface Event<R> {
        R happens(Machine machine, long now);
    }

    /** An event without an answer. */
    @FunctionalInterface
    interface Fact {
        void happens(Machine machine, long now);
    }

    /** Does what the machine decided. */
    @FunctionalInterface
    interface Performer {
        /**
         * Performs one effect. Never throws.
         *
         * @param now when it was decided
         * @param own the waiter of the call that is under way: its answer may complete within the call
         */
        void perform(Effect effect, long now, @Nullable Waiter own);
    }

    void submit(Fact fact) {
        submit(null, (machine, now) -> {
            fact.happens(machine, now);
            return null;
        });
    }

    /** Tells the machine, then performs what it decided. No lock is held meanwhile. */
    <R extends @Nullable Object> R submit(@Nullable Waiter own, Event<R> event) {
        return submit(own, ticks.now(), event);
    }

    /** @param now when the caller last looked at the clock */
    <R extends @Nullable Object> R submit(@Nullable Waiter own, long now, Event<R> event) {
        List<Effect> decided;
        R answer;
        // A wall clock is foreign code: it is looked at before the lock is taken.
        boolean suspended = ticks.wasSuspended(now);
        probeStack(PROBED_FRAMES, 1, 2, 3, 4);
        lock.lock();
        try {
            ticks.tick(now);
            if (suspended) {
                machine.retireAll(now);
            }
            if (alarmIsLost) {
                alarmIsLost = false;
                machine.tick(now);
            }
            answer = event.happens(machine, now);
            decided = takeEffects();
            if (recording != null) {
                recording.take(false);
            }
        } finally {
            lock.unlock();
        }
        if (recording != null) {
            recording.keepUp();
        }
        perform(decided, now, own);
        return answer;
    }

    /** Has the history written down to the present, if it is recorded at all. */
    void record() {
        if (recording != null) {
            lock.lock();
            try {
                recording.take(true);
            } finally {
                lock.unlock();
            }
            recording.keepUp();
        }
    }

    /** One effect that cannot be performed must not take the others with it: each is somebody else's. */
    private void perform(List<Effect> decided, long now, @Nullable Waiter own) {
        Throwable thrown = null;
        for (Effect effect : decided) {
            try {
                performer.perform(effect, now, own);
            } catch (RuntimeException | Error failure) {
                alarmIsLost |= effect instanceof Effect.WakeAt;
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
     * Fails while it does no harm, if the caller has used up its stack: an overflow in the midst of an event would leave the machine's books
     * wrong for ever. What it hands from frame to frame is there to take room: the frames of a method that has nothing to keep are tiny once it is compiled.
     */
    private static long probeStack(int frames, long a, long b, long c, long d) {
        return frames == 0 ? a : probeStack(frames - 1, b, c, d, a) + a + b + c + d;
    }

    private List<Effect> takeEffects() {
        if (effects.isEmpty()) {
            return List.of();
        }
        List<Effect> taken = effects;
        effects = new ArrayList<>(FEW);
        return taken;
    }
}
