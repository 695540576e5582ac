package dev.keepalive;

import org.jspecify.annotations.Nullable;

/**
 * The manager's methods for callers that block until the answer is there. Each method blocks its thread, virtual or
 * not. An interrupt cancels the acquire, and no connection is lost by it. Safe from any thread except the connector's
 * event loops: there every method but {@link #tryAcquire} throws an {@link IllegalStateException}, since the answer
 * might need that very thread.
 *
 * @param <C> the type of connection
 */
public interface BlockingConnections<C> {
    /**
     * Waits for a connection. The caller owns the lease and must end it.
     *
     * @throws AcquireException if no connection could be had, or not in time
     * @throws InterruptedException if the thread is interrupted before there is a lease
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     * @throws IllegalStateException if the calling thread runs an event loop of the connector
     */
    Lease<C> acquire(AcquireRequest request) throws AcquireException, InterruptedException;

    /** The same as {@link #acquire(AcquireRequest)} for a request without optional parts. */
    default Lease<C> acquire(Endpoint endpoint) throws AcquireException, InterruptedException {
        return acquire(AcquireRequest.to(endpoint));
    }

    /**
     * Takes an idle connection if there is one, as {@link ConnectionManager#tryAcquire(AcquireRequest)} does. Never
     * waits, so it is allowed on an event loop.
     *
     * @return a lease, which the caller owns, or null if no connection is idle or has room, or the manager is closed
     */
    @Nullable
    Lease<C> tryAcquire(AcquireRequest request);

    /** {@link #tryAcquire(AcquireRequest)} with nothing but the endpoint. */
    default @Nullable Lease<C> tryAcquire(Endpoint endpoint) {
        return tryAcquire(AcquireRequest.to(endpoint));
    }

    /**
     * Runs work with a connection and ends the lease. If the work returns, the connection is released. If it throws,
     * the connection is invalidated, unless the exception is one that {@linkplain KeepsConnection keeps the
     * connection}: then it is released. If the work has ended the lease itself, nothing more is done.
     *
     * @return what the work returned
     * @throws X what the work threw
     * @throws AcquireException if no connection could be had, or not in time
     * @throws InterruptedException if the thread is interrupted before there is a lease
     * @throws IllegalArgumentException if the connector does not serve such an endpoint
     * @throws IllegalStateException if the calling thread runs an event loop of the connector; or if the work returns a
     *     future or a stage, since the connection would be released before that is done: use
     *     {@link ConnectionManager#use} instead
     */
    <T, X extends Exception> T use(AcquireRequest request, Work<C, T, X> work)
            throws X, AcquireException, InterruptedException;

    /** The same as {@link #use(AcquireRequest, Work)} for a request without optional parts. */
    default <T, X extends Exception> T use(Endpoint endpoint, Work<C, T, X> work)
            throws X, AcquireException, InterruptedException {
        return use(AcquireRequest.to(endpoint), work);
    }

    /**
     * The work that {@code use} runs with a connection.
     *
     * @param <C> the type of connection
     * @param <T> the type of the result
     * @param <X> the type of exception that the work may throw
     */
    @FunctionalInterface
    interface Work<C, T, X extends Exception> {
        /** Does the work, on the calling thread. */
        T with(Lease<C> lease) throws X;
    }
}
