package dev.keepalive.bench.loopback;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufHolder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The request that is under way on one connection. The content of its answer is 64 bytes that begin with the stamp of
 * the request, so that a client would notice another client's answer. Event loop only, except where stated.
 */
final class OpenRequest {
    private final WireFormat format;
    private @Nullable RequestClient client;
    private long stamp;

    /** Not volatile: whoever releases the connection was told of the answer before. */
    private int missing;

    OpenRequest(WireFormat format) {
        this.format = format;
    }

    /**
     * Begins a request. On the event loop, or on another thread that hands the message to the channel.
     *
     * @return the message to send
     */
    Object begin(ByteBufAllocator allocator, RequestClient sender, long number) {
        client = sender;
        stamp = number;
        missing = WireFormat.SIZE;
        return format.request(allocator, number);
    }

    /** Whether nothing is missing of the last answer. */
    boolean isAnswered() {
        return missing == 0;
    }

    /** Takes an answer, or a part of one. */
    void received(Object message) {
        ByteBuf bytes = message instanceof ByteBuf plain ? plain : ((ByteBufHolder) message).content();
        int read = bytes.readableBytes();
        boolean own = missing < WireFormat.SIZE || read < Long.BYTES || bytes.getLong(bytes.readerIndex()) == stamp;
        bytes.skipBytes(read).release();
        missing -= read;
        RequestClient asked = Objects.requireNonNull(client, "an answer without a request");
        if (!own || missing < 0) {
            asked.fail(new IllegalStateException("the answer belongs to another request"));
        } else if (missing == 0) {
            asked.answered();
        }
    }

    /** The connection has ended. */
    void ended(@Nullable Throwable cause) {
        RequestClient last = client;
        if (last != null && missing > 0) {
            last.fail(new IllegalStateException("the connection was closed", cause));
        } else if (last != null) {
            last.lost();
        }
    }
}
