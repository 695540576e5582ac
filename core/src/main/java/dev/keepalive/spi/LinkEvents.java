package dev.keepalive.spi;

import dev.keepalive.Phase;
import org.jspecify.annotations.Nullable;

/**
 * What a connector tells the manager about one connection, from its dial to its end: {@link #phaseStarted} any number
 * of times, then {@link #opened} or {@link #failed}; after {@code opened}, {@link #inputReceived} and
 * {@link #resetDone} as it comes, and {@link #closed} at the end. What comes twice or too late is ignored (a link that
 * is opened too late is closed). Safe from any thread; never blocks for long, never runs foreign code.
 *
 * @param <C> the type of connection that holders of a lease use
 */
public interface LinkEvents<C> {
    /** The dial goes on to the next phase. For timings, and for saying where a timeout struck. */
    void phaseStarted(Phase phase);

    /** The dial succeeded. */
    void opened(Link<C> link);

    /** The dial failed and its descriptors are closed. A {@link DialException} says the most. */
    void failed(Throwable cause);

    /**
     * The peer sent something that no handler of a lease has taken yet.
     *
     * @return true if it is to be held back for a holder who is about to use the connection; false if nobody is
     *     entitled to it: then the link must drop it and close the connection
     */
    boolean inputReceived();

    /** The answer to {@link Link#reset}: true if the connection is quiet, so that it may be leased again. */
    void resetDone(boolean quiet);

    /**
     * The connection is to end as soon as nobody uses it, though nothing is wrong with it: its address has left the
     * answer of the DNS, say. The manager closes it at once if it is idle, else after its present or first lease.
     */
    default void retire() {}

    /** The connection is gone, its descriptor with it; null if nothing in particular was the cause. */
    void closed(@Nullable Throwable cause);
}
