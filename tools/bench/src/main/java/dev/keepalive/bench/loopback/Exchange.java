package dev.keepalive.bench.loopback;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The protocol: 64 bytes there, the same 64 bytes back. They begin with a stamp, so that a client that got another's connection would notice. One
 * client at a time; event loop only.
 */
@Sharable
public final class Exchange extends ChannelInboundHandlerAdapter {
    /** Bytes of a request, and of its answer. */
    public static final int SIZE = 64;

    private @Nullable ChannelHandlerContext context;
    private @Nullable Client client;
    private long stamp;
    private int missing;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    /** The channel that it is on. */
    ChannelHandlerContext context() {
        return Objects.requireNonNull(context, "not on a channel");
    }

    /** Sends a request, whose answer this client is told. */
    public void send(Client sender, long number) {
        client = sender;
        stamp = number;
        missing = SIZE;
        ChannelHandlerContext now = context();
        now.writeAndFlush(now.alloc().ioBuffer(SIZE).writeLong(number).writeZero(SIZE - Long.BYTES));
    }

    @Override
    public void channelRead(ChannelHandlerContext now, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        int read = bytes.readableBytes();
        boolean mine = missing < SIZE || read < Long.BYTES || bytes.getLong(bytes.readerIndex()) == stamp;
        bytes.release();
        missing -= read;
        Client asked = Objects.requireNonNull(client, "an answer that nobody asked for");
        if (!mine || missing < 0) {
            asked.fail(new IllegalStateException("the answer is another request's"));
        } else if (missing == 0) {
            asked.answered();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext now) {
        ended();
        now.fireChannelInactive();
    }

    /** Where the end of the input is not yet that of the channel. */
    @Override
    public void userEventTriggered(ChannelHandlerContext now, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            ended();
        }
        now.fireUserEventTriggered(event);
    }

    private void ended() {
        Client last = client;
        if (last != null && missing > 0) {
            last.fail(new IllegalStateException("the connection was closed"));
        } else if (last != null) {
            last.lost();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext now, Throwable cause) {
        if (client != null) {
            client.fail(cause);
        }
        now.close();
    }
}
