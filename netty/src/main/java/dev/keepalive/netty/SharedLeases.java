package dev.keepalive.netty;

import dev.keepalive.Lease;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The leases of a connection that several have at the same time. The protocol says how many there may be, and when the
 * place of one that has ended is free. Safe from any thread.
 */
final class SharedLeases<C> {
    private final ProtocolLink<C> link;
    private final LinkEvents<C> events;
    private final EventLoop loop;

    /** How many tasks of holders have not run to their end. Raised before the lease is looked at. */
    private final AtomicInteger pendingTasks = new AtomicInteger();

    private volatile @Nullable SharedSession<C> session;
    private volatile int capacity;
    private volatile boolean opened;
    private volatile boolean inSetup;

    /** Whether the dial was complete: from then on the connection may be retired. */
    private volatile boolean dialed;

    private volatile boolean retired;
    private volatile boolean closing;

    SharedLeases(ProtocolLink<C> link, LinkEvents<C> events, EventLoop loop) {
        this.link = link;
        this.events = events;
        this.loop = loop;
    }

    // ---- the dial

    /**
     * The protocol is installed.
     *
     * @throws IOException if it has retired the connection meanwhile
     */
    void installed(Session<C> made) throws IOException {
        if (!(made instanceof SharedSession<C> shared)) {
            throw new IllegalStateException("the session of a shared connection is a "
                    + made.getClass().getName() + ", which is not allowed: only a SharedSession");
        }
        session = shared;
        if (retired) {
            throw retiredTooEarly();
        }
    }

    void opened() {
        opened = true;
        completeDial();
    }

    private void completeDial() {
        if (opened && !inSetup && capacity > 0) {
            dialed = true;
        }
    }

    // ---- how many there may be

    /** @throws IllegalArgumentException if it is negative */
    void capacity(int leases) {
        if (leases < 0) {
            throw new IllegalArgumentException("capacity " + leases + " is not allowed: 0 or more");
        }
        capacity = leases;
        completeDial();
        if (!closing) {
            events.capacity(leases);
        }
    }

    /** The connection ends: an acquire from now on must not get it, whatever the present holders are told next. */
    void closing() {
        if (!closing) {
            closing = true;
            events.capacity(0);
        }
    }

    /** No further leases. Before the dial is complete, it fails. */
    void retire() {
        retired = true;
        if (session == null) {
            return; // install fails
        }
        if (dialed) {
            events.retire();
        } else {
            link.close(retiredTooEarly());
        }
    }

    private static IOException retiredTooEarly() {
        return new IOException("the connection was retired before the dial was complete");
    }

    // ---- one lease

    C open(Lease<C> lease, long number) {
        if (number == 0) {
            inSetup = true;
            dialed = false;
            if (retired) {
                link.close(retiredTooEarly());
            }
        }
        return session().open(lease, number);
    }

    private SharedSession<C> session() {
        SharedSession<C> installed = session;
        if (installed == null) {
            throw new IllegalStateException("the protocol is not installed");
        }
        return installed;
    }

    /** A lease has ended. Its place is free when its tasks have run, or when the session says so. */
    void ended(long number) {
        if (number == 0) {
            inSetup = false;
            completeDial();
        }
        try {
            if (!session().ended(number)) {
                return;
            }
        } catch (Throwable thrown) {
            link.close(thrown);
            events.resetDone(number, false);
            return;
        }
        if (pendingTasks.get() == 0) {
            free(number);
        } else {
            link.executeLater(() -> free(number), () -> free(number));
        }
    }

    void free(long number) {
        events.resetDone(number, true);
    }

    /** As {@link ProtocolContext#execute}. */
    boolean execute(Lease<?> lease, Runnable task, Runnable ifEnded) {
        pendingTasks.incrementAndGet();
        if (lease.isEnded()) {
            pendingTasks.decrementAndGet();
            return false;
        }
        if (loop.inEventLoop()) {
            try {
                task.run();
            } finally {
                pendingTasks.decrementAndGet();
            }
            return true;
        }
        try {
            loop.execute(() -> run(lease, task, ifEnded));
            return true;
        } catch (RejectedExecutionException shutDown) {
            pendingTasks.decrementAndGet();
            return false;
        }
    }

    private void run(Lease<?> lease, Runnable task, Runnable ifEnded) {
        try {
            (lease.isEnded() ? ifEnded : task).run();
        } catch (Throwable thrown) {
            link.close(thrown);
        } finally {
            pendingTasks.decrementAndGet();
        }
    }
}
