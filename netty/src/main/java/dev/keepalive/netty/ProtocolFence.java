package dev.keepalive.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;

/**
 * The permanent last handler of a connection that speaks a {@link Protocol}. It passes messages to the session, but not
 * those that a decoder had ready when the lease ended, or makes of a stream that was cut short. Event loop only.
 */
final class ProtocolFence extends ChannelInboundHandlerAdapter {
    private final ProtocolLink<?> link;
    private final QuietProof proof;

    ProtocolFence(ProtocolLink<?> link, QuietProof proof) {
        this.link = link;
        this.proof = proof;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (link.streamEnd().isBroken()) {
            ReferenceCountUtil.release(message);
        } else if (proof.isBetweenLeases()) {
            ReferenceCountUtil.release(message);
            link.closeAsStray();
        } else {
            link.session().received(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        ReferenceCountUtil.release(event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        link.close(cause);
    }
}
