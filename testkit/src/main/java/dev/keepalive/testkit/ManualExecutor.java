package dev.keepalive.testkit;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/**
 * An executor whose tasks run when the test calls {@link #runAll} or {@link #runNext}, on the calling thread. Safe from
 * any thread.
 */
public final class ManualExecutor implements Executor {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** An executor without tasks. */
    public ManualExecutor() {}

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /**
     * Runs all tasks, also those that are submitted while it runs. Never recursive: a task that another one submits
     * runs after it.
     */
    public void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /**
     * Runs the oldest task.
     *
     * @return false if there was none
     */
    public boolean runNext() {
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
        }
        return task != null;
    }

    /** The number of tasks that wait. */
    public int size() {
        return tasks.size();
    }
}
