package dev.keepalive.bench.httpclient;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The floor of HTTP/1.1: Netty's codec on a channel for each client, all on one event loop. */
final class RawHttp1 implements HttpContender {
    private final RawChannels channels;
    private final String path;
    private final HttpHeaders headers;

    RawHttp1(HttpTarget target) {
        channels = new RawChannels(target);
        path = target.path();
        headers = new DefaultHttpHeaders()
                .add(HttpHeaderNames.HOST, target.authority())
                .add(HttpHeaderNames.USER_AGENT, "bench");
    }

    @Override
    public RequestSender newSender() {
        Answers answers = new Answers();
        Channel channel = channels.open(
                opened -> opened.pipeline().addLast(new HttpResponseDecoder(), new HttpRequestEncoder(), answers));
        return listener -> {
            answers.open = new OpenAnswer(listener);
            channel.writeAndFlush(
                    new DefaultFullHttpRequest(
                            HttpVersion.HTTP_1_1,
                            HttpMethod.GET,
                            path,
                            Unpooled.EMPTY_BUFFER,
                            headers,
                            EmptyHttpHeaders.INSTANCE),
                    channel.voidPromise());
        };
    }

    @Override
    public void close() {
        channels.close();
    }

    private static final class Answers extends ChannelInboundHandlerAdapter {
        private volatile @Nullable OpenAnswer open;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            OpenAnswer present = open;
            if (present == null) {
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof HttpResponse head) {
                present.head(head.status().code(), (int) HttpUtil.getContentLength(head, 0L));
            }
            if (message instanceof HttpContent part) {
                present.part(part.content());
                part.release();
            }
            if (message instanceof LastHttpContent) {
                open = null;
                present.end();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            exceptionCaught(context, new IOException("the channel was closed"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            OpenAnswer present = open;
            open = null;
            if (present != null) {
                present.fail(cause);
            }
            context.close();
        }
    }
}
