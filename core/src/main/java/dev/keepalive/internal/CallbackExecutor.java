package dev.keepalive.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The default executor for foreign code: a task goes to an idle thread, else to a new one, and waits only when there
 * are as many as there may be. So a task that blocks holds up no other until then. Daemon threads that carry nothing of
 * whoever caused them, gone after some idle seconds.
 */
final class CallbackExecutor implements Executor {
    private static final int MOST_BLOCKED_CALLBACKS = 256;
    private static final long IDLE_SECONDS = 10;

    private final ThreadPoolExecutor threads;

    /** @param maxOpen as many threads more than for callbacks, since each dial may block one */
    CallbackExecutor(String name, int maxOpen) {
        AtomicInteger count = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                0,
                maxThreads(maxOpen),
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new HandoffQueue(),
                task -> thread(task, name + "-callbacks-" + count.incrementAndGet()),
                CallbackExecutor::enqueue);
    }

    /** So many dials may block from now on. */
    void setMaxDials(int maxOpen) {
        threads.setMaximumPoolSize(maxThreads(maxOpen));
    }

    private static int maxThreads(int maxOpen) {
        return (int) Math.min(Integer.MAX_VALUE, (long) maxOpen + MOST_BLOCKED_CALLBACKS);
    }

    @Override
    public void execute(Runnable task) {
        threads.execute(task);
    }

    /** From now on no thread stays idle; what comes late is still run. */
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
        ((HandoffQueue) threads.getQueue()).put(task);
    }
}
