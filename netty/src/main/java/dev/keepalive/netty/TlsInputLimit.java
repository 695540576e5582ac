package dev.keepalive.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Stands in front of all TLS of an open connection, and bounds what the peer sends without data. TLS answers key
 * updates and requests to renegotiate by itself, and takes session tickets and empty records, and passes nothing on. So
 * a peer could keep the event loop busy for ever on a connection that looks idle. Event loop only.
 */
final class TlsInputLimit extends ChannelInboundHandlerAdapter {
    /** Room for one renegotiation of the greatest messages that the JDK accepts, which are of 32 KiB each. */
    static final int MAX_BYTES = 128 * 1024;

    private final Consumer<IOException> exceeded;
    private int withoutData;
    private boolean over;

    private TlsInputLimit(Consumer<IOException> exceeded) {
        this.exceeded = exceeded;
    }

    /**
     * Puts a limit in front of the handlers of this channel.
     *
     * @param exceeded called once, with the reason why the connection must be closed
     */
    static TlsInputLimit inFrontOf(Channel channel, Consumer<IOException> exceeded) {
        TlsInputLimit limit = new TlsInputLimit(exceeded);
        channel.pipeline().addFirst(limit);
        return limit;
    }

    /** Counts from nothing again: TLS has passed data on, or the first handshake is done. */
    void reset() {
        withoutData = 0;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        // What this read brings is counted for the next one: it may have data in it, however much it is.
        if (withoutData <= MAX_BYTES) {
            withoutData += message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
            context.fireChannelRead(message);
            return;
        }
        ReferenceCountUtil.release(message);
        if (!over) {
            over = true;
            context.channel().config().setAutoRead(false);
            exceeded.accept(new IOException("the peer sent " + withoutData + " bytes of TLS records without data"));
        }
    }
}
