package dev.keepalive.internal;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Tasks for the threads of a pool. {@link #offer} refuses a task that no thread is idle for, so that the pool makes a
 * new thread before it lets a task wait; a task that is {@link #put} waits. Safe from any thread.
 *
 * <p>Not the JDK's {@code LinkedTransferQueue}, which could do the same: on Java 17 a thread that waits there for a
 * while may look for ever, at a processor's full speed (JDK-8301341).
 */
final class HandoffQueue extends LinkedBlockingQueue<Runnable> {
    private static final long serialVersionUID = 1;

    /**
     * The threads that wait, less the tasks that were accepted for them. A task is accepted by counting a thread off,
     * so never two for one thread.
     */
    private final AtomicInteger idle = new AtomicInteger();

    @Override
    public boolean offer(Runnable task) {
        return reserveThread() && super.offer(task);
    }

    @Override
    public void put(Runnable task) {
        idle.decrementAndGet();
        super.offer(task);
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

    /** A task was accepted for this thread just when it gave up: it is there, or is being added. */
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

    private boolean reserveThread() {
        for (int threads = idle.get(); threads > 0; threads = idle.get()) {
            if (idle.compareAndSet(threads, threads - 1)) {
                return true;
            }
        }
        return false;
    }
}
