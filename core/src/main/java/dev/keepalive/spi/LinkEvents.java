package dev.keepalive.spi;

import dev.keepalive.Phase;
import org.jspecify.annotations.Nullable;

/**
 * What a connector tells the manager about one connection, from its dial to its end: {@link #phaseStarted} any number
 * of times, then {@link #opened} or {@link #failed}. After {@code opened}: {@link #inputReceived}, {@link #resetDone}
 * and {@link #retire} as they happen, and {@link #closed} at the end. A call that comes twice or too late is ignored,
 * except that a link that is opened too late is closed. Safe from any thread. No method blocks for long or runs foreign
 * code.
 *
 * @param <C> the type of connection that holders of a lease use
 */
public interface LinkEvents<C> {
    /**
     * The dial goes on to the next phase. The manager uses it for timings, and to tell in which phase a timeout
     * happened.
     */
    void phaseStarted(Phase phase);

    /** The dial succeeded. */
    void opened(Link<C> link);

    /** The dial failed, and its descriptors are closed. A {@link DialException} tells the manager most. */
    void failed(Throwable cause);

    /**
     * The peer sent something that no handler of a lease has read yet.
     *
     * @return true if the link must hold the input back for a holder that is about to use the connection; false if no
     *     holder is entitled to it: then the link must drop the input and close the connection
     */
    boolean inputReceived();

    /**
     * The answer to {@link Link#reset}.
     *
     * @param reusable true if the connection may be leased again
     */
    void resetDone(boolean reusable);

    /**
     * Asks the manager to close the connection as soon as it is free, though nothing is wrong with it. For example, its
     * address is no longer in the answer of the DNS. The manager closes an idle connection at once, any other after its
     * present or first lease.
     */
    default void retire() {}

    /**
     * The connection is closed, and its descriptor too.
     *
     * @param cause what broke the connection; null if nothing in particular did
     */
    void closed(@Nullable Throwable cause);
}
