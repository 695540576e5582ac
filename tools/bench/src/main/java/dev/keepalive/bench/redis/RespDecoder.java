package dev.keepalive.bench.redis;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Decodes the answers of Redis to simple commands: all but arrays. */
final class RespDecoder extends ByteToMessageDecoder {
    private static final int LINE_END = 2;

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n') - 1;
        if (end < 0) {
            return;
        }
        char type = (char) in.getByte(in.readerIndex());
        String line = text(in, in.readerIndex() + 1, end);
        switch (type) {
            case '+', '-', ':' -> {
                in.readerIndex(end + LINE_END);
                out.add(new RespValue(type, line));
            }
            case '$' -> decodeText(in, end + LINE_END, Integer.parseInt(line), out);
            default -> throw new CorruptedFrameException("an answer that begins with '" + type + "'");
        }
    }

    private static void decodeText(ByteBuf in, int begin, int length, List<Object> out) {
        if (length < 0) {
            in.readerIndex(begin);
            out.add(new RespValue('$', null));
        } else if (in.writerIndex() >= begin + length + LINE_END) {
            in.readerIndex(begin + length + LINE_END);
            out.add(new RespValue('$', text(in, begin, begin + length)));
        }
    }

    private static String text(ByteBuf in, int begin, int end) {
        return in.toString(begin, end - begin, StandardCharsets.UTF_8);
    }
}
