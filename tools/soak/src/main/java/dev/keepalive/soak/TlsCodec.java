package dev.keepalive.soak;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayOutputStream;

/**
 * The server's side of TLS for one connection, between bytes and bytes: the chaos server does all reading and writing
 * itself. Whatever goes wrong in it is a {@link RuntimeException}; then the connection is of no use any more.
 */
final class TlsCodec implements AutoCloseable {
    private final EmbeddedChannel channel;

    TlsCodec(SslContext context) {
        channel = new EmbeddedChannel(context.newHandler(UnpooledByteBufAllocator.DEFAULT));
    }

    /** What the peer said, of what came over the wire. There may be something to answer afterwards: {@link #toWire}. */
    byte[] decrypt(byte[] wire) {
        channel.writeInbound(Unpooled.wrappedBuffer(wire));
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
            plain.writeBytes(drain(part));
        }
        return plain.toByteArray();
    }

    /** What goes over the wire, to say this; all of it in one record. */
    byte[] encrypt(byte[] plain) {
        channel.writeOutbound(Unpooled.wrappedBuffer(plain));
        return toWire();
    }

    /** What goes over the wire to end the stream in order. */
    byte[] closeNotify() {
        channel.close();
        return toWire();
    }

    /** What is still to go over the wire. */
    byte[] toWire() {
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            wire.writeBytes(drain(part));
        }
        return wire.toByteArray();
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }

    private static byte[] drain(ByteBuf part) {
        byte[] bytes = new byte[part.readableBytes()];
        part.readBytes(bytes);
        part.release();
        return bytes;
    }
}
