package dev.keepalive.spi;

import dev.keepalive.Endpoint;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections: does all the I/O, and knows nothing of limits, lines or idle times.
 *
 * <p>The manager calls {@link #connect} from any of its threads, several at a time, never under a lock. The connector
 * answers through {@link LinkEvents}, from any thread. No method should block; one that does delays only itself.
 *
 * @param <C> the type of connection that holders of a lease use
 */
public interface Connector<C> {
    /**
     * Makes the connector the property of one manager. Called once, by that manager, before anything else.
     *
     * @throws IllegalStateException if it has been called before
     */
    void claim();

    /**
     * Checks that this connector can serve such an endpoint at all. Called in {@code acquire}, on the caller's thread:
     * should be quick.
     *
     * @throws IllegalArgumentException if not; the message says what is wrong, with what value, and what is allowed
     */
    void requireSupported(Endpoint endpoint);

    /**
     * Begins to open a connection. To be answered by exactly one {@link LinkEvents#opened} or
     * {@link LinkEvents#failed}, which may come before this method returns. What it throws counts as a failed dial.
     *
     * @param request what to open
     * @param events where to answer
     * @return the handle by which the manager can stop the dial
     */
    Dial connect(DialRequest request, LinkEvents<C> events);

    /**
     * The event loop that the calling thread runs, if it is one of this connector's, else null. Answers to acquires
     * made there return there, and nobody may block there.
     */
    default @Nullable Executor currentEventLoop() {
        return null;
    }

    /**
     * Releases what the connector holds: threads, caches. Called once, after every connection is closed or given up.
     *
     * @return completes when all is released
     */
    CompletionStage<?> close();
}
