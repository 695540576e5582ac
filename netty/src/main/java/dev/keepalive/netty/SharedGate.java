package dev.keepalive.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;

/**
 * The gate of a connection that several leases share: nothing is held back and nothing is unexpected, since both
 * directions belong to the protocol all the time. Event loop only.
 */
final class SharedGate extends ProtocolGate {
    /** @param before the gate whose place this one takes */
    SharedGate(ProtocolLink<?> link, QuietProof proof, ProtocolGate before) {
        super(link, proof);
        takeEarlyInput(before);
    }

    @Override
    public void channelRead(ChannelHandlerContext reader, Object message) {
        tlsHasData();
        reader.fireChannelRead(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext reader) {
        reader.fireChannelReadComplete();
    }

    @Override
    public void write(ChannelHandlerContext writer, Object message, ChannelPromise promise) {
        requireBytes(message);
        writer.write(message, promise);
    }

    @Override
    public void flush(ChannelHandlerContext writer) {
        flushTo(writer);
    }
}
