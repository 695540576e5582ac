package dev.keepalive.bench.httpclient;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;

/** Answers requests of HTTP/1.1. */
final class Http1Answers extends ChannelInboundHandlerAdapter {
    private final AnswerContent contents;
    private String path = "";

    Http1Answers(AnswerContent contents) {
        this.contents = contents;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof HttpRequest request) {
            path = request.uri();
        }
        if (message instanceof LastHttpContent) {
            ByteBuf content = contents.of(path);
            FullHttpResponse answer = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK, content);
            AnswerContent.FIELDS.forEach(answer.headers()::add);
            answer.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
            context.write(answer, context.voidPromise());
        }
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
