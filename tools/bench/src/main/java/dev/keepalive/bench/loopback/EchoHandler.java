package dev.keepalive.bench.loopback;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The client side of the echo protocol: 64 bytes out, the same 64 bytes back. They begin with a stamp, so that a client
 * would notice another client's answer. Serves one client at a time, on the event loop only.
 */
@Sharable
public final class EchoHandler extends ChannelInboundHandlerAdapter implements EchoConnection {
    /** The size of a request and of its answer, in bytes. */
    public static final int SIZE = 64;

    private @Nullable ChannelHandlerContext context;
    private @Nullable RequestClient client;
    private long stamp;
    private int missing;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    /** The context of the channel that has this handler. */
    ChannelHandlerContext context() {
        return Objects.requireNonNull(context, "not on a channel");
    }

    /** A request with this number as its stamp. */
    static ByteBuf request(ByteBufAllocator allocator, long number) {
        return allocator.ioBuffer(SIZE).writeLong(number).writeZero(SIZE - Long.BYTES);
    }

    @Override
    public void send(RequestClient sender, long number) {
        client = sender;
        stamp = number;
        missing = SIZE;
        ChannelHandlerContext now = context();
        now.writeAndFlush(request(now.alloc(), number));
    }

    @Override
    public void channelRead(ChannelHandlerContext now, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        int read = bytes.readableBytes();
        boolean own = missing < SIZE || read < Long.BYTES || bytes.getLong(bytes.readerIndex()) == stamp;
        bytes.release();
        missing -= read;
        RequestClient asked = Objects.requireNonNull(client, "an answer without a request");
        if (!own || missing < 0) {
            asked.fail(new IllegalStateException("the answer belongs to another request"));
        } else if (missing == 0) {
            asked.answered();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext now) {
        inputEnded();
        now.fireChannelInactive();
    }

    /** With half-closed channels, the input ends before the channel is closed. */
    @Override
    public void userEventTriggered(ChannelHandlerContext now, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded();
        }
        now.fireUserEventTriggered(event);
    }

    private void inputEnded() {
        RequestClient last = client;
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
