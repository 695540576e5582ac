package dev.keepalive.bench.redis;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToByteEncoder;

/** Encodes a command of Redis: its name and its arguments. */
final class RespEncoder extends MessageToByteEncoder<String[]> {
    @Override
    protected void encode(ChannelHandlerContext context, String[] command, ByteBuf out) {
        ByteBufUtil.writeAscii(out, "*" + command.length + "\r\n");
        for (String word : command) {
            ByteBufUtil.writeAscii(out, "$" + ByteBufUtil.utf8Bytes(word) + "\r\n");
            ByteBufUtil.writeUtf8(out, word);
            ByteBufUtil.writeAscii(out, "\r\n");
        }
    }
}
