package dev.keepalive.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Stands in front of the codec of pipelined requests. It closes the connection if the peer sends anything while no
 * answer is awaited, be it a part of a message: it would become the begin of an answer to the next request. Event loop
 * only.
 */
final class AnswerGuard extends ChannelDuplexHandler {
    private final ProtocolContext context;
    private final BooleanSupplier isAwaited;
    private final List<DecoderWatch> decoders = new ArrayList<>(1);
    private long writes;

    /** @param isAwaited whether anything is awaited from the peer */
    AnswerGuard(ProtocolContext context, BooleanSupplier isAwaited) {
        this.context = context;
        this.isAwaited = isAwaited;
    }

    /** Watches the decoders behind this handler. */
    void watch(ChannelPipeline pipeline) {
        List<ChannelHandler> all = new ArrayList<>(pipeline.toMap().values());
        for (ChannelHandler handler : all.subList(all.indexOf(this) + 1, all.size())) {
            if (handler instanceof ByteToMessageDecoder decoder) {
                decoders.add(DecoderWatch.of(decoder, ByteToMessageDecoder.MERGE_CUMULATOR));
            }
        }
    }

    /** How many buffers the codec has written until now. */
    long writes() {
        return writes;
    }

    @Override
    public void channelRead(ChannelHandlerContext reader, Object message) {
        if (!isAwaited.getAsBoolean()) {
            ReferenceCountUtil.release(message);
            context.close(new StrayInputException(false));
            return;
        }
        reader.fireChannelRead(message);
        boolean kept = false;
        for (int i = 0; i < decoders.size(); i++) {
            kept |= decoders.get(i).hasKept();
            decoders.get(i).letGo();
        }
        if (kept && !isAwaited.getAsBoolean()) {
            context.close(new StrayInputException(true));
        }
    }

    @Override
    public void write(ChannelHandlerContext writer, Object message, ChannelPromise promise) {
        if (message instanceof ByteBuf || message instanceof FileRegion) {
            writes++;
        }
        writer.write(message, promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        decoders.forEach(DecoderWatch::letGo);
    }
}
