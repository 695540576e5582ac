package dev.keepalive.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Executes a few actors in every possible order of their steps. Each actor is a thread. Exactly one of them runs, until
 * it calls {@link #step}. The program is made anew for each order, and checked at its end.
 */
final class Interleaver {
    /** A program of actors that run concurrently. */
    interface Program {
        /** The action of each actor. */
        List<Runnable> actors();

        /** True if this actor would have to wait if it continued. */
        boolean isBlocked(int actor);

        /** Called when all actors are done. Throws if anything is wrong. */
        void check();
    }

    private static final ThreadLocal<@Nullable Actor> PRESENT = new ThreadLocal<>();

    /**
     * How many preemptions an order may have. A preemption is a switch to another actor although the last one could
     * continue.
     */
    private final int maxPreemptions;

    /**
     * For each step so far: the index of the chosen actor among the ready ones, and the number of actors to choose
     * from.
     */
    private final List<int[]> choices = new ArrayList<>();

    /**
     * A thread for each actor, the same in all orders: code that depends on its thread does the same again when the
     * beginning of an order is repeated.
     */
    private final List<ExecutorService> threads = new ArrayList<>();

    private int depth;
    private int preemptions;

    private Interleaver(int maxPreemptions) {
        this.maxPreemptions = maxPreemptions;
    }

    /**
     * Executes the programs in all orders.
     *
     * @return how many orders there were
     */
    static int all(Supplier<? extends Program> programs) {
        return all(Integer.MAX_VALUE, programs);
    }

    /**
     * Executes the programs in all orders with at most this many preemptions.
     *
     * @return how many orders there were
     */
    static int all(int maxPreemptions, Supplier<? extends Program> programs) {
        Interleaver interleaver = new Interleaver(maxPreemptions);
        int orders = 0;
        try {
            do {
                orders++;
                interleaver.execute(programs.get());
            } while (interleaver.next());
        } finally {
            interleaver.threads.forEach(ExecutorService::shutdown);
        }
        return orders;
    }

    private Executor thread(int actor) {
        while (threads.size() <= actor) {
            threads.add(Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, "actor");
                thread.setDaemon(true);
                return thread;
            }));
        }
        return threads.get(actor);
    }

    /** The end of a step: another actor may run here. Does nothing if the caller is no actor. */
    static void step() {
        Actor present = PRESENT.get();
        if (present != null) {
            present.pause();
        }
    }

    /** The number of the actor that calls; -1 if the caller is no actor. */
    static int actor() {
        Actor present = PRESENT.get();
        return present == null ? -1 : present.number;
    }

    private void execute(Program program) {
        depth = 0;
        preemptions = 0;
        Order order = new Order(program);
        try {
            order.proceed();
            order.finished.acquireUninterruptibly();
            order.check();
        } catch (AssertionError | RuntimeException wrong) {
            throw new AssertionError("in the order " + order.text + ": " + wrong, wrong);
        }
    }

    /**
     * Chooses the next actor from those that are ready. The last actor is the first of them if it is ready.
     *
     * @throws IllegalStateException if the program did something else than before in the same order
     */
    private int choose(List<Integer> ready, int last) {
        boolean couldContinue = ready.get(0) == last;
        int count = couldContinue && preemptions >= maxPreemptions ? 1 : ready.size();
        if (depth == choices.size()) {
            choices.add(new int[] {0, count});
        }
        int[] choice = choices.get(depth++);
        if (choice[1] != count) {
            throw new IllegalStateException("at step " + depth + ", " + count + " actors could run, but " + choice[1]
                    + " when this order began in the same way before");
        }
        int index = choice[0];
        if (couldContinue && index > 0) {
            preemptions++;
        }
        return ready.get(index);
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
        final Semaphore finished = new Semaphore(0);
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

        /**
         * Lets the next actor run. Called on the thread of the last one.
         *
         * @return true if the next actor is the last one again
         */
        boolean proceed() {
            List<Integer> ready = new ArrayList<>();
            for (Actor actor : actors) {
                if (!actor.done && !program.isBlocked(actor.number)) {
                    ready.add(actor.number == last ? 0 : ready.size(), actor.number);
                }
            }
            if (ready.isEmpty() || thrown != null) {
                finished.release();
                return false;
            }
            int next;
            try {
                next = choose(ready, last);
            } catch (IllegalStateException differs) {
                thrown = differs;
                finished.release();
                return false;
            }
            boolean same = next == last;
            last = next;
            text.append(next);
            if (!same) {
                // From here on the other actor runs.
                actors.get(next).begin();
            }
            return same;
        }

        void begin(Actor actor) {
            thread(actor.number).execute(actor);
        }

        void check() {
            if (thrown != null) {
                throw new AssertionError("actor " + last + ": " + thrown, thrown);
            }
            if (!actors.stream().allMatch(actor -> actor.done)) {
                throw new AssertionError("deadlock: every actor waits");
            }
            program.check();
        }
    }

    /** One of the concurrent actors. */
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
                order.begin(this);
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
            order.proceed();
        }

        void pause() {
            if (!order.proceed()) {
                turn.acquireUninterruptibly();
            }
        }
    }
}
