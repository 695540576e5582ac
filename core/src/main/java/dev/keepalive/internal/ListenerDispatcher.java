package dev.keepalive.internal;

import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.VisibleText;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the listener of events, one after the other, on the manager's executor, and logs warnings. If the listener is
 * too slow, events are dropped, so that memory is bounded. Safe from any thread; calls foreign code in tasks only,
 * except for {@link #guard}.
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
    private final Runnable teller = this::tellSome;
    private final AtomicBoolean misuseReported = new AtomicBoolean();
    private boolean telling;
    private long dropped;

    ListenerDispatcher(String name, ConnectionListener listener, Executor executor) {
        this.name = name;
        this.listener = listener;
        this.hasListener = !listener.equals(ConnectionListener.NONE);
        this.executor = executor;
    }

    /** Queues an event for the listener; counts it as dropped if there is no room for it. Never throws. */
    void tell(Consumer<ConnectionListener> event) {
        if (hasListener) {
            enqueue(event);
        }
    }

    private void enqueue(Consumer<ConnectionListener> event) {
        boolean start;
        lock.lock();
        try {
            if (queue.size() >= MOST_QUEUED || !offered(event)) {
                dropped++;
            }
            start = beginTelling();
        } finally {
            lock.unlock();
        }
        if (start) {
            submitTeller();
        }
    }

    /** Under the lock. */
    private boolean beginTelling() {
        boolean start = !telling && (!queue.isEmpty() || dropped > 0);
        telling |= start;
        return start;
    }

    private boolean offered(Consumer<ConnectionListener> event) {
        try {
            return queue.add(event);
        } catch (OutOfMemoryError noMemory) {
            return false;
        }
    }

    /** Has what is queued told, if no task is at it: the last one may have been cut short. Never throws. */
    void resume() {
        boolean start;
        lock.lock();
        try {
            start = beginTelling();
        } finally {
            lock.unlock();
        }
        if (start) {
            submitTeller();
        }
    }

    private void submitTeller() {
        try {
            executor.execute(teller);
        } catch (Throwable refused) {
            stopTelling();
        }
    }

    private void stopTelling() {
        lock.lock();
        try {
            telling = false;
        } finally {
            lock.unlock();
        }
    }

    /** Tells some of the queued events; a new task tells the rest, so that others get the thread. */
    private void tellSome() {
        boolean isEmpty;
        try {
            isEmpty = tellBatch();
        } catch (Throwable noMemory) {
            // The next event, or the alarm, goes on.
            stopTelling();
            return;
        }
        if (!isEmpty) {
            submitTeller();
        }
    }

    /** @return true if there is nothing more to tell */
    private boolean tellBatch() {
        for (int told = 0; told < BATCH; told++) {
            Consumer<ConnectionListener> event = next();
            if (event == null) {
                return true;
            }
            try {
                event.accept(listener);
            } catch (Throwable thrown) {
                warn("the listener threw", thrown);
                tellUserCodeThrew("the listener", thrown);
            }
        }
        return false;
    }

    /** An exception of the listener's {@code userCodeThrew} is only logged: told again, it might throw for ever. */
    private void tellUserCodeThrew(String who, Throwable thrown) {
        try {
            listener.userCodeThrew(who, thrown);
        } catch (Throwable again) {
            warn("the listener's userCodeThrew threw", again);
        }
    }

    private @Nullable Consumer<ConnectionListener> next() {
        lock.lock();
        try {
            if (dropped > 0) {
                long lost = dropped;
                Consumer<ConnectionListener> report = told -> told.eventsDropped(lost);
                dropped = 0;
                return report;
            }
            Consumer<ConnectionListener> event = queue.poll();
            telling = event != null;
            return event;
        } finally {
            lock.unlock();
        }
    }

    /** Reports that foreign code threw. Never throws. */
    void userCodeThrew(String who, Throwable thrown) {
        userCodeThrew(who, "", thrown);
    }

    private void userCodeThrew(String who, Object whose, Throwable thrown) {
        try {
            String name = who + whose;
            warn(name + " threw", thrown);
            tell(told -> tellUserCodeThrew(name, thrown));
        } catch (OutOfMemoryError noMemory) {
            // then it is not reported
        }
    }

    /** Reports a call of the connector that its contract forbids, and that is ignored: only the first. Never throws. */
    void linkMisused(Object connection, String call) {
        if (misuseReported.compareAndSet(false, true)) {
            userCodeThrew("the connector", new IllegalStateException(call + " of " + connection + " is ignored"));
        }
    }

    /** Reports that the manager itself has failed. */
    void managerFailed(Throwable cause) {
        warn("the manager has failed; it closes all its connections and is closed", cause);
        tell(told -> tellUserCodeThrew("the manager", cause));
    }

    /** Runs foreign code in this call, and reports what it throws. Never throws. */
    void guard(String who, Runnable foreign) {
        guard(who, "", foreign);
    }

    /** @param whose put after {@code who} if the code throws: its text is not made before */
    void guard(String who, Object whose, Runnable foreign) {
        try {
            foreign.run();
        } catch (Throwable thrown) {
            userCodeThrew(who, whose, thrown);
        }
    }

    void acquired(AcquireRequest request, Lease<?> lease) {
        if (hasListener) {
            LeaseOrigin origin = lease.origin();
            Timings timings = lease.timings();
            tell(listener -> listener.acquired(request, origin, timings));
        }
    }

    void opened(Endpoint endpoint, PhaseTimer timer) {
        debug(() -> "opened a connection to " + endpoint + " [" + timer.timings(0) + "]");
        tell(listener -> listener.opened(endpoint, timer.timings(0)));
    }

    void dialFailed(Endpoint endpoint, DialException cause) {
        debug(() -> "opening a connection to " + endpoint + " failed: " + VisibleText.ofAny(String.valueOf(cause)));
        tell(listener -> listener.dialFailed(endpoint, cause));
    }

    void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
        debug(() -> "closed a connection to " + endpoint + ", " + reason + ", after " + uses + " leases"
                + (cause == null ? "" : ": " + VisibleText.ofAny(String.valueOf(cause))));
        tell(listener -> listener.closed(endpoint, reason, uses, cause));
    }

    void leaseLeaked(LeaseReference.Report lease) {
        warn("a lease was leaked, its connection is closed: " + lease, lease.site());
        tell(told -> told.leaseLeaked(lease.request(), lease.held(), lease.site()));
    }

    void sharedLeaseLeaked(LeaseReference.Report lease) {
        warn("a lease was leaked, the other leases of its connection go on: " + lease, lease.site());
        tell(told -> told.leaseLeaked(lease.request(), lease.held(), lease.site()));
    }

    void leaseInvalidated(AcquireRequest request, @Nullable Throwable cause) {
        tell(told -> told.leaseInvalidated(request, cause));
    }

    void leaseHeldTooLong(LeaseReference.Report lease) {
        warn("a lease is held for a long time: " + lease, lease.site());
        tell(told -> told.leaseHeldTooLong(lease.request(), lease.held(), lease.site()));
    }

    void leaseCutShort(LeaseReference.Report lease) {
        warn("a lease was cut short, its connection is closed: " + lease, lease.site());
        tell(told -> told.leaseCutShort(lease.request(), lease.held(), lease.site()));
    }

    void closeOverdue(Endpoint endpoint) {
        warn("closing a connection to " + endpoint + " takes too long", null);
        tell(told -> told.closeOverdue(endpoint));
    }

    void lingers(Endpoint endpoint, int leases) {
        warn(
                "a retired connection to " + endpoint + " keeps waiters out, since " + leases + " leases do not end",
                null);
        tell(told -> told.connectionLingers(endpoint, leases));
    }

    void connectorOverdue() {
        warn("closing the connector takes too long; the manager is closed without it", null);
    }

    /**
     * Logs what happens, if that is switched on; else the text is not made. Queued with the listener's events: a log
     * that blocks takes one thread, and no more memory than they may. Never throws.
     */
    private void debug(Supplier<String> what) {
        try {
            if (LOG.isLoggable(Level.DEBUG)) {
                enqueue(told -> log(Level.DEBUG, what.get(), null));
            }
        } catch (Throwable unlogged) {
            // then it is not logged
        }
    }

    /** Logs a warning in a task, since log handlers are foreign code: they may throw, and they may block. */
    private void warn(String what, @Nullable Throwable thrown) {
        executor.execute(() -> log(Level.WARNING, what, thrown));
    }

    private void log(Level level, String what, @Nullable Throwable thrown) {
        try {
            LOG.log(level, name + ": " + what, thrown);
        } catch (Throwable unlogged) {
            // the log is the last resort
        }
    }
}
