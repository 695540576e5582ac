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

    /** Asks for the end of the connection as soon as no lease has it. */
    void retire();

    /** Closes the connection at once; the session is told this cause. */
    void close(@Nullable Throwable cause);

    /**
     * Lets the peer end its stream without closing the connection: the end is then told to the handlers as a
     * {@link io.netty.channel.socket.ChannelInputShutdownEvent}. By default, the end of the peer's stream closes the
     * connection. Only within {@link Protocol#install}.
     */
    void allowHalfClosure();
}
