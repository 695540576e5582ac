package dev.keepalive.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Executes a few actors in every possible order of their steps, one step at a time. Each actor is a thread of its own.
 * Exactly one of them runs, until it calls {@link #step}. A new program is made for each order, and checked at its end.
 */
final class Interleaver {
    /** Some actors that may run at the same time. */
    interface Program {
        /** The action of each actor. */
        List<Runnable> actors();

        /** True if this actor would have to wait if it went on. */
        boolean isBlocked(int actor);

        /** Called when all are done: throws if anything is wrong. */
        void check();
    }

    private static final ThreadLocal<@Nullable Actor> PRESENT = new ThreadLocal<>();

    /** Reuses its threads. */
    private static final Executor THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "actor");
        thread.setDaemon(true);
        return thread;
    });

    /** How often, at most, another actor goes on although the present one could. A large number allows all orders. */
    private final int mostPreemptions;

    /** For each step so far: which choice was taken, and how many choices there were. */
    private final List<int[]> choices = new ArrayList<>();

    private int depth;
    private int preemptions;

    private Interleaver(int mostPreemptions) {
        this.mostPreemptions = mostPreemptions;
    }

    /** @return how many orders there were */
    static int all(Supplier<? extends Program> programs) {
        return all(Integer.MAX_VALUE, programs);
    }

    /** All orders with so many preemptions at most. */
    static int all(int mostPreemptions, Supplier<? extends Program> programs) {
        Interleaver interleaver = new Interleaver(mostPreemptions);
        int orders = 0;
        do {
            orders++;
            interleaver.execute(programs.get());
        } while (interleaver.next());
        return orders;
    }

    /** Another actor may act here. Does nothing outside of actors. */
    static void step() {
        Actor present = PRESENT.get();
        if (present != null) {
            present.pause();
        }
    }

    /** The number of the actor that calls; -1 outside of actors. */
    static int actor() {
        Actor present = PRESENT.get();
        return present == null ? -1 : present.number;
    }

    private void execute(Program program) {
        depth = 0;
        preemptions = 0;
        Order order = new Order(program);
        try {
            order.goOn();
            order.over.acquireUninterruptibly();
            order.check();
        } catch (AssertionError | RuntimeException wrong) {
            throw new AssertionError("in the order " + order.text + ": " + wrong, wrong);
        }
    }

    /** Chooses the actor that goes on. The one that acted last is the first choice, if it can go on. */
    private int choose(List<Integer> ready, int last) {
        boolean couldGoOn = ready.get(0) == last;
        int ways = couldGoOn && preemptions >= mostPreemptions ? 1 : ready.size();
        if (depth == choices.size()) {
            choices.add(new int[] {0, ways});
        }
        int way = choices.get(depth++)[0];
        if (couldGoOn && way > 0) {
            preemptions++;
        }
        return ready.get(way);
    }

    private boolean next() {
        while (!choices.isEmpty()) {
            int[] last = choices.get(choices.size() - 1);
            if (++last[0] < last[1]) {
                return true;
            }
            choices.remove(choices.size() - 1);
        }
        return false;
    }

    /** One order of the steps. */
    private final class Order {
        final Semaphore over = new Semaphore(0);
        final StringBuilder text = new StringBuilder();
        private final Program program;
        private final List<Actor> actors = new ArrayList<>();
        private int last = -1;
        private @Nullable Throwable thrown;

        Order(Program program) {
            this.program = program;
            for (Runnable each : program.actors()) {
                actors.add(new Actor(this, actors.size(), each));
            }
        }

        /** Lets the next actor go on; called on the thread of the last one. @return true if it is the same actor */
        boolean goOn() {
            List<Integer> ready = new ArrayList<>();
            for (Actor actor : actors) {
                if (!actor.done && !program.isBlocked(actor.number)) {
                    ready.add(actor.number == last ? 0 : ready.size(), actor.number);
                }
            }
            if (ready.isEmpty() || thrown != null) {
                over.release();
                return false;
            }
            int next = choose(ready, last);
            boolean same = next == last;
            last = next;
            text.append(next);
            if (!same) {
                // From here on the other actor runs.
                actors.get(next).begin();
            }
            return same;
        }

        void check() {
            if (thrown != null) {
                throw new AssertionError("actor " + last + ": " + thrown, thrown);
            }
            if (!actors.stream().allMatch(actor -> actor.done)) {
                throw new AssertionError("deadlock: all actors wait");
            }
            program.check();
        }
    }

    /** One actor of a program, and its thread. */
    private static final class Actor implements Runnable {
        final int number;
        private final Order order;
        private final Runnable action;
        private final Semaphore turn = new Semaphore(0);
        private boolean begun;
        private boolean done;

        Actor(Order order, int number, Runnable action) {
            this.order = order;
            this.number = number;
            this.action = action;
        }

        void begin() {
            if (begun) {
                turn.release();
            } else {
                begun = true;
                THREADS.execute(this);
            }
        }

        @Override
        public void run() {
            PRESENT.set(this);
            try {
                action.run();
            } catch (Throwable wrong) {
                order.thrown = wrong;
            }
            PRESENT.remove();
            done = true;
            order.goOn();
        }

        void pause() {
            if (!order.goOn()) {
                turn.acquireUninterruptibly();
            }
        }
    }
}
