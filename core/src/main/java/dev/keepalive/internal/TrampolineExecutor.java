package dev.keepalive.internal;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * An executor that never refuses a task, and needs a constant stack. If the preferred executor refuses a task, the
 * fallback runs it, else the calling thread; so does the calling thread if there is no memory. If the preferred
 * executor runs a task within {@code execute}, the tasks that this task submits run after it, not within it. Safe from
 * any thread.
 */
final class TrampolineExecutor implements Executor {
    private final Executor preferred;
    private final Executor fallback;

    /** A thread that is within {@link #execute}; further ones are in {@link #others}. */
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
            if (!outer.later(task)) {
                submit(task);
            }
            return;
        }
        Caller caller = enter(thread);
        if (caller == null) {
            submit(task);
        } else {
            submitAll(task, caller);
        }
    }

    /** @return null if there is no memory for it: then tasks are submitted within tasks */
    private @Nullable Caller enter(Thread thread) {
        try {
            Caller caller = new Caller(thread);
            if (!first.compareAndSet(null, caller)) {
                others.put(thread, caller);
            }
            return caller;
        } catch (OutOfMemoryError noMemory) {
            // It may have been put all the same.
            others.remove(thread);
            return null;
        }
    }

    /** Submits a task, and what tasks submit within. One that throws here does not keep the others from it. */
    private void submitAll(Runnable task, Caller caller) {
        Throwable thrown = null;
        for (Runnable next = task; next != null; next = caller.next()) {
            try {
                submit(next);
            } catch (RuntimeException | Error failure) {
                thrown = failure;
            }
        }
        if (!first.compareAndSet(caller, null)) {
            others.remove(caller.thread);
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** True if the calling thread is within {@link #execute}, so that its next task would run after the present one. */
    boolean isExecuting() {
        return caller(Thread.currentThread()) != null;
    }

    private @Nullable Caller caller(Thread thread) {
        Caller any = first.get();
        return any != null && any.thread == thread ? any : others.isEmpty() ? null : others.get(thread);
    }

    private void submit(Runnable task) {
        Runnable last = task;
        try {
            Once once = new Once(task);
            last = once;
            if (accepted(preferred, once) || accepted(fallback, once)) {
                return;
            }
        } catch (OutOfMemoryError noMemory) {
            // Thrown by the constructor: no executor has the task.
            last = task;
        }
        last.run();
    }

    private static boolean accepted(Executor executor, Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (Throwable refused) {
            return false;
        }
    }

    /** A thread within {@link #execute}, and the tasks that it has submitted there. */
    private static final class Caller {
        final Thread thread;
        private @Nullable Queue<Runnable> tasks;

        Caller(Thread thread) {
            this.thread = thread;
        }

        /** @return false if there is no memory for it */
        boolean later(Runnable task) {
            try {
                Queue<Runnable> all = tasks;
                if (all == null) {
                    all = new ArrayDeque<>();
                    tasks = all;
                }
                return all.add(task);
            } catch (OutOfMemoryError noMemory) {
                return false;
            }
        }

        @Nullable
        Runnable next() {
            return tasks == null ? null : tasks.poll();
        }
    }

    /** A task of a caller, for an executor that may throw after it has accepted it. */
    private static final class Once extends RunOnce {
        private final Runnable task;

        Once(Runnable task) {
            this.task = task;
        }

        @Override
        void perform() {
            task.run();
        }
    }
}
