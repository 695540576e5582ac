package dev.keepalive.spi;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One open connection, as the manager sees it. The manager calls {@link #handle} and {@link #reset} alternately, and {@link #close} at any
 * time. Safe from any thread; should not block.
 *
 * <p>While nobody has leased the connection, the link watches it: it reports any input by {@link LinkEvents#spoke}, and closes itself when
 * the peer ends the stream. While it is leased but not yet used, input must be held back for the holder.
 *
 * @param <C> the type of connection that holders of a lease use
 */
public interface Link<C> {
    /**
     * Makes the handle through which the holder of this lease uses the connection. Called at most once per lease, on the holder's thread. The
     * handle must refer to the lease, must be reachable for as long as the connection is used, and must refuse to work once the lease has
     * ended.
     */
    C handle(Lease<C> lease);

    /**
     * Cleans the connection up after a lease, which has just ended: takes away what the lease added, and finds out whether the connection is at
     * a message boundary as far as can be seen: nothing unread, nothing half-sent, not half-closed. To be answered by exactly one
     * {@link LinkEvents#reset}, which may come before this method returns. What it throws counts as not quiet.
     */
    void reset();

    /**
     * From now on, the connection leads to another endpoint: its holder has changed what it is, and is about to release it as that. Called before
     * {@link #reset}, while the lease cannot end: must not wait for another thread. What the link cannot be, it refuses, and stays what it was. By
     * default it refuses everything.
     *
     * @param as what the connector has accepted by {@link Connector#check}; another endpoint than before
     * @throws IllegalArgumentException if the connection is not what would be opened for that endpoint; the message names both
     */
    default void rekey(Endpoint as) {
        throw new IllegalArgumentException(
                "a connection of this connector cannot become another endpoint's: " + as + " is not allowed");
    }

    /**
     * The program has made the connection ready ({@link dev.keepalive.ManagerBuilder#setup}): whatever it has done to it, this is what is meant by the
     * connection's endpoint. Called once, before the {@link #reset} after the set-up; if there is none, never. By default it does nothing.
     */
    default void setUp() {}

    /** The connector's event loop that the connection is on, as {@link Connector#callerLoop} says it; null if none. Stays the same. */
    default @Nullable Executor loop() {
        return null;
    }

    /** Closes the connection. To be answered by exactly one {@link LinkEvents#closed}. The second time it does nothing. */
    void close();
}
