package dev.keepalive;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * An executor that never refuses: what one executor refuses, another runs, else the caller itself. And one that needs a constant stack: if the
 * first executor runs its tasks within {@code execute}, what they submit runs after them, not within them.
 */
final class SteadyExecutor implements Executor {
    private final Executor preferred;
    private final Executor other;

    /** What was submitted by the thread that is in a call of the preferred executor. */
    private final Map<Thread, Queue<Runnable>> submitting = new ConcurrentHashMap<>();

    SteadyExecutor(Executor preferred, Executor other) {
        this.preferred = preferred;
        this.other = other;
    }

    @Override
    public void execute(Runnable task) {
        Thread caller = Thread.currentThread();
        Queue<Runnable> outer = submitting.get(caller);
        if (outer != null) {
            outer.add(task);
            return;
        }
        Queue<Runnable> tasks = new ArrayDeque<>();
        submitting.put(caller, tasks);
        try {
            for (Runnable next = task; next != null; next = tasks.poll()) {
                submit(new Once(next));
            }
        } finally {
            submitting.remove(caller);
        }
    }

    private void submit(Once task) {
        if (!accepted(preferred, task) && !accepted(other, task)) {
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
}
