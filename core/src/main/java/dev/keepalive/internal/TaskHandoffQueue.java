package dev.keepalive.internal;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The queue of tasks of a thread pool. {@link #offer} refuses a task if no thread is idle, so that the pool makes a new
 * thread before it lets a task wait. A task that is {@link #put} waits. Safe from any thread.
 *
 * <p>The JDK's {@code LinkedTransferQueue} could do the same, but on Java 17 a thread that polls it with a timeout may
 * spin for ever, at a processor's full speed (JDK-8301341).
 */
final class TaskHandoffQueue extends LinkedBlockingQueue<Runnable> {
    private static final long serialVersionUID = 1;

    /**
     * How many threads wait, less the tasks that were accepted for them. A task is accepted by subtracting one, so
     * never two tasks for one thread.
     */
    private final AtomicInteger idle = new AtomicInteger();

    @Override
    public boolean offer(Runnable task) {
        return reserveThread() && addAccepted(task);
    }

    @Override
    public void put(Runnable task) {
        idle.decrementAndGet();
        addAccepted(task);
    }

    /**
     * Adds an accepted task. If there is no memory for it, no thread may wait for it: that thread would spin for ever.
     */
    private boolean addAccepted(Runnable task) {
        try {
            return super.offer(task);
        } catch (Throwable notAdded) {
            idle.incrementAndGet();
            throw notAdded;
        }
    }

    @Override
    public @Nullable Runnable poll(long time, TimeUnit unit) throws InterruptedException {
        idle.incrementAndGet();
        try {
            Runnable task = super.poll(time, unit);
            return task == null && !reserveThread() ? takeAccepted() : task;
        } catch (InterruptedException interrupted) {
            if (reserveThread()) {
                throw interrupted;
            }
            Thread.currentThread().interrupt();
            return takeAccepted();
        }
    }

    /** The task that was accepted for this thread just as it gave up: it is in the queue, or is being added. */
    private Runnable takeAccepted() {
        Runnable task = super.poll();
        while (task == null) {
            Thread.onSpinWait();
            task = super.poll();
        }
        return task;
    }

    @Override
    public Runnable take() throws InterruptedException {
        Runnable task = null;
        while (task == null) {
            task = poll(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        }
        return task;
    }

    /** Subtracts one waiting thread; false if there is none. */
    private boolean reserveThread() {
        for (int threads = idle.get(); threads > 0; threads = idle.get()) {
            if (idle.compareAndSet(threads, threads - 1)) {
                return true;
            }
        }
        return false;
    }
}
