package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.loopback.LoopbackTls;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.io.IOException;
import java.util.Objects;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The floor of HTTP/2: Netty's codec on one channel with TLS, which all clients share. */
final class RawHttp2 implements HttpContender {
    private static final int STREAM_WINDOW = 1 << 20;
    private static final int CONNECTION_WINDOW = 16 << 20;

    private final RawChannels channels;
    private final Streams streams;

    RawHttp2(HttpTarget target) {
        SslContext tls = tls(Objects.requireNonNull(target.tls(), "tls"));
        channels = new RawChannels(target);
        streams = new Streams(target);
        Codec codec = Codec.with(streams);
        streams.codec = codec;
        Channel channel = channels.open(
                opened -> opened.pipeline().addLast(tls.newHandler(opened.alloc(), "127.0.0.1", target.port()), codec));
        channel.pipeline().get(SslHandler.class).handshakeFuture().syncUninterruptibly();
        channel.eventLoop().submit(codec::begin).syncUninterruptibly();
    }

    private static SslContext tls(LoopbackTls tls) {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(tls.certificate())
                    .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            ApplicationProtocolNames.HTTP_2))
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("no TLS: " + e.getMessage(), e);
        }
    }

    @Override
    public RequestSender newSender() {
        return streams::send;
    }

    @Override
    public void close() {
        channels.close();
    }

    /** Netty's handler of frames, which flushes once for each read. */
    private static final class Codec extends Http2ConnectionHandler {
        private final Streams streams;
        private @Nullable ChannelHandlerContext context;
        private boolean reading;

        private Codec(
                Http2ConnectionDecoder decoder,
                Http2ConnectionEncoder encoder,
                Http2Settings settings,
                Streams streams) {
            super(decoder, encoder, settings);
            this.streams = streams;
        }

        static Codec with(Streams streams) {
            return new Builder(streams).build();
        }

        void begin() {
            try {
                connection()
                        .local()
                        .flowController()
                        .incrementWindowSize(connection().connectionStream(), CONNECTION_WINDOW);
            } catch (Http2Exception e) {
                throw new IllegalStateException(e);
            }
            flush(context());
        }

        private ChannelHandlerContext context() {
            return Objects.requireNonNull(context, "not on a channel");
        }

        EventLoop loop() {
            return (EventLoop) context().executor();
        }

        void get(int stream, Http2Headers headers) {
            ChannelHandlerContext now = context();
            encoder().writeHeaders(now, stream, headers, 0, true, now.newPromise());
            if (!reading) {
                flush(now);
            }
        }

        @Override
        public void handlerAdded(ChannelHandlerContext added) throws Exception {
            context = added;
            super.handlerAdded(added);
        }

        @Override
        public void channelRead(ChannelHandlerContext now, Object message) throws Exception {
            reading = true;
            super.channelRead(now, message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext now) throws Exception {
            reading = false;
            super.channelReadComplete(now);
        }

        @Override
        public void channelInactive(ChannelHandlerContext now) throws Exception {
            streams.fail(new IOException("the channel was closed"));
            super.channelInactive(now);
        }

        @Override
        public void onError(ChannelHandlerContext now, boolean outbound, Throwable cause) {
            streams.fail(cause);
            now.close();
        }
    }

    private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Codec, Builder> {
        private final Streams streams;

        Builder(Streams streams) {
            this.streams = streams;
            server(false);
            frameListener(streams);
            initialSettings(Http2Settings.defaultSettings().pushEnabled(false).initialWindowSize(STREAM_WINDOW));
        }

        @Override
        protected Codec build() {
            return super.build();
        }

        @Override
        protected Codec build(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            return new Codec(decoder, encoder, settings, streams);
        }
    }

    /** The open streams. Event loop only, but for {@link #send}. */
    private static final class Streams extends Http2FrameAdapter {
        private final HttpTarget target;
        private final IntObjectMap<OpenAnswer> open = new IntObjectHashMap<>();
        private Codec codec;
        private int next = 1;

        @SuppressWarnings("NullAway.Init") // the codec, once it is made
        Streams(HttpTarget target) {
            this.target = target;
        }

        void send(AnswerListener listener) {
            EventLoop loop = codec.loop();
            if (loop.inEventLoop()) {
                write(listener);
            } else {
                loop.execute(() -> write(listener));
            }
        }

        private void write(AnswerListener listener) {
            int stream = next;
            next += 2;
            open.put(stream, new OpenAnswer(listener));
            Http2Headers headers = new DefaultHttp2Headers(false)
                    .method("GET")
                    .scheme("https")
                    .authority(target.authority())
                    .path(target.path());
            headers.add(HttpHeaderNames.USER_AGENT, "bench");
            codec.get(stream, headers);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context,
                int stream,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean last) {
            int status = Integer.parseInt(headers.status().toString());
            answer(stream).head(status, headers.getInt(HttpHeaderNames.CONTENT_LENGTH, 0));
            endIf(last, stream);
        }

        @Override
        public int onDataRead(ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean last) {
            int size = data.readableBytes();
            answer(stream).part(data);
            endIf(last, stream);
            return size + padding;
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext context, int stream, long code) {
            fail(new IOException("the stream was reset, code " + code));
        }

        private OpenAnswer answer(int stream) {
            return Objects.requireNonNull(open.get(stream), "an answer to no request");
        }

        private void endIf(boolean ended, int stream) {
            if (ended) {
                Objects.requireNonNull(open.remove(stream)).end();
            }
        }

        void fail(Throwable cause) {
            open.values().forEach(answer -> answer.fail(cause));
            open.clear();
        }
    }
}
