package dev.keepalive.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Stands in front of TLS and tells when the socket is being read: TLS may pass input on at other times as well. Event
 * loop only.
 */
final class SocketPass extends ChannelInboundHandlerAdapter {
    private final QuietProof proof;

    SocketPass(QuietProof proof) {
        this.proof = proof;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        proof.socketPassBegins();
        context.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.fireChannelReadComplete();
        proof.socketPassEnds();
    }
}
