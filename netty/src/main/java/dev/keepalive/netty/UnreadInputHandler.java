package dev.keepalive.netty;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;

/**
 * The permanent last handler. Input that arrives here was not read by any handler of a lease, so the connection is not
 * reusable. Event loop only.
 */
final class UnreadInputHandler extends ChannelDuplexHandler {
    private final NettyLink link;

    UnreadInputHandler(NettyLink link) {
        this.link = link;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        link.unexpectedInput();
        ReferenceCountUtil.release(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        ReferenceCountUtil.release(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        link.fail(cause);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
        context.write(message, link.writes().count(promise));
    }
}
