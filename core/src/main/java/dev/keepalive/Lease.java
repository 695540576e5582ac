package dev.keepalive;

import org.jspecify.annotations.Nullable;

/**
 * The right to use one connection once. Each acquire that succeeds makes one; it ends by {@link #release},
 * {@link #invalidate} or {@link #close}, and the first of them wins. Safe from any thread; no method blocks.
 *
 * <p>A lease that becomes garbage before it was ended is taken back: its connection is closed and its place goes to
 * whoever waits. The connection refers to the lease, so a lease is not garbage while its connection is used.
 *
 * @param <C> the type of connection
 */
public interface Lease<C> extends AutoCloseable {
    /**
     * The connection, to be used until the lease is ended.
     *
     * @throws IllegalStateException if the lease has ended
     */
    C connection();

    /**
     * True if the lease has ended, by whatever way. Never blocks. While it is false, another thread may be about to end
     * the lease.
     */
    boolean isEnded();

    /** The request that this lease answers. */
    AcquireRequest request();

    /** How the connection was got. */
    LeaseOrigin origin();

    /**
     * The number of leases that the connection has had, this one included: 1 for a connection that nobody used before.
     */
    int uses();

    /** How long each step took until this lease. */
    Timings timings();

    /**
     * Ends the lease and keeps the connection for the next one. To be called at a message boundary: a connection that
     * has unread input, is half-closed or closed is closed instead. The idiom is the last line of the work, like a
     * commit. The seed's {@code free}.
     *
     * @return true if this call ended the lease, false if it had ended before: then nothing happens
     */
    boolean release();

    /**
     * Ends the lease and keeps the connection as one to another endpoint: for when its holder has changed what it is,
     * by STARTTLS, a tunnel or a login, say. From then on it serves that endpoint only, counts for its limit, and is
     * never handed out again as what it was. Otherwise like {@link #release}. If the other endpoint has as many
     * connections as it may, this one is closed instead. So it is if another thread ends the lease while the connector
     * is asked: that call ends it, and this one returns false.
     *
     * @param as what the connection leads to from now on; if that is what it leads to already, this is {@code release}
     * @return true if this call ended the lease, false if it had ended before: then nothing happens
     * @throws IllegalArgumentException if the connector does not serve such an endpoint, if the connection is not what
     *     it would open for it, or if the connection belongs to an owner ({@link Endpoint#withOwner}) and the endpoint
     *     to another or to none. The lease has not ended then
     */
    boolean releaseAs(Endpoint as);

    /**
     * Ends the lease and closes the connection.
     *
     * @return true if this call ended the lease, false if it had ended before: then nothing happens
     */
    default boolean invalidate() {
        return invalidate(null);
    }

    /**
     * Ends the lease and closes the connection, for the given reason, which the listener is told.
     *
     * @return true if this call ended the lease, false if it had ended before: then nothing happens
     */
    boolean invalidate(@Nullable Throwable cause);

    /**
     * Invalidates the lease unless it has been ended. At the end of a try-with-resources it cannot be told whether the
     * work was done, and a connection with an unread reply in it must not be kept.
     */
    @Override
    default void close() {
        invalidate();
    }
}
