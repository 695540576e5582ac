package dev.keepalive.netty;

import dev.keepalive.Lease;

/**
 * The session of a connection that several leases share: streams of a multiplexed protocol, or pipelined requests. A
 * {@link Protocol} returns one if it has called {@link ProtocolContext#share}.
 *
 * <p>Leases begin and end independently of each other, as many at a time as the capacity allows. A lease that ends,
 * also by {@link Lease#invalidate} or because it has leaked, never closes the connection: it is for the session to stop
 * what the lease has begun, and to free its place. What the peer sends at any time goes to {@link #received}. No method
 * may block.
 *
 * <p>What goes wrong for one lease fails that lease alone: its holder gets a {@link RequestException}, which says
 * whether the request is safe to send again. Two cases are never an error of the connection: the peer has lowered the
 * capacity, so that a new lease finds no room ({@link RequestException#unsent}), and the peer retires the connection
 * and has not processed a request ({@link RequestException#notProcessed}).
 *
 * @param <C> what a lease gives its holder
 */
public interface SharedSession<C> extends Session<C> {
    /**
     * Makes what {@link Lease#connection} returns, as {@link Session#open} does. The session must not keep the lease
     * reachable, unless it awaits something from the peer for it: else a lease that leaks is never found. Must not
     * change what other leases have.
     *
     * @param number tells the leases of this connection apart: 0 for its setup, else different for each
     */
    C open(Lease<C> lease, long number);

    /**
     * A lease has ended, in whatever way. Its place stays taken until this returns true, or until
     * {@link ProtocolContext#freePlace}. If that takes longer than 5 s, the connection gets no further leases, and is
     * closed after the present ones. Called once per lease, whether or not it was opened; on the thread that ends it,
     * or any other one; so on several threads at a time. If it throws, the connection is closed.
     *
     * <p>No task of this lease begins any more ({@link ProtocolContext#execute}), but one may be running on the event
     * loop. A session that looks at the streams of a lease does so on the loop: by a task of its own, which then calls
     * {@code freePlace}.
     *
     * @param number as in {@link #open(Lease, long)}
     * @return true if nothing is left of the lease: its place is free as soon as its tasks have run. False if the
     *     session calls {@code freePlace}, within this call or later
     */
    boolean ended(long number);

    /** Not called: {@link #open(Lease, long)} is. */
    @Override
    default C open(Lease<C> lease) {
        throw new UnsupportedOperationException("a shared session opens each lease by its number");
    }

    /** Not called: {@link #ended} is. */
    @Override
    default boolean isReusable() {
        return true;
    }
}
