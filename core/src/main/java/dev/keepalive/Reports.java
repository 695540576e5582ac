package dev.keepalive;

import dev.keepalive.spi.PoolListener;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listener what happens, one event after the other, on the manager's executor, and logs what goes wrong. A listener that does not keep up
 * loses events rather than memory.
 */
final class Reports {
    private static final int MOST_QUEUED = 10_000;
    private static final System.Logger LOG = System.getLogger("dev.keepalive");

    private final String name;
    private final PoolListener listener;
    private final boolean heard;
    private final Executor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Consumer<PoolListener>> queue = new ArrayDeque<>();
    private boolean telling;
    private long missed;

    Reports(String name, PoolListener listener, Executor executor) {
        this.name = name;
        this.listener = listener;
        this.heard = !listener.equals(PoolListener.NONE);
        this.executor = executor;
    }

    /** Something that the listener is to hear. */
    void tell(Consumer<PoolListener> event) {
        if (!heard) {
            return;
        }
        boolean start;
        lock.lock();
        try {
            if (queue.size() >= MOST_QUEUED) {
                missed++;
                return;
            }
            queue.add(event);
            start = !telling;
            telling = true;
        } finally {
            lock.unlock();
        }
        if (start) {
            executor.execute(this::tellAll);
        }
    }

    private void tellAll() {
        for (Consumer<PoolListener> event = next(); event != null; event = next()) {
            try {
                event.accept(listener);
            } catch (Throwable thrown) {
                LOG.log(Level.WARNING, name + ": the listener threw", thrown);
            }
        }
    }

    private @Nullable Consumer<PoolListener> next() {
        lock.lock();
        try {
            if (missed > 0) {
                long lost = missed;
                missed = 0;
                return told -> told.missed(lost);
            }
            Consumer<PoolListener> event = queue.poll();
            telling = event != null;
            return event;
        } finally {
            lock.unlock();
        }
    }

    /** Foreign code threw; whoever it was for is not affected. */
    void misbehaved(String who, Throwable thrown) {
        LOG.log(Level.WARNING, name + ": " + who + " threw", thrown);
        tell(told -> told.misbehaved(who, thrown));
    }

    /** Runs foreign code and reports what it throws. */
    void guard(String who, Runnable foreign) {
        try {
            foreign.run();
        } catch (Throwable thrown) {
            misbehaved(who, thrown);
        }
    }

    void forgotten(AcquireRequest request) {
        LOG.log(Level.WARNING, name + ": a lease of " + request + " was forgotten; its connection is closed");
    }

    void overdue(Endpoint endpoint) {
        LOG.log(Level.WARNING, name + ": a connection to " + endpoint + " is being closed for too long");
        tell(told -> told.overdue(endpoint));
    }
}
