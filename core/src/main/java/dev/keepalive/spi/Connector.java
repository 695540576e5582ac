package dev.keepalive.spi;

import dev.keepalive.Endpoint;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections and does all the I/O. It knows nothing of limits, wait queues and idle times.
 *
 * <p>The manager calls {@link #connect} from any of its threads, several at a time, never under a lock. The connector
 * answers through {@link LinkEvents}, from any thread. No method should block; a method that does delays its own
 * caller, and occupies a thread of {@link dev.keepalive.ManagerBuilder#callbackExecutor}.
 *
 * @param <C> the type of connection that holders of a lease use
 */
public interface Connector<C> {
    /**
     * Makes the connector belong to one manager. Called once, by that manager, before any other method.
     *
     * @throws IllegalStateException if it has been called before
     */
    void claim();

    /**
     * Checks that this connector can serve such an endpoint. Called by {@code acquire} on the caller's thread, so it
     * should be quick.
     *
     * @throws IllegalArgumentException if it cannot; the message names what is wrong, the value, and what is allowed
     */
    void requireSupported(Endpoint endpoint);

    /**
     * How many leases a connection to this endpoint is expected to take at a time, before one was opened: so many
     * acquires wait for one dial, instead of a dial each. Once a connection is open, the manager goes by what that one
     * takes. Called by acquires that are not served at once, on the caller's thread, never under a lock; so it should
     * be quick. Less than 1 counts as 1, more than 100 as 100. What it throws is told to the listener, and counts as 1.
     */
    default int expectedLeases(Endpoint endpoint) {
        return 1;
    }

    /**
     * Begins to open a connection. The connector must answer with exactly one {@link LinkEvents#opened} or
     * {@link LinkEvents#failed}, possibly before this method returns. An exception of this method counts as a failed
     * dial.
     *
     * @param request what to open
     * @param events takes the answer and the later events of the connection
     * @return the handle by which the manager can stop the dial
     */
    Dial connect(DialRequest request, LinkEvents<C> events);

    /**
     * Forgets what a new connection to an endpoint that matches could otherwise rely on instead of proving it, such as
     * TLS sessions; also what its connections have with other peers on the way. Then a dial that begins after this call
     * takes nothing from one that began before. Called by {@link dev.keepalive.ConnectionManager#evict}, on the thread
     * of its caller, before any connection is closed, never under a lock. What it throws is told to the listener.
     *
     * @param which may be called for every endpoint that the connector knows, within this call; throws nothing
     */
    default void forget(Predicate<? super Endpoint> which) {}

    /**
     * The event loop that the calling thread runs, if it belongs to this connector; else null. An acquire that is made
     * on an event loop gets its answer there, and no caller may block there. Its {@code execute} queues a task, and
     * never runs it within the call.
     */
    default @Nullable Executor currentEventLoop() {
        return null;
    }

    /**
     * Releases what the connector holds, for example threads and caches. Called once, after every connection is closed
     * or given up.
     *
     * @return completes when everything is released; the manager waits for it, 5 s at most. Must be an
     *     {@link EventLoopFuture} or the like if it could be waited for on an event loop
     */
    CompletionStage<?> close();
}
