package dev.keepalive.netty;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.ByteToMessageDecoder;
import org.jspecify.annotations.Nullable;

/**
 * Knows whether a decoder has kept bytes that it has not decoded yet. It takes the place of the decoder's cumulator,
 * the only way in which Netty shows a decoder's buffer. Event loop only.
 */
final class DecoderWatch {
    /** What the decoder decodes from; retained until {@link #letGo}, so that it is not reused meanwhile. */
    private @Nullable ByteBuf buffer;

    private boolean kept;

    private DecoderWatch() {}

    /** @param cumulator how the decoder joins what it has kept with what arrives */
    static DecoderWatch of(ByteToMessageDecoder decoder, ByteToMessageDecoder.Cumulator cumulator) {
        DecoderWatch watch = new DecoderWatch();
        decoder.setCumulator((allocator, before, input) -> {
            watch.letGo();
            ByteBuf joined = cumulator.cumulate(allocator, before, input);
            watch.buffer = joined.retain();
            return joined;
        });
        return watch;
    }

    boolean hasKept() {
        ByteBuf present = buffer;
        return present == null ? kept : present.isReadable();
    }

    /** The input has been passed on: notes what is kept, since the decoder may now change its buffer. */
    void letGo() {
        ByteBuf present = buffer;
        if (present != null) {
            kept = present.isReadable();
            buffer = null;
            present.release();
        }
    }
}
