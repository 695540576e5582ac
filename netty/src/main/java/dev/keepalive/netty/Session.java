package dev.keepalive.netty;

import dev.keepalive.Lease;
import org.jspecify.annotations.Nullable;

/**
 * The side of a {@link Protocol} that belongs to one connection, which one lease has after the other. For several at
 * the same time there is {@link SharedSession}. No method may block.
 *
 * @param <C> what a lease gives its holder
 */
public interface Session<C> {
    /**
     * Makes what {@link Lease#connection} returns. Called on any thread, when it is first asked for; if two threads ask
     * at the same time, it is called twice, and one of the two objects is thrown away. It should be cheap.
     *
     * <p>The object must refer to the lease, must be reachable while it waits for anything from the peer, and must act
     * by {@link ProtocolContext#execute} with this lease. Then it cannot reach the stream of the next holder.
     */
    C open(Lease<C> lease);

    /**
     * A message that the last handler of the protocol has passed on. Called on the event loop. The session releases the
     * message, if it is counted. Never called with what the peer has sent after the end of a lease.
     */
    void received(Object message);

    /**
     * Whether the stream is at a message boundary in both directions: nothing is expected, nothing is half-sent. Called
     * when a lease is released, on the thread that releases; if it returns false, the connection is closed. Called too
     * before {@link #closing}, on the event loop. Must be safe from any thread.
     */
    boolean isReusable();

    /**
     * This side is about to close the connection, though it works: it was idle for too long, has reached its lifetime,
     * was retired or drained, a lease of it was invalidated, or the manager is closed. The session may write a
     * farewell, and flush it: GOAWAY of HTTP/2 (RFC 9113, section 6.8), QUIT of SMTP or Redis. With TLS,
     * {@code close_notify} comes behind it.
     *
     * <p>Nothing waits for it. The channel is closed as soon as this method returns: what the socket does not take by
     * then is lost, and no answer is read. If it throws, that is recorded as the cause, and the connection is closed
     * all the same.
     *
     * <p>Called on the event loop, once at most. Not called if the peer has ended its stream or has said what belongs
     * to no lease, if the connection has failed, if the session closes it by {@link ProtocolContext#close}, or if the
     * loop is shut down. A {@link SharedSession} may have leases yet, which end with the connection; any other session
     * is called only if it {@linkplain #isReusable is at a message boundary}. By default, nothing is written.
     */
    default void closing() {}

    /**
     * The connection is closed. Called once, on the event loop; on any thread if the loop is shut down.
     *
     * @param cause what broke the connection; null if the peer or this program closed it
     */
    void closed(@Nullable Throwable cause);
}
