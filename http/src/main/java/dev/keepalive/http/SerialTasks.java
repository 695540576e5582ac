package dev.keepalive.http;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs tasks one after the other, never two at a time, on another executor. Safe from any thread.
 *
 * <p>After the tasks that are there, it runs {@code afterTasks}, which is therefore told of many events at once. A task
 * may leave one {@linkplain #afterwards action} that runs outside of the order: it may block, and others go on.
 */
final class SerialTasks implements Executor {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** How many signals were given since the last run began; above 0 while a thread runs tasks, or is about to. */
    private final AtomicInteger signals = new AtomicInteger();

    private final Runnable afterTasks;
    private final Consumer<Throwable> onTrouble;
    private volatile Executor executor;
    /** Only for the thread that runs tasks. */
    private @Nullable Runnable afterwards;

    /**
     * @param executor where the tasks run
     * @param afterTasks called after each batch of tasks
     * @param onTrouble told what a task has thrown; told too if the executor refuses: from then on the tasks run on the
     *     common pool. Called in the order of the tasks
     */
    SerialTasks(Executor executor, Runnable afterTasks, Consumer<Throwable> onTrouble) {
        this.executor = executor;
        this.afterTasks = afterTasks;
        this.onTrouble = onTrouble;
    }

    /** Runs the task later, after those before it. */
    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        signal();
    }

    /** Has {@code afterTasks} run again. */
    void signal() {
        if (signals.getAndIncrement() == 0) {
            schedule();
        }
    }

    /** Runs the task on this thread, if no other thread runs tasks now; else as {@link #execute} does. */
    void runHere(Runnable task) {
        tasks.add(task);
        if (signals.getAndIncrement() == 0) {
            run();
        }
    }

    /**
     * Runs an action once the present tasks are done, outside of the order. Only from a task; replaces the one before.
     */
    void afterwards(Runnable action) {
        Runnable before = afterwards;
        afterwards = before == null
                ? action
                : () -> {
                    before.run();
                    action.run();
                };
    }

    private void schedule() {
        try {
            executor.execute(this::run);
        } catch (RuntimeException e) {
            // The tasks must run: they give back what the exchange holds.
            executor = ForkJoinPool.commonPool();
            tasks.add(() -> onTrouble.accept(e));
            executor.execute(this::run);
        }
    }

    private void run() {
        Runnable action;
        int seen;
        do {
            seen = signals.get();
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                runSafely(task);
            }
            runSafely(afterTasks);
            action = afterwards;
            if (action != null) {
                afterwards = null;
                if (!signals.compareAndSet(seen, 0)) {
                    // More has come: another thread goes on, since the action may block.
                    schedule();
                }
                action.run();
                return;
            }
        } while (!signals.compareAndSet(seen, 0));
    }

    private void runSafely(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            onTrouble.accept(e);
        }
    }
}
