package dev.keepalive.netty;

import java.util.concurrent.CompletableFuture;

/**
 * Sends requests on one connection, for the time of one lease, and gets their answers in the same order. What
 * {@link RequestResponse} gives the holder of a lease. Safe from any thread.
 *
 * @param <Q> the type of requests, as the codec takes them
 * @param <A> the type of answers, as the codec makes them
 */
public interface Requests<Q, A> {
    /**
     * Sends a request. Further requests may be sent before it is answered. Never blocks.
     *
     * <p>If the future is cancelled, the answer is still awaited, and dropped when it comes.
     *
     * @return completes with the answer, on the connection's event loop, where nothing may block; the caller releases
     *     an answer that is counted. Fails with a {@link RequestException} if no answer came, which says whether
     *     anything may have been sent; then the connection is closed, unless other leases share it
     *     ({@link RequestResponse#pipelined})
     * @throws IllegalStateException if the lease has ended
     */
    CompletableFuture<A> send(Q request);

    /**
     * What the peer said first on this connection, if the protocol has a greeting
     * ({@link RequestResponse#withGreeting}). Never blocks.
     *
     * @return completes with the greeting, on the event loop; fails with a {@link RequestException} if the connection
     *     ended before
     * @throws IllegalStateException if the protocol has no greeting
     */
    CompletableFuture<A> greeting();

    /**
     * Sends a request and waits for its answer. If the calling thread is interrupted, the answer is still to come:
     * invalidate the lease then.
     *
     * @throws RequestException if no answer came; it says whether anything may have been sent
     * @throws IllegalStateException if the lease has ended, or the calling thread runs an event loop
     */
    A call(Q request) throws RequestException, InterruptedException;
}
