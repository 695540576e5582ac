package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One connection, for the time of one lease. It is event-driven: either {@link #start} it with a framing and a
 * listener, or {@link #attach} Netty handlers of your own.
 *
 * <p>Input that arrives before that is kept, and delivered afterwards. If the peer ends its stream before that, and has
 * sent nothing, the connection is closed. Everything that the lease adds to the connection is removed at release. After
 * the lease has ended, every method throws an {@link IllegalStateException}.
 *
 * <p>Safe from any thread; never blocks. From the time that the connection is started, attached to, or asked for its
 * channel, it keeps its lease reachable.
 */
public interface NettyConnection {
    /**
     * Starts the connection with lines as frames: {@link #start(Framing, FrameListener)} with {@link Framing#lines()}.
     *
     * @throws IllegalStateException if the lease has ended, the connection has been started or attached to before, or
     *     TLS has been asked for and is not in place
     */
    default FrameStream<String> start(FrameListener<String> listener) {
        return start(Framing.lines(), listener);
    }

    /**
     * Starts the connection: input flows to the listener, frame by frame, and frames can be sent. Once per lease, and
     * once more after {@link #startTls}. From now on, the connection stays open when the peer has ended its stream:
     * {@link FrameListener#ended} tells of it, and frames can still be sent, until the lease ends.
     *
     * @param framing how the stream is cut into frames
     * @param listener called on the connection's event loop: {@link FrameListener#started} before every other method,
     *     and never before this method returns if this method is called on that loop
     * @return the means to send frames
     * @throws IllegalStateException if the lease has ended, the connection has been started or attached to before, or
     *     TLS has been asked for and is not in place
     */
    <T> FrameStream<T> start(Framing<T> framing, FrameListener<T> listener);

    /**
     * Adds handlers at the end of the pipeline, behind those that were attached before, and lets the input flow. Input
     * that the last of them passes on, an exception that they throw, or a message left unfinished in a decoder makes
     * the connection not reusable.
     *
     * <p>If the peer ends its stream, by a FIN or with TLS by {@code close_notify}, the connection is closed, as Netty
     * does by default: {@code channelInactive} comes, and the lease has no connection any more. With
     * {@link NettyConnectorBuilder#allowHalfClosure} a {@link io.netty.channel.socket.ChannelInputShutdownEvent} comes
     * instead.
     *
     * <p>If the stream may have been cut short (by a close, a reset, or with TLS by an end without
     * {@code close_notify}), the handlers get {@code exceptionCaught} before the end of the input and before
     * {@code channelInactive}, at which decoders may pass on a last part.
     *
     * @return completes when the handlers are in place; fails with an {@link IllegalStateException} if the lease ended
     *     before, or with the exception that adding them threw: then none of them is left
     * @throws IllegalStateException if the lease has ended, the connection has been started, or TLS has been asked for
     *     and is not in place
     */
    ChannelFuture attach(ChannelHandler... handlers);

    /**
     * Begins TLS on a connection in the clear, after the peer has agreed to it (STARTTLS). Everything that was started
     * or attached is removed, and receives no more events. Everything that was sent is written. Then the TLS handshake
     * is made with the server name, identity and protocols of the given endpoint. Once TLS is in place, the connection
     * may be started or attached to once more, like a new one. Once per connection.
     *
     * <p>The peer must have sent nothing after the input that was delivered before this call: an attacker on the
     * network could have sent it in the clear, and it would be taken for input over TLS. If the peer has sent
     * something, or if the handshake fails or takes longer than 10 seconds, the connection is of no more use.
     *
     * <p>Afterwards the connection is no longer what its own endpoint says: {@link dev.keepalive.Lease#release} closes
     * it, and {@code releaseAs} with the given endpoint keeps it.
     *
     * @param as the endpoint that the connection becomes; it must mean TLS
     * @return completes on the event loop when TLS is in place; fails with an {@link javax.net.ssl.SSLException} if the
     *     peer sent something before, or the handshake failed; with an {@link java.io.IOException} if the connection
     *     ended; with an {@link IllegalStateException} if the lease ended
     * @throws IllegalArgumentException if the endpoint means no TLS, or the connector does not support its TLS options
     * @throws IllegalStateException if the lease has ended, the connection has TLS, or this method was called before
     */
    CompletionStage<?> startTls(Endpoint as);

    /**
     * The protocol that the peer has chosen in the TLS handshake (ALPN, RFC 7301), from those offered by
     * {@link Endpoint#withProtocols} or by the TLS settings. Null if the peer has chosen none, was offered none, or
     * there is no TLS.
     *
     * @throws IllegalStateException if the lease has ended
     */
    @Nullable
    String applicationProtocol();

    /**
     * The Netty channel, for what this interface does not offer: addresses, options, attributes, the TLS session. Input
     * flows only to what is started or attached.
     *
     * <p>From now on the lease stays reachable until it is ended. The channel must not be used after that; the channel
     * cannot check this. Handlers left in the pipeline are removed at release; options and attributes are not.
     *
     * @throws IllegalStateException if the lease has ended
     */
    Channel channel();
}
