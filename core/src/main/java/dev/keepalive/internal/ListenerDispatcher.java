package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listener what happens, one event after the other, on the manager's executor, and logs what goes wrong. A
 * listener that does not keep up loses events rather than memory.
 */
final class ListenerDispatcher {
    private static final int MOST_QUEUED = 10_000;
    private static final int BATCH = 64;
    private static final System.Logger LOG = System.getLogger("dev.keepalive");

    private final String name;
    private final ConnectionListener listener;
    private final boolean hasListener;
    private final Executor executor;
    private final ReentrantLock lock = new ReentrantLock();
    private final Queue<Consumer<ConnectionListener>> queue = new ArrayDeque<>();
    private boolean telling;
    private long dropped;

    ListenerDispatcher(String name, ConnectionListener listener, Executor executor) {
        this.name = name;
        this.listener = listener;
        this.hasListener = !listener.equals(ConnectionListener.NONE);
        this.executor = executor;
    }

    /** Something that the listener is to hear. */
    void tell(Consumer<ConnectionListener> event) {
        if (!hasListener) {
            return;
        }
        boolean start;
        lock.lock();
        try {
            if (queue.size() >= MOST_QUEUED) {
                dropped++;
                return;
            }
            queue.add(event);
            start = !telling;
            telling = true;
        } finally {
            lock.unlock();
        }
        if (start) {
            executor.execute(this::tellSome);
        }
    }

    /** Tells some of what is queued, then lets others have the thread. */
    private void tellSome() {
        for (int told = 0; told < BATCH; told++) {
            Consumer<ConnectionListener> event = next();
            if (event == null) {
                return;
            }
            try {
                event.accept(listener);
            } catch (Throwable thrown) {
                warn("the listener threw", thrown);
                tellUserCodeThrew("the listener", thrown);
            }
        }
        executor.execute(this::tellSome);
    }

    /** What {@code misbehaved} itself throws is only logged: told again, it might throw for ever. */
    private void tellUserCodeThrew(String who, Throwable thrown) {
        try {
            listener.userCodeThrew(who, thrown);
        } catch (Throwable again) {
            warn("the listener's misbehaved threw", again);
        }
    }

    private @Nullable Consumer<ConnectionListener> next() {
        lock.lock();
        try {
            if (dropped > 0) {
                long lost = dropped;
                dropped = 0;
                return told -> told.eventsDropped(lost);
            }
            Consumer<ConnectionListener> event = queue.poll();
            telling = event != null;
            return event;
        } finally {
            lock.unlock();
        }
    }

    /** Foreign code threw; whoever it was for is not affected. */
    void userCodeThrew(String who, Throwable thrown) {
        warn(who + " threw", thrown);
        tell(told -> tellUserCodeThrew(who, thrown));
    }

    /** The manager itself has failed. */
    void managerFailed(Throwable cause) {
        warn("the manager has failed; it closes all its connections and is closed", cause);
        tell(told -> tellUserCodeThrew("the manager", cause));
    }

    /** Runs foreign code and reports what it throws. */
    void guard(String who, Runnable foreign) {
        guard(who, "", foreign);
    }

    /** @param whose what follows in words, if it comes to that */
    void guard(String who, Object whose, Runnable foreign) {
        try {
            foreign.run();
        } catch (Throwable thrown) {
            userCodeThrew(who + whose, thrown);
        }
    }

    void acquired(AcquireRequest request, Lease<?> lease) {
        if (hasListener) {
            LeaseOrigin origin = lease.origin();
            Timings timings = lease.timings();
            tell(listener -> listener.acquired(request, origin, timings));
        }
    }

    void leaseLeaked(LeaseReference.Report lease) {
        warn("a lease was forgotten, its connection is closed: " + lease, lease.site());
        tell(told -> told.leaseLeaked(lease.request(), lease.held(), lease.site()));
    }

    void leaseHeldTooLong(LeaseReference.Report lease) {
        warn("a lease is held for long: " + lease, lease.site());
        tell(told -> told.leaseHeldTooLong(lease.request(), lease.held(), lease.site()));
    }

    void closeOverdue(Endpoint endpoint) {
        warn("a connection to " + endpoint + " is being closed for too long", null);
        tell(told -> told.closeOverdue(endpoint));
    }

    /** Handlers of a log are foreign code too: they may throw, and they may block. */
    private void warn(String what, @Nullable Throwable thrown) {
        executor.execute(() -> {
            try {
                LOG.log(Level.WARNING, name + ": " + what, thrown);
            } catch (Throwable unlogged) {
                // there is nobody left to tell
            }
        });
    }
}
