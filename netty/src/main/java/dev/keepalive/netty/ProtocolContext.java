package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import org.jspecify.annotations.Nullable;

/**
 * One connection as its {@link Protocol} sees it: where its handlers go, and how its session acts for a holder. Safe
 * from any thread, except where stated; never blocks.
 */
public interface ProtocolContext {
    /** The channel, for its options, addresses and event loop. */
    Channel channel();

    /**
     * Adds handlers at the end of the pipeline. Only within {@link Protocol#install}. What the last of them passes on
     * goes to {@link Session#received}.
     */
    ChannelPipeline pipeline();

    /** The endpoint that the connection leads to now. */
    Endpoint endpoint();

    /** The protocol that TLS has negotiated (ALPN, RFC 7301); null if none. */
    @Nullable
    String applicationProtocol();

    /**
     * Runs a task for the holder of this lease on the event loop, unless the lease has ended: within this call if the
     * calling thread is that loop; else after all that was submitted before. All that a session writes for a holder, it
     * writes in such a task. A release that comes after this call waits for the task.
     *
     * @return false if the lease has ended, or the event loop is shut down: then the task does not run. If true is
     *     returned on another thread, and the lease ends before the task has begun, {@code ifEnded} runs on the loop
     *     instead
     */
    boolean execute(Lease<?> lease, Runnable task, Runnable ifEnded);

    /** How often anything was handed to the socket until now. Event loop only. */
    long flushes();

    /**
     * Asks for the end of the connection as soon as no lease has it. The present leases go on, and there are no further
     * ones. Of a shared connection whose dial is not complete ({@link #share}), the dial fails.
     */
    void retire();

    /** Closes the connection at once; the session is told this cause. */
    void close(@Nullable Throwable cause);

    /**
     * Lets several leases have this connection at the same time: {@link Protocol#install} then returns a
     * {@link SharedSession}. How many is a level that may change at any time ({@link #capacity}). The dial is complete
     * when the setup is done and there is room for one lease; until then it is limited by the {@code dialTimeout} of
     * the manager. If the connection is closed or retired before, the dial has failed. Only within
     * {@link Protocol#install}.
     *
     * @param capacity how many leases; 0 if that is not known yet
     * @throws IllegalArgumentException if it is negative
     */
    default void share(int capacity) {
        throw new UnsupportedOperationException("share " + capacity + ": not a connection that can be shared");
    }

    /**
     * Sets how many leases this shared connection takes at the same time from now on. Fewer than there are ends none:
     * only newcomers wait. 0 keeps all newcomers out. A lease that has begun on another thread at the same time may be
     * one too many; its session fails it, with {@link RequestException#unsent}.
     *
     * @throws IllegalArgumentException if it is negative
     * @throws IllegalStateException if the connection is not shared
     */
    default void capacity(int leases) {
        throw new UnsupportedOperationException("capacity " + leases + ": not a connection that can be shared");
    }

    /**
     * Nothing is left of a lease of this shared connection that has ended ({@link SharedSession#ended}): its place is
     * free for another one. A second call for the same lease, or one for a lease that has not ended, does nothing.
     *
     * @param number the number of the lease
     * @throws IllegalStateException if the connection is not shared
     */
    default void freePlace(long number) {
        throw new UnsupportedOperationException("freePlace " + number + ": not a connection that can be shared");
    }

    /**
     * Lets the peer end its stream without closing the connection: the end is then told to the handlers as a
     * {@link io.netty.channel.socket.ChannelInputShutdownEvent}. By default, the end of the peer's stream closes the
     * connection. A shared connection gets no further leases after that end. Only within {@link Protocol#install}.
     */
    void allowHalfClosure();
}
