package dev.keepalive.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import org.jspecify.annotations.Nullable;

/**
 * One connection, for the time of one lease. Event-driven: either {@link #start} it with a framing and a listener, or {@link #attach}
 * Netty handlers of your own.
 *
 * <p>What the peer sends before is kept, and delivered then. What the lease adds to the connection is taken away when it is released. Once the
 * lease has ended, every method throws an {@link IllegalStateException}.
 *
 * <p>Safe from any thread; never blocks. While it is started, attached to, or its channel has been asked for, the connection keeps its lease
 * reachable.
 */
public interface NettyConnection {
    /**
     * Starts line by line: {@link #start(Framing, FrameListener)} with {@link Framing#lines()}.
     *
     * @throws IllegalStateException if the lease has ended, or the connection has been started or attached to before
     */
    default Frames<String> start(FrameListener<String> listener) {
        return start(Framing.lines(), listener);
    }

    /**
     * Starts the flow of input to a listener, frame by frame, and gives the means to send. Once per lease. The seed's {@code start}.
     *
     * @param framing how the stream is cut into frames
     * @param listener is told, on the connection's event loop: {@link FrameListener#started} before anything else, never before this method
     *     returns if it is called on that loop
     * @throws IllegalStateException if the lease has ended, or the connection has been started or attached to before
     */
    <T> Frames<T> start(Framing<T> framing, FrameListener<T> listener);

    /**
     * Adds handlers at the end of the pipeline, behind those that were attached before, and lets the input flow. What passes the last of them
     * unread, and what they throw, makes the connection unfit for another lease; so does leaving a message unfinished in a decoder.
     *
     * @return completes when the handlers are in place; fails with an {@link IllegalStateException} if the lease ended before, or with what
     *     adding them threw: then none is left
     * @throws IllegalStateException if the lease has ended, or the connection has been started
     */
    ChannelFuture attach(ChannelHandler... handlers);

    /**
     * The protocol that the peer has chosen of those that it was offered in the TLS handshake (ALPN, RFC 7301): by {@link
     * dev.keepalive.Endpoint#withProtocols}, or by the TLS settings. Null if it has chosen none, was offered none, or there is no TLS.
     *
     * @throws IllegalStateException if the lease has ended
     */
    @Nullable
    String applicationProtocol();

    /**
     * The channel beneath. For what this interface does not offer: addresses, options, attributes, the TLS session. Input flows only to what is
     * started or attached.
     *
     * <p>From now on the lease stays reachable until it is ended. The channel must not be used afterwards, which it cannot check. What is left
     * in the pipeline is taken away at release; options and attributes are not.
     *
     * @throws IllegalStateException if the lease has ended
     */
    Channel channel();
}
