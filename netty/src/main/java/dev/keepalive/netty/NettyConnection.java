package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One connection, for the time of one lease. Event-driven: either {@link #start} it with a framing and a listener, or
 * {@link #attach} Netty handlers of your own.
 *
 * <p>What the peer sends before is kept, and delivered then. What the lease adds to the connection is taken away when
 * it is released. Once the lease has ended, every method throws an {@link IllegalStateException}.
 *
 * <p>Safe from any thread; never blocks. While it is started, attached to, or its channel has been asked for, the
 * connection keeps its lease reachable.
 */
public interface NettyConnection {
    /**
     * Starts line by line: {@link #start(Framing, FrameListener)} with {@link Framing#lines()}.
     *
     * @throws IllegalStateException if the lease has ended, the connection has been started or attached to before, or
     *     TLS is being begun
     */
    default FrameStream<String> start(FrameListener<String> listener) {
        return start(Framing.lines(), listener);
    }

    /**
     * Starts the flow of input to a listener, frame by frame, and gives the means to send. Once per lease. The seed's
     * {@code start}.
     *
     * @param framing how the stream is cut into frames
     * @param listener is told, on the connection's event loop: {@link FrameListener#started} before anything else,
     *     never before this method returns if it is called on that loop
     * @throws IllegalStateException if the lease has ended, the connection has been started or attached to before, or
     *     TLS is being begun
     */
    <T> FrameStream<T> start(Framing<T> framing, FrameListener<T> listener);

    /**
     * Adds handlers at the end of the pipeline, behind those that were attached before, and lets the input flow. What
     * passes the last of them unread, and what they throw, makes the connection unfit for another lease; so does
     * leaving a message unfinished in a decoder.
     *
     * @return completes when the handlers are in place; fails with an {@link IllegalStateException} if the lease ended
     *     before, or with what adding them threw: then none is left
     * @throws IllegalStateException if the lease has ended, the connection has been started, or TLS is being begun
     */
    ChannelFuture attach(ChannelHandler... handlers);

    /**
     * Begins TLS on a connection that is in the clear, when the peer has agreed to it: STARTTLS. What has been started
     * or attached is taken away, and told nothing more; what was sent goes out; then hands are shaken as with this
     * endpoint: with its server name, identity and protocols. Once TLS is in place, the connection may be started or
     * attached to once more, as if it were fresh. Once per connection.
     *
     * <p>The peer must have said nothing more than what was delivered before this call: anybody on the way can say
     * something in the clear, and it would be taken for what comes after. If it has, if the handshake fails, or takes
     * longer than 10 seconds, the connection is of no more use.
     *
     * <p>It is not what its endpoint says any more: {@link dev.keepalive.Lease#release} closes it, and
     * {@code releaseAs} this endpoint keeps it.
     *
     * @param as what the connection is going to be: an endpoint that means TLS
     * @return completes on the event loop when TLS is in place; fails with an {@link javax.net.ssl.SSLException} if the
     *     peer said something before, or the handshake failed; with an {@link java.io.IOException} if the connection
     *     ended; with an {@link IllegalStateException} if the lease did
     * @throws IllegalArgumentException if the endpoint means no TLS, or the connector cannot do what it says about TLS
     * @throws IllegalStateException if the lease has ended, or the connection has TLS, or this was called before
     */
    CompletionStage<?> startTls(Endpoint as);

    /**
     * The protocol that the peer has chosen of those that it was offered in the TLS handshake (ALPN, RFC 7301): by
     * {@link Endpoint#withProtocols}, or by the TLS settings. Null if it has chosen none, was offered none, or there is
     * no TLS.
     *
     * @throws IllegalStateException if the lease has ended
     */
    @Nullable
    String applicationProtocol();

    /**
     * The channel beneath. For what this interface does not offer: addresses, options, attributes, the TLS session.
     * Input flows only to what is started or attached.
     *
     * <p>From now on the lease stays reachable until it is ended. The channel must not be used afterwards, which it
     * cannot check. What is left in the pipeline is taken away at release; options and attributes are not.
     *
     * @throws IllegalStateException if the lease has ended
     */
    Channel channel();
}
