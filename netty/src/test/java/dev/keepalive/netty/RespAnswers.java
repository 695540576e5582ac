package dev.keepalive.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Decodes the answers of Redis that tests ask for: a status, an error, a number, or a text. */
final class RespAnswers extends ByteToMessageDecoder {
    private static final int LINE_END = 2;

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf input, List<Object> answers) {
        int end = input.indexOf(input.readerIndex(), input.writerIndex(), (byte) '\n') - 1;
        if (end < 0) {
            return;
        }
        String line = input.toString(input.readerIndex(), end - input.readerIndex(), StandardCharsets.UTF_8);
        int next = end + LINE_END;
        if (line.charAt(0) != '$') {
            input.readerIndex(next);
            answers.add(line);
            return;
        }
        int length = Integer.parseInt(line.substring(1));
        if (input.writerIndex() >= next + length + LINE_END) {
            answers.add(input.toString(next, length, StandardCharsets.UTF_8));
            input.readerIndex(next + length + LINE_END);
        }
    }
}
