package dev.keepalive.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The default executor for foreign code. A task goes to an idle thread, else to a new one; it waits only if the maximum
 * of threads is reached, or the host allows no more. So until then a task that blocks delays no other. The threads are
 * daemon threads; they inherit no context class loader, thread-locals or priority from the thread that caused them, and
 * end after some idle seconds.
 */
final class CallbackExecutor implements Executor {
    private static final int MOST_BLOCKED_CALLBACKS = 4_096;
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor threads;

    /** @param maxOpen how many dials may block, each a thread of its own beside those for callbacks */
    CallbackExecutor(String name, int maxOpen) {
        this(maxOpen, daemons(name));
    }

    CallbackExecutor(int maxOpen, ThreadFactory factory) {
        threads = new ThreadPoolExecutor(
                0,
                maxThreads(maxOpen),
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new TaskHandoffQueue(),
                factory,
                CallbackExecutor::enqueue);
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> thread(task, name + "-callbacks-" + count.incrementAndGet());
    }

    /** Changes how many dials may block. */
    void setMaxDials(int maxOpen) {
        threads.setMaximumPoolSize(maxThreads(maxOpen));
    }

    private static int maxThreads(int maxOpen) {
        return (int) Math.min(Integer.MAX_VALUE, (long) maxOpen + MOST_BLOCKED_CALLBACKS);
    }

    @Override
    public void execute(Runnable task) {
        try {
            threads.execute(task);
        } catch (OutOfMemoryError noThread) {
            // The host allows no more threads. The task was not accepted, so it waits for one of those that there are.
            if (threads.getPoolSize() == 0) {
                throw noThread;
            }
            enqueue(task, threads);
        }
    }

    /** From now on no thread stays idle. A task that comes later still runs. */
    void keepNoIdleThreads() {
        threads.setKeepAliveTime(0, TimeUnit.NANOSECONDS);
    }

    private static Thread thread(Runnable task, String name) {
        Thread thread = new Thread(null, task, name, 0, false);
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(null);
        return thread;
    }

    private static void enqueue(Runnable task, ThreadPoolExecutor threads) {
        ((TaskHandoffQueue) threads.getQueue()).put(task);
    }
}
