package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A connection of a {@link FakeConnector}: the test plays the peer. Safe from any thread; never blocks. */
public final class FakeLink implements Link<FakeConnection> {
    private final FakeConnector connector;
    private final LinkEvents<FakeConnection> events;
    private final int number;
    private final @Nullable Executor loop;
    private final boolean shared;
    private final List<Long> resets = new ArrayList<>();
    private final Set<Long> heldResets = new TreeSet<>();
    private volatile Endpoint endpoint;
    private boolean open = true;
    private boolean unread;
    private boolean holdsResets;
    private boolean holdsCloses;
    private boolean closeAsked;

    FakeLink(
            FakeConnector connector,
            Endpoint endpoint,
            LinkEvents<FakeConnection> events,
            int number,
            @Nullable Executor loop,
            boolean shared) {
        this.connector = connector;
        this.endpoint = endpoint;
        this.events = events;
        this.number = number;
        this.loop = loop;
        this.shared = shared;
    }

    /** The endpoint that the connection leads to now. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The number of its dial, from 1. */
    public int number() {
        return number;
    }

    /** True until it is closed, by either side. */
    public synchronized boolean isOpen() {
        return open;
    }

    /** True if the manager asked for it to be closed. */
    public synchronized boolean closeAsked() {
        return closeAsked;
    }

    /** The peer closes the connection. */
    public void peerCloses() {
        end();
        events.closed(null);
    }

    /** The peer resets the connection. */
    public void peerResets() {
        end();
        events.closed(new IOException("Connection reset"));
    }

    /**
     * The peer sends something. If no holder is entitled to the input, the connection closes itself, as the contract of
     * a link demands.
     *
     * @return true if the input is held back for a holder
     */
    public boolean peerSpeaks() {
        boolean held = events.inputReceived();
        if (!held) {
            end();
            events.closed(null);
        }
        return held;
    }

    /** The connector wants the connection to be closed as soon as it is not in use. */
    public void retire() {
        events.retire();
    }

    /**
     * The peer of a shared connection lets it have this many leases at a time from now on.
     *
     * @param leases 0 or more
     */
    public void capacity(int leases) {
        events.capacity(leases);
    }

    /** Leaves something unread: from now on each reset finds that the connection is not reusable. */
    public synchronized void leaveUnread() {
        unread = true;
    }

    /** From now on a reset is answered only by {@link #answerReset}. */
    public synchronized void holdResets() {
        holdsResets = true;
    }

    /** True if the manager asked for a reset that is held and has not been answered. */
    public synchronized boolean resetAsked() {
        return !heldResets.isEmpty();
    }

    /** The numbers of the leases whose reset is held and has not been answered, in order. */
    public synchronized List<Long> heldResets() {
        return List.copyOf(heldResets);
    }

    /** The numbers of the leases that the manager has had reset, in the order of the resets. */
    public synchronized List<Long> resets() {
        return List.copyOf(resets);
    }

    /**
     * Answers the reset that is held; of a shared connection, all that are held.
     *
     * @param reusable whether the connection may be leased again
     */
    public void answerReset(boolean reusable) {
        List<Long> held;
        synchronized (this) {
            held = heldResets();
            heldResets.clear();
        }
        if (shared) {
            held.forEach(lease -> events.resetDone(lease, reusable));
        } else {
            events.resetDone(reusable);
        }
    }

    /**
     * Answers the reset of one lease of a shared connection, whether or not it is held.
     *
     * @param reusable whether another lease may take its place
     */
    public void answerReset(long lease, boolean reusable) {
        synchronized (this) {
            heldResets.remove(lease);
        }
        events.resetDone(lease, reusable);
    }

    /** From now on a close is answered only by {@link #answerClose}. */
    public synchronized void holdCloses() {
        holdsCloses = true;
    }

    /** Answers a close: the connection is closed. */
    public void answerClose() {
        end();
        events.closed(null);
    }

    @Override
    public FakeConnection handle(Lease<FakeConnection> lease, long number) {
        return new FakeConnection(this, lease);
    }

    @Override
    public void reset(long lease) {
        boolean held;
        boolean reusable;
        synchronized (this) {
            held = holdsResets;
            reusable = open && !unread;
            resets.add(lease);
            if (held) {
                heldResets.add(lease);
            }
        }
        if (held) {
            return;
        } else if (shared) {
            events.resetDone(lease, reusable);
        } else {
            events.resetDone(reusable);
        }
    }

    @Override
    public boolean isShared() {
        return shared;
    }

    /**
     * Becomes any endpoint that its connector serves, but none with another identity for TLS.
     *
     * @throws IllegalArgumentException if the identity is another one
     */
    @Override
    public void rekey(Endpoint as) {
        synchronized (this) {
            if (!Objects.equals(endpoint.identity(), as.identity())) {
                throw new IllegalArgumentException("endpoint " + as + " is not allowed: this is " + this);
            }
            connector.rekeyed(this, as);
            endpoint = as;
        }
    }

    @Override
    public @Nullable Executor eventLoop() {
        return loop;
    }

    @Override
    public void close() {
        boolean held;
        synchronized (this) {
            if (closeAsked) {
                return;
            }
            closeAsked = true;
            held = holdsCloses;
        }
        if (!held) {
            answerClose();
        }
    }

    private void end() {
        synchronized (this) {
            if (!open) {
                return;
            }
            open = false;
            // Within the monitor: a thread that sees the connection closed must find it counted as closed.
            connector.closed(this);
        }
    }

    @Override
    public String toString() {
        return "connection " + number + " to " + endpoint;
    }
}
