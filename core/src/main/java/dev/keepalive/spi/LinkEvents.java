package dev.keepalive.spi;

import dev.keepalive.Phase;
import org.jspecify.annotations.Nullable;

/**
 * What a connector tells the manager about one connection, from its dial to its end: {@link #phaseStarted} any number
 * of times, then {@link #opened} or {@link #failed}. After {@code opened}: {@link #inputReceived}, {@code resetDone}
 * and {@link #retire} as they happen, and {@link #closed} at the end. A {@linkplain Link#isShared shared} connection
 * says also, from before {@code opened} on, how many leases it takes ({@link #capacity}). A call that comes twice or
 * too late is ignored, except that a link that is opened too late is closed. A call that does not fit the kind of the
 * connection is ignored too; the first is told to the listener. Safe from any thread. No method blocks for long or runs
 * foreign code.
 *
 * @param <C> the type of connection that holders of a lease use
 */
public interface LinkEvents<C> {
    /**
     * The dial goes on to the next phase. The manager uses it for timings, and to tell in which phase a timeout
     * happened.
     */
    void phaseStarted(Phase phase);

    /**
     * The connection is open. With it, the dial has succeeded; for a {@linkplain Link#isShared shared} connection only
     * when it takes a lease, too ({@link #capacity}).
     */
    void opened(Link<C> link);

    /** The dial failed, and its descriptors are closed. A {@link DialException} tells the manager most. */
    void failed(Throwable cause);

    /**
     * The peer sent something that no handler of a lease has read yet. Not for a {@linkplain Link#isShared shared}
     * connection: what arrives there is the business of the protocol.
     *
     * @return true if the link must hold the input back for a holder that is about to use the connection; false if no
     *     holder is entitled to it: then the link must drop the input and close the connection
     */
    boolean inputReceived();

    /**
     * The answer to {@link Link#reset} of a connection that takes one lease at a time.
     *
     * @param reusable true if the connection may be leased again
     */
    void resetDone(boolean reusable);

    /**
     * The answer to {@link Link#reset} of a {@linkplain Link#isShared shared} connection.
     *
     * @param number the number of the lease that was reset; 0 for the setup
     * @param reusable true if nothing is left of that lease, so that another may take its place; false if the
     *     connection takes no new leases any more: its other leases go on, and after the last it is closed
     */
    default void resetDone(long number, boolean reusable) {}

    /**
     * From now on a {@linkplain Link#isShared shared} connection takes this many leases at a time. Called at any time
     * and any number of times, also before {@link #opened}; of two calls, the later one counts. Leases above the number
     * go on; as long as there are so many, none is added. The manager has granted leases that the link does not know of
     * yet when the number becomes lower: the link refuses those.
     *
     * <p>Before the first call the number is 0. A connection that takes no lease is still being dialed, and fails with
     * its dial's timeout.
     *
     * @param leases 0 or more
     * @throws IllegalArgumentException if it is negative
     */
    default void capacity(int leases) {}

    /**
     * Asks the manager to close the connection as soon as it is free, though nothing is wrong with it. For example, its
     * address is no longer in the answer of the DNS, or its peer is about to leave. The manager closes an idle
     * connection at once. Any other takes no new leases, and is closed after its present leases, or after those of its
     * dial.
     */
    default void retire() {}

    /**
     * The connection is closed, and its descriptor too.
     *
     * @param cause what broke the connection; null if nothing in particular did
     */
    void closed(@Nullable Throwable cause);
}
