package dev.keepalive.spi;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One open connection, as the manager sees it. The manager calls {@link #handle} and {@link #reset} for one lease after
 * the other, whose numbers grow, and {@link #close} at any time; it holds no lock meanwhile. Safe from any thread;
 * should not block: a method that does delays its caller, and whoever waits for this connection.
 *
 * <p>While the connection is not leased, the link watches it: it reports any input by {@link LinkEvents#inputReceived},
 * and closes itself when the peer ends the stream. While it is leased but not yet used, input must be held back for the
 * holder.
 *
 * @param <C> the type of connection that holders of a lease use
 */
public interface Link<C> {
    /**
     * Makes the handle through which the holder of this lease uses the connection. Called on the holder's thread, when
     * the handle is first asked for; a second time only if two threads ask at the same time: then one of the two is
     * thrown away. The lease may end while this runs, and even be followed by the next: then the handle is thrown away,
     * and must have changed nothing for the next lease. The handle must refer to the lease, must be reachable for as
     * long as the connection is used, and must refuse to work once the lease has ended ({@link Lease#isEnded}).
     *
     * @param number tells the leases of this connection apart: 0 for its set-up, then 1, and one more for each lease
     */
    C handle(Lease<C> lease, long number);

    /**
     * Cleans the connection up after a lease, which has just ended: takes away what the lease added, and finds out
     * whether the connection is at a message boundary as far as can be seen: nothing unread, nothing half-sent, not
     * half-closed. To be answered by exactly one {@link LinkEvents#resetDone}, which may come before this method
     * returns. What it throws counts as not quiet.
     *
     * @param number of the lease that has ended, whether or not a handle was made for it; not called for a lease that
     *     was ended by closing the connection
     */
    void reset(long number);

    /**
     * From now on, the connection leads to another endpoint: its holder has changed what it is, and is about to release
     * it as that. Called before {@link #reset}, never twice at the same time. What the link cannot be, it refuses, and
     * stays what it was. By default it refuses everything. If the lease is ended otherwise while this runs, the
     * connection is closed.
     *
     * @param as what the connector has accepted by {@link Connector#requireSupported}; another endpoint than before
     * @throws IllegalArgumentException if the connection is not what would be opened for that endpoint; the message
     *     names both
     */
    default void rekey(Endpoint as) {
        throw new IllegalArgumentException(
                "a connection of this connector cannot become another endpoint's: " + as + " is not allowed");
    }

    /**
     * The program has made the connection ready ({@link dev.keepalive.ManagerBuilder#setup}): as it is now, it is what
     * its endpoint means. Called once, before the {@link #reset} after the set-up; if there is no set-up, never. By
     * default it does nothing.
     */
    default void setupDone() {}

    /**
     * The connector's event loop that the connection is on, as {@link Connector#currentEventLoop} says it; null if
     * none. Stays the same.
     */
    default @Nullable Executor eventLoop() {
        return null;
    }

    /**
     * Closes the connection. To be answered by exactly one {@link LinkEvents#closed}. The second time it does nothing.
     */
    void close();
}
