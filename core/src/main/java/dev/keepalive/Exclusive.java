package dev.keepalive;

import dev.keepalive.machine.Effect;
import dev.keepalive.machine.Limits;
import dev.keepalive.machine.Machine;
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
    private final ReentrantLock lock = new ReentrantLock();
    private final Ticks ticks;
    private final Performer performer;
    private final Machine machine;
    private List<Effect> effects = new ArrayList<>();

    Exclusive(Limits limits, Ticks ticks, Function<Slot, Wire> wires, Performer performer) {
        this.ticks = ticks;
        this.performer = performer;
        this.machine = new Machine(limits, wires, effect -> effects.add(effect));
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
        List<Effect> decided;
        R answer;
        long now;
        lock.lock();
        try {
            now = ticks.now();
            answer = event.happens(machine, now);
            decided = takeEffects();
        } finally {
            lock.unlock();
        }
        for (Effect effect : decided) {
            performer.perform(effect, now, own);
        }
        return answer;
    }

    private List<Effect> takeEffects() {
        if (effects.isEmpty()) {
            return List.of();
        }
        List<Effect> taken = effects;
        effects = new ArrayList<>();
        return taken;
    }
}
