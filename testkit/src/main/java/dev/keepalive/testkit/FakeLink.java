package dev.keepalive.testkit;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** A connection of a {@link FakeConnector}: the test plays the peer. Safe from any thread; never blocks. */
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
        return resetAsked;
    }

    /**
     * Answers a reset.
     *
     * @param reusable whether the connection may be leased again
     */
    public void answerReset(boolean reusable) {
        synchronized (this) {
            resetAsked = false;
        }
        events.resetDone(reusable);
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
            resetAsked = held;
        }
        if (!held) {
            events.resetDone(reusable);
        }
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
