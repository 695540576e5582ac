package dev.keepalive.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.atomic.AtomicLong;

/** A body of a response, which a server writes as fast as its connection takes it. */
final class Flood {
    private static final byte[] PART = Described.pattern(64 * 1024);

    private final ChannelHandlerContext context;
    private final AtomicLong written;
    private long left;

    /** @param written counts the bytes that the connection has taken */
    Flood(ChannelHandlerContext context, long length, AtomicLong written) {
        this.context = context;
        this.left = length;
        this.written = written;
    }

    /** Writes until the connection is full, or all is written. */
    void go() {
        while (left > 0 && context.channel().isWritable()) {
            int length = (int) Math.min(left, PART.length);
            left -= length;
            context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(PART, 0, length)))
                    .addListener(done -> written.addAndGet(length));
            if (left == 0) {
                context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
            }
        }
    }
}
