package dev.keepalive.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.TooLongFrameException;
import java.util.List;

/**
 * Cuts input into lines at LF or CRLF, without the line break. A longer line than allowed is an error as soon as that
 * is certain, and the end: nothing behind it is a line. How the input arrives in pieces decides nothing: a CR counts
 * only if no LF follows it. Netty's decoder counts a CR at the end of what has arrived. Event loop only.
 */
final class LineDecoder extends ByteToMessageDecoder {
    private final int maxLength;
    /** How many bytes of the line have been looked at. */
    private int scanned;

    private boolean tooLong;

    LineDecoder(int maxLength) {
        this.maxLength = maxLength;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf input, List<Object> output) {
        if (tooLong) {
            input.skipBytes(input.readableBytes());
            return;
        }
        int start = input.readerIndex();
        int end = input.indexOf(start + scanned, input.writerIndex(), (byte) '\n');
        int stop = end < 0 ? input.writerIndex() : end;
        int length = stop - start - (stop > start && input.getByte(stop - 1) == '\r' ? 1 : 0);
        if (length > maxLength) {
            tooLong = true;
            throw new TooLongFrameException("a line has " + (end < 0 ? "at least " : "") + length + " bytes, and "
                    + maxLength + " are allowed");
        }
        if (end < 0) {
            scanned = stop - start;
        } else {
            scanned = 0;
            output.add(input.readRetainedSlice(length));
            input.skipBytes(end + 1 - start - length);
        }
    }

    /** The input has ended: what has no line break is not a line. */
    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf input, List<Object> output) {
        if (!tooLong && input.isReadable()) {
            decode(context, input, output);
        }
    }
}
