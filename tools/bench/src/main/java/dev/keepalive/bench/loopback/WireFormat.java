package dev.keepalive.bench.loopback;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpVersion;

/** The form of requests and answers on the wire. The content of an answer is the same in all. */
public enum WireFormat {
    /** The content, and nothing else. The request is the same. */
    ECHO {
        @Override
        void addClientCodec(ChannelPipeline pipeline) {}

        @Override
        Object request(ByteBufAllocator allocator, long number) {
            return content(allocator, number);
        }

        @Override
        void addServerCodec(ChannelPipeline pipeline) {}

        @Override
        Object answer(ByteBufAllocator allocator, Object request) {
            return request;
        }
    },

    /** HTTP/1.1: a GET request with the stamp in its path. Netty's codec and aggregator stay on the connection. */
    HTTP {
        @Override
        void addClientCodec(ChannelPipeline pipeline) {
            pipeline.addLast(new HttpResponseDecoder(), new HttpRequestEncoder(), new HttpObjectAggregator(LARGEST));
        }

        @Override
        Object request(ByteBufAllocator allocator, long number) {
            return new DefaultFullHttpRequest(
                    HttpVersion.HTTP_1_1,
                    HttpMethod.GET,
                    "/" + number,
                    Unpooled.EMPTY_BUFFER,
                    REQUEST_HEADERS,
                    EmptyHttpHeaders.INSTANCE);
        }

        @Override
        void addServerCodec(ChannelPipeline pipeline) {
            pipeline.addLast(
                    new HttpServerCodec(), new HttpServerKeepAliveHandler(), new HttpObjectAggregator(LARGEST));
        }

        @Override
        Object answer(ByteBufAllocator allocator, Object request) {
            long number = Long.parseLong(((HttpRequest) request).uri().substring(1));
            var answer = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.OK, content(allocator, number));
            answer.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "application/octet-stream")
                    .setInt(HttpHeaderNames.CONTENT_LENGTH, SIZE);
            return answer;
        }
    };

    /** The size of the content, in bytes. */
    public static final int SIZE = 64;

    private static final int LARGEST = 65_536;
    private static final HttpHeaders REQUEST_HEADERS = new DefaultHttpHeaders()
            .add(HttpHeaderNames.HOST, "127.0.0.1")
            .add(HttpHeaderNames.USER_AGENT, "bench")
            .add(HttpHeaderNames.ACCEPT, "*/*");

    /** Adds the client's handlers, which make one message of each answer: a buffer, or a holder of one. */
    abstract void addClientCodec(ChannelPipeline pipeline);

    /** A request with this number as its stamp. */
    abstract Object request(ByteBufAllocator allocator, long number);

    /** Adds the server's handlers, which make one message of each request. */
    abstract void addServerCodec(ChannelPipeline pipeline);

    /** The answer to a request, which it takes over or releases. */
    abstract Object answer(ByteBufAllocator allocator, Object request);

    private static ByteBuf content(ByteBufAllocator allocator, long number) {
        return allocator.ioBuffer(SIZE).writeLong(number).writeZero(SIZE - Long.BYTES);
    }
}
