package dev.keepalive.testkit;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;

/** An executor that runs its tasks when it is told to, on the thread that tells it. Safe from any thread. */
public final class ManualExecutor implements Executor {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    /** An executor with nothing to do. */
    public ManualExecutor() {}

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    /** Runs all tasks, also those that come while it runs. Never recursive: what a task submits runs after it. */
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
