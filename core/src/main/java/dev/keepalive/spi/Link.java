package dev.keepalive.spi;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One open connection of a connector, as the manager uses it. Either it takes one lease after the other, or it is
 * {@linkplain #isShared shared}: then it takes several at a time. The manager calls {@link #close} at any time, and all
 * methods without holding a lock. Safe from any thread. No method should block: a method that does delays its caller
 * and the waiters for this connection.
 *
 * <p>Of a connection that takes one lease at a time, the manager calls {@link #handle} and {@link #reset} for one lease
 * after the other, with growing numbers. While the connection is not leased, the link watches it. It reports any input
 * by {@link LinkEvents#inputReceived}, and closes itself when the peer ends the stream. While the connection is leased
 * but not yet used, the link must hold input back for the holder.
 *
 * <p>Of a shared connection, the manager calls {@link #handle} and {@link #reset} for several leases at a time, in any
 * order. What the peer sends, and when, is the business of the link's protocol.
 *
 * @param <C> the type of connection that holders of a lease use
 */
public interface Link<C> {
    /**
     * Makes the handle through which the holder of this lease uses the connection. Called on the holder's thread when
     * the handle is first needed. If two threads need it at the same time, it is called twice, and one of the two
     * handles is thrown away. The lease may end while this method runs, and the next lease may even have begun: then
     * the handle is thrown away, and must have changed nothing for the next lease, or for others.
     *
     * <p>A shared connection may have no place for the lease any more, since it takes fewer by now: then the handle
     * refuses the work, and says that nothing was sent.
     *
     * <p>The handle must refer to the lease, must be reachable for as long as the connection is used, and must refuse
     * to work once the lease has ended ({@link Lease#isEnded}).
     *
     * @param number tells the leases of this connection apart: 0 for its setup, 1 for its first lease, and one more for
     *     each further lease
     */
    C handle(Lease<C> lease, long number);

    /**
     * Resets the connection after a lease that has just ended. The link removes what the lease added. Then it finds
     * out, as far as it can see, whether the connection is at a message boundary: nothing unread, nothing half-sent,
     * not half-closed. The link must answer with exactly one {@link LinkEvents#resetDone}, possibly before this method
     * returns. An exception of this method counts as not reusable. Not called for a lease that was ended by closing the
     * connection.
     *
     * <p>A shared connection goes on meanwhile: its link cleans up what this one lease has left, such as a request
     * without an answer, and answers with exactly one {@link LinkEvents#resetDone(long, boolean)}. Until then, and 5 s
     * at most, the lease keeps its place. It is called for each lease that has ended, however it did: released,
     * invalidated, or leaked; for several at a time. It is not called when the connection is closed.
     *
     * @param number the number of the lease that has ended, whether or not a handle was made for it
     */
    void reset(long number);

    /**
     * Makes the connection lead to another endpoint from now on. Its holder has changed the connection, and is about to
     * release it as a connection to that endpoint. Called before {@link #reset}, never twice at the same time. A link
     * that cannot become a connection to that endpoint refuses, and stays what it was. By default, it refuses every
     * endpoint. If the lease is ended in another way while this runs, the connection is closed. Never called for a
     * shared connection.
     *
     * @param as another endpoint than before; {@link Connector#requireSupported} has accepted it
     * @throws IllegalArgumentException if the connection is not what would be opened for that endpoint; the message
     *     names both
     */
    default void rekey(Endpoint as) {
        throw new IllegalArgumentException(
                "a connection of this connector cannot become another endpoint's: " + as + " is not allowed");
    }

    /**
     * Tells the link that the setup of the connection is complete ({@link dev.keepalive.ManagerBuilder#setup}): the
     * connection, as it is now, is what its endpoint stands for. Called once, before the {@link #reset} after the
     * setup; never called if there is no setup. By default, it does nothing.
     */
    default void setupDone() {}

    /**
     * True if the connection takes several leases at a time. It is asked once, when the link is opened, and never
     * changes; {@link LinkEvents#capacity} says how many. A link that throws counts as not shared.
     */
    default boolean isShared() {
        return false;
    }

    /**
     * The event loop of the connector that the connection is on, as in {@link Connector#currentEventLoop}; null if
     * there is none. It never changes.
     */
    default @Nullable Executor eventLoop() {
        return null;
    }

    /**
     * Closes the connection. The link must answer with exactly one {@link LinkEvents#closed}. A second call does
     * nothing.
     */
    void close();
}
