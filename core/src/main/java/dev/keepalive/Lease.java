package dev.keepalive;

import org.jspecify.annotations.Nullable;

/**
 * The right to use one connection once: {@link #release} ends it and keeps the connection, {@link #close} and
 * {@link #invalidate} end it and close the connection. So try-with-resources alone never returns a connection: call
 * {@code release} as the last line of the work, like a commit. (In HikariCP, {@code close} returns the connection.)
 *
 * <p>Each acquire that succeeds makes one lease. The first call that ends it wins; later calls do nothing. Safe from
 * any thread; no method blocks.
 *
 * <p>A lease that becomes garbage before it was ended has leaked: its connection is closed, and a waiter gets its
 * permits. The connection refers to the lease, so a lease is not garbage while its connection is used.
 *
 * <p>Where the protocol allows it, a connection is <em>shared</em>: it takes several leases at a time, each with a
 * handle of its own. There, no lease ends the connection. {@code close} and {@code invalidate} end this lease, and what
 * is left of its work is cleaned up; a leaked lease is ended in the same way; the other leases go on. The connection is
 * closed after all of them if such a clean-up fails.
 *
 * @param <C> the type of connection
 */
public interface Lease<C> extends AutoCloseable {
    /**
     * The connection, for use until the lease is ended.
     *
     * @throws IllegalStateException if the lease has ended
     */
    C connection();

    /**
     * True if the lease has ended, in whatever way. While it is false, another thread may be about to end the lease.
     * The end of the connection does not end its leases: their holders do. Only where a manager is closed, or fails,
     * while a shared connection has leases, it ends them itself.
     */
    boolean isEnded();

    /** The request that this lease answers. */
    AcquireRequest request();

    /** How the acquire got the connection. */
    LeaseOrigin origin();

    /**
     * The number of leases that the connection has had, this one included: 1 for a connection that was never leased
     * before. On a shared connection it tells the leases apart: those that wait for its dial get 1, 2, 3 and so on.
     */
    int uses();

    /** How long each phase took until this lease. */
    Timings timings();

    /**
     * Ends the lease and keeps the connection for the next lease. Call it at a message boundary: a connection that has
     * unread input, is half-closed or closed is closed instead. On a shared connection, the place is free for the next
     * lease as soon as nothing is left of this one.
     *
     * @return true if this call ended the lease; false if it had ended before: then nothing happens
     */
    boolean release();

    /**
     * Ends the lease and keeps the connection as a connection to another endpoint. It is for a holder that has changed
     * the connection, for example by STARTTLS, a tunnel or a login. From then on, the connection serves the other
     * endpoint only, counts for that endpoint's limit, and is never leased again for the old one. Otherwise like
     * {@link #release}.
     *
     * <p>The connection's socket stays what it is, so the other endpoint has the same host and port or Unix-domain
     * socket, the same local address and the same proxies. If the connection leads further, the endpoint says so by its
     * target ({@link Endpoint#withTarget}).
     *
     * <p>The connection is closed instead if the other endpoint has no room for it below its limit. It is also closed
     * if another thread ends the lease while the connector is asked: then that call ends the lease, and this one
     * returns false.
     *
     * <p>A shared connection stays what it is: for another endpoint than its own, this throws.
     *
     * @param as the endpoint that the connection leads to from now on; if it is the present one, this is
     *     {@code release}
     * @return true if this call ended the lease; false if it had ended before: then nothing happens
     * @throws IllegalArgumentException if the connector does not serve such an endpoint; if the connection is not what
     *     the connector would open for it; or if the connection, its proxy or its target belongs to an owner
     *     ({@link Endpoint#withOwner}) and that of the endpoint belongs to another or to none; or if the connection is
     *     shared. The lease has not ended then
     */
    boolean releaseAs(Endpoint as);

    /**
     * Ends the lease and closes the connection; a shared connection goes on.
     *
     * @return true if this call ended the lease; false if it had ended before: then nothing happens
     */
    default boolean invalidate() {
        return invalidate(null);
    }

    /**
     * Ends the lease and closes the connection. The listener is told the cause.
     *
     * <p>The connection is closed in a task of {@link ManagerBuilder#callbackExecutor}. So what listens to the
     * connection is told of its end later, and not within this call: a call on the connection's event loop has returned
     * before that. During a call on another thread the listener may be told, on the event loop.
     *
     * <p>A shared connection goes on. What is left of this lease is cleaned up, for example a request that is not
     * answered yet. The listener is told by {@link ConnectionListener#leaseInvalidated}.
     *
     * @param cause why the connection, or this use of it, has failed; null if there is nothing to tell
     * @return true if this call ended the lease; false if it had ended before: then nothing happens
     */
    boolean invalidate(@Nullable Throwable cause);

    /**
     * Invalidates the lease unless it has ended: the connection is closed, not kept, unless it is shared. At the end of
     * a try-with-resources it is unknown whether the work was done, and a connection with an unread reply in it must
     * not be kept. To keep the connection, call {@link #release} before.
     */
    @Override
    default void close() {
        invalidate();
    }
}
