package dev.keepalive.bench.httpclient;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;

/** Answers requests of HTTP/2. */
final class Http2Answers extends ChannelInboundHandlerAdapter {
    private final AnswerContent contents;

    Http2Answers(AnswerContent contents) {
        this.contents = contents;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Http2HeadersFrame request && request.isEndStream()) {
            ByteBuf content = contents.of(request.headers().path().toString());
            DefaultHttp2Headers headers = new DefaultHttp2Headers(false);
            headers.status("200");
            AnswerContent.FIELDS.forEach(headers::add);
            headers.setInt(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes());
            context.write(new DefaultHttp2HeadersFrame(headers).stream(request.stream()));
            context.write(new DefaultHttp2DataFrame(content, true).stream(request.stream()));
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
