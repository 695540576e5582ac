package dev.keepalive.http;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Lets a thread that waits for the result of a call run the tasks of that call, one at a time, which saves the way over
 * another thread. Once it is closed, another executor runs them.
 */
final class CallerThread implements Executor {
    private static final Runnable CLOSED = () -> {};

    private final Thread caller = Thread.currentThread();
    private final Executor other;
    /** A task for the caller; null if there is none. */
    private final AtomicReference<@Nullable Runnable> next = new AtomicReference<>();

    CallerThread(Executor other) {
        this.other = other;
    }

    /** At most one task waits at a time. */
    @Override
    public void execute(Runnable task) {
        if (next.compareAndSet(null, task)) {
            LockSupport.unpark(caller);
        } else {
            other.execute(task);
        }
    }

    /** From now on, tasks run on the other executor; the caller no longer waits for them. From any thread. */
    void close() {
        Runnable waiting = next.getAndSet(CLOSED);
        if (waiting != CLOSED) {
            LockSupport.unpark(caller);
            if (waiting != null) {
                pass(waiting);
            }
        }
    }

    private void pass(Runnable waiting) {
        try {
            other.execute(waiting);
        } catch (RuntimeException e) {
            // It is refused. The task must run: it gives back what the exchange holds.
            ForkJoinPool.commonPool().execute(waiting);
        }
    }

    /** Runs tasks on the calling thread until this is closed. */
    void runTasks() throws InterruptedException {
        while (true) {
            Runnable task = next.get();
            if (task == CLOSED) {
                return;
            } else if (Thread.interrupted()) {
                throw new InterruptedException();
            } else if (task == null) {
                LockSupport.park(this);
            } else if (next.compareAndSet(task, null)) {
                task.run();
            }
        }
    }
}
