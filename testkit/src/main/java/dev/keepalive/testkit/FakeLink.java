package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A connection of a {@link FakeConnector}: the test plays the peer. Safe from any thread. */
public final class FakeLink implements Link<FakeConnection> {
    private final FakeConnector connector;
    private final LinkEvents<FakeConnection> events;
    private final int number;
    private final @Nullable Executor loop;
    private volatile Endpoint endpoint;
    private boolean open = true;
    private boolean unread;
    private boolean holdsResets;
    private boolean holdsCloses;
    private boolean closeAsked;
    private boolean resetAsked;

    FakeLink(
            FakeConnector connector,
            Endpoint endpoint,
            LinkEvents<FakeConnection> events,
            int number,
            @Nullable Executor loop) {
        this.connector = connector;
        this.endpoint = endpoint;
        this.events = events;
        this.number = number;
        this.loop = loop;
    }

    /** What it leads to now. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The number of its dial. */
    public int number() {
        return number;
    }

    /** True until it is closed, by whichever side. */
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
     * The peer sends something. If nobody is entitled to it, the connection closes itself, as the contract of a link
     * demands.
     *
     * @return true if it is held back for a holder
     */
    public boolean peerSpeaks() {
        boolean held = events.inputReceived();
        if (!held) {
            end();
            events.closed(null);
        }
        return held;
    }

    /** The connector wants the connection to end as soon as nobody uses it. */
    public void retire() {
        events.retire();
    }

    /** The next reset will find that the connection is not quiet. */
    public synchronized void leaveUnread() {
        unread = true;
    }

    /** From now on a reset is answered by {@link #answerReset} only. */
    public synchronized void holdResets() {
        holdsResets = true;
    }

    /** True if the manager asked for a reset that is held and has not been answered. */
    public synchronized boolean resetAsked() {
        return resetAsked;
    }

    /** Answers a reset. */
    public void answerReset(boolean quiet) {
        synchronized (this) {
            resetAsked = false;
        }
        events.resetDone(quiet);
    }

    /** From now on a close is answered by {@link #answerClose} only. */
    public synchronized void holdCloses() {
        holdsCloses = true;
    }

    /** Answers a close. */
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
        boolean quiet;
        synchronized (this) {
            held = holdsResets;
            quiet = open && !unread;
            resetAsked = held;
        }
        if (!held) {
            events.resetDone(quiet);
        }
    }

    /** Becomes any endpoint that its connector serves, but none with another identity for TLS. */
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
            // Within the monitor: whoever sees that it is closed must find it counted as closed.
            connector.closed(this);
        }
    }

    @Override
    public String toString() {
        return "connection " + number + " to " + endpoint;
    }
}
