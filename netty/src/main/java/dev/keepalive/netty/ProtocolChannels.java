package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.util.Map;
import java.util.Objects;

/**
 * Makes connections that speak a {@link Protocol} of channels that are open already. For a
 * {@link dev.keepalive.spi.Connector} of your own that opens channels in another way than {@link NettyConnector}: in
 * tests, without sockets, or over another transport. From then on such a connection is what one of a socket is: it is
 * watched while it is idle, proven quiet between two leases, and closed for the same reasons. One object serves one
 * connector. Safe from any thread; never blocks.
 *
 * @param <C> what a lease gives its holder
 */
public final class ProtocolChannels<C> {
    private final Protocol<C> protocol;
    private final ProtocolConnector.Parts parts;

    private ProtocolChannels(Protocol<C> protocol, boolean emptyAfterShortRead) {
        this.protocol = Objects.requireNonNull(protocol, "protocol");
        TlsSettings noTls = new TlsSettings(Map.of(), Map.of(), true, 0);
        this.parts = new ProtocolConnector.Parts(noTls, new AnswerHabits(), emptyAfterShortRead);
    }

    /**
     * Channels that speak this protocol.
     *
     * @param emptyAfterShortRead whether a read that brings less than it had room for leaves nothing unread in the
     *     channel, as with a socket; false if the transport reads ahead, or does not know how much it had room for
     */
    public static <C> ProtocolChannels<C> of(Protocol<C> protocol, boolean emptyAfterShortRead) {
        return new ProtocolChannels<>(protocol, emptyAfterShortRead);
    }

    /**
     * Installs the protocol on a channel, behind the handlers that are there, and answers the dial: by
     * {@link LinkEvents#opened}, or, if the protocol refuses, by {@link LinkEvents#failed} when the channel is closed.
     * To be called on the channel's event loop, once for each channel.
     *
     * @param channel active, and of this connection only
     * @param endpoint the endpoint that it leads to; what it says of TLS and proxies is for the caller to do
     * @throws IllegalStateException if the channel is not active, or the calling thread is not its event loop
     */
    public void open(DuplexChannel channel, Endpoint endpoint, LinkEvents<C> events) {
        EventLoop loop = channel.eventLoop();
        if (!loop.inEventLoop() || !channel.isActive()) {
            throw new IllegalStateException(channel + " cannot be opened: only an active channel, on its event loop");
        }
        // So that the end of the peer's stream can be told from a break.
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        ProtocolLink<C> link = new ProtocolLink<>(protocol, parts, channel, loop, endpoint, events, null);
        try {
            link.fillPipeline();
            link.install();
        } catch (Throwable refused) {
            AfterSelect.whenClosed(channel, loop, () -> events.failed(SystemErrors.of(Phase.SETUP, refused)));
            channel.unsafe().close(channel.voidPromise());
            return;
        }
        link.open();
    }
}
