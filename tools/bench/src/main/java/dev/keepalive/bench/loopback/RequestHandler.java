package dev.keepalive.bench.loopback;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The last handler of a client's channel. Serves one client at a time. */
final class RequestHandler extends ChannelInboundHandlerAdapter implements RequestConnection {
    private final OpenRequest request;
    private @Nullable ChannelHandlerContext context;

    RequestHandler(WireFormat format) {
        request = new OpenRequest(format);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void send(RequestClient sender, long number) {
        ChannelHandlerContext now = Objects.requireNonNull(context, "not on a channel");
        now.writeAndFlush(request.begin(now.alloc(), sender, number));
    }

    @Override
    public void channelRead(ChannelHandlerContext now, Object message) {
        request.received(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext now) {
        request.ended(null);
        now.fireChannelInactive();
    }

    /** With half-closed channels, the input ends before the channel is closed. */
    @Override
    public void userEventTriggered(ChannelHandlerContext now, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            request.ended(null);
        }
        now.fireUserEventTriggered(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext now, Throwable cause) {
        request.ended(cause);
        now.close();
    }
}
