package dev.keepalive;

/**
 * The manager for callers that wait: one thread, virtual or not, per piece of work. An interrupt withdraws the acquire
 * and loses nothing. Every method refuses threads that run an event loop of the connector, with an
 * {@link IllegalStateException}, since the answer might need that very thread. Safe from any other thread.
 *
 * @param <C> the type of connection
 */
public interface BlockingConnections<C> {
    /**
     * Waits for a connection. The caller owns the lease.
     *
     * @throws AcquireException if there is none in time, or at all
     * @throws InterruptedException if the thread is interrupted before the lease is there
     */
    Lease<C> acquire(AcquireRequest request) throws AcquireException, InterruptedException;

    /** {@link #acquire(AcquireRequest)} with nothing but the endpoint. */
    default Lease<C> acquire(Endpoint endpoint) throws AcquireException, InterruptedException {
        return acquire(AcquireRequest.to(endpoint));
    }

    /**
     * Runs work with a connection: if it returns, the connection is released, if it throws, invalidated, unless the
     * work ended the lease itself.
     *
     * @return what the work returned
     * @throws X what the work threw
     * @throws AcquireException if there is no connection in time, or at all
     * @throws InterruptedException if the thread is interrupted before the lease is there
     * @throws IllegalStateException if the work returns a future or a stage, since the connection would be released
     *     before it is done: use {@link ConnectionManager#use} for that
     */
    <T, X extends Exception> T use(AcquireRequest request, Work<C, T, X> work)
            throws X, AcquireException, InterruptedException;

    /** {@link #use(AcquireRequest, Work)} with nothing but the endpoint. */
    default <T, X extends Exception> T use(Endpoint endpoint, Work<C, T, X> work)
            throws X, AcquireException, InterruptedException {
        return use(AcquireRequest.to(endpoint), work);
    }

    /**
     * What is done with a connection.
     *
     * @param <C> the type of connection
     * @param <T> the type of the result
     * @param <X> what it may throw
     */
    @FunctionalInterface
    interface Work<C, T, X extends Exception> {
        /** Does the work, on the calling thread. */
        T with(Lease<C> lease) throws X;
    }
}
