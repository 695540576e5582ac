package dev.keepalive.internal;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An executor that never refuses: what one executor refuses, another runs, else the caller itself. And one that needs a
 * constant stack: if the first executor runs its tasks within {@code execute}, what they submit runs after them, not
 * within them.
 */
final class TrampolineExecutor implements Executor {
    private final Executor preferred;
    private final Executor fallback;

    /** A thread that is in a call of the preferred executor; if there are more, they are among the others. */
    private final AtomicReference<@Nullable Caller> first = new AtomicReference<>();

    private final Map<Thread, Caller> others = new ConcurrentHashMap<>();

    TrampolineExecutor(Executor preferred, Executor other) {
        this.preferred = preferred;
        this.fallback = other;
    }

    @Override
    public void execute(Runnable task) {
        Thread thread = Thread.currentThread();
        Caller outer = caller(thread);
        if (outer != null) {
            outer.later(task);
            return;
        }
        Caller caller = new Caller(thread);
        boolean isFirst = first.compareAndSet(null, caller);
        if (!isFirst) {
            others.put(thread, caller);
        }
        try {
            for (Runnable next = task; next != null; next = caller.next()) {
                submit(new Once(next));
            }
        } finally {
            if (isFirst) {
                first.set(null);
            } else {
                others.remove(thread);
            }
        }
    }

    private @Nullable Caller caller(Thread thread) {
        Caller any = first.get();
        return any != null && any.thread == thread ? any : others.isEmpty() ? null : others.get(thread);
    }

    private void submit(Once task) {
        if (!accepted(preferred, task) && !accepted(fallback, task)) {
            task.run();
        }
    }

    private static boolean accepted(Executor executor, Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (Throwable refused) {
            return false;
        }
    }

    /** A thread, and what it has submitted within a call. */
    private static final class Caller {
        final Thread thread;
        private @Nullable Queue<Runnable> tasks;

        Caller(Thread thread) {
            this.thread = thread;
        }

        void later(Runnable task) {
            Queue<Runnable> all = tasks;
            if (all == null) {
                all = new ArrayDeque<>();
                tasks = all;
            }
            all.add(task);
        }

        @Nullable
        Runnable next() {
            return tasks == null ? null : tasks.poll();
        }
    }

    /**
     * A task that runs at most once, or not at all once it was withdrawn: for executors that may throw after they have
     * taken it.
     */
    static final class Once implements Runnable {
        private final Runnable task;
        private final AtomicBoolean decided = new AtomicBoolean();

        Once(Runnable task) {
            this.task = task;
        }

        @Override
        public void run() {
            if (decided.compareAndSet(false, true)) {
                task.run();
            }
        }

        /** Makes sure that it never runs; false if it runs already, or has run. */
        boolean withdraw() {
            return decided.compareAndSet(false, true);
        }
    }
}
