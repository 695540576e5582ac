package dev.keepalive.soak;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;

/**
 * The server's side of TLS for one connection, from bytes to bytes: the chaos server itself reads and writes. Every
 * error is a {@link RuntimeException}; after one, the connection is unusable.
 */
final class TlsCodec implements AutoCloseable {
    private final EmbeddedChannel channel;

    TlsCodec(SslContext context) {
        channel = new EmbeddedChannel(context.newHandler(UnpooledByteBufAllocator.DEFAULT));
    }

    /** Whether the handshake is complete. */
    boolean isReady() {
        return channel.pipeline().get(SslHandler.class).handshakeFuture().isSuccess();
    }

    /** Decrypts received bytes. Afterwards there may be something to send: {@link #toWire}. */
    byte[] decrypt(byte[] wire) {
        channel.writeInbound(Unpooled.wrappedBuffer(wire));
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        for (ByteBuf part = channel.readInbound(); part != null; part = channel.readInbound()) {
            plain.writeBytes(drain(part));
        }
        return plain.toByteArray();
    }

    /** Encrypts these bytes into one record. */
    byte[] encrypt(byte[] plain) {
        channel.writeOutbound(Unpooled.wrappedBuffer(plain));
        return toWire();
    }

    /** The bytes that end the stream properly. */
    byte[] closeNotify() {
        channel.close();
        return toWire();
    }

    /** The bytes that are still to be sent. */
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
