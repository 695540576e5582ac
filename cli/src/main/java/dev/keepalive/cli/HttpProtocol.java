package dev.keepalive.cli;

import dev.keepalive.netty.Protocol;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 with one exchange at a time, a limit of size and one of time. */
final class HttpProtocol {
    /** The status of a response whose status line cannot be read; compared by identity. */
    private static final HttpResponseStatus NO_STATUS = new HttpResponseStatus(999, "no status");

    private HttpProtocol() {}

    /**
     * The protocol whose answers are the exchanges themselves, when their responses are complete.
     *
     * @param maxHeaderSize most bytes of the header section, of the trailer section, of the status line, and of the
     *     line before a chunk
     * @param responseTimeout how long the whole response may take
     */
    static Protocol<Requests<HttpExchange, HttpExchange>> of(int maxHeaderSize, Duration responseTimeout) {
        // RFC 9112, section 2.2: a line may end with LF alone.
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(maxHeaderSize)
                .setMaxHeaderSize(maxHeaderSize)
                .setStrictLineParsing(false);
        return context -> RequestResponse.<HttpExchange, HttpExchange>of(
                        HttpExchange.class,
                        pipeline -> pipeline.addLast(
                                new ResponseDecoder(config),
                                new HttpRequestEncoder(),
                                new ExchangeHandler(context.applicationProtocol())))
                .withAnswerTimeout(responseTimeout)
                .install(context);
    }

    /** Whether this unreadable response has no readable status line. */
    static boolean hasNoStatus(HttpResponse unreadable) {
        return unreadable.status() == NO_STATUS;
    }

    private static final class ResponseDecoder extends HttpResponseDecoder {
        ResponseDecoder(HttpDecoderConfig config) {
            super(config);
        }

        @Override
        protected HttpMessage createInvalidMessage() {
            return new DefaultHttpResponse(HttpVersion.HTTP_1_1, NO_STATUS);
        }
    }

    /** Sends the request of an exchange, and passes the exchange on when its response is complete. */
    private static final class ExchangeHandler extends ChannelDuplexHandler {
        /** The protocol that the server chose; null if it was not asked. */
        private final @Nullable String chosen;

        private @Nullable HttpExchange current;

        ExchangeHandler(@Nullable String chosen) {
            this.chosen = chosen;
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws IOException {
            if (chosen != null && !chosen.startsWith("http/1.")) {
                throw new IOException("the server chose the protocol '" + chosen + "', and fetch speaks HTTP/1.1");
            }
            HttpExchange exchange = (HttpExchange) message;
            current = exchange;
            context.write(exchange.request(), promise);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws IOException {
            HttpExchange exchange = current;
            if (exchange == null) {
                // It answers no request, which ends the connection.
                context.fireChannelRead(message);
                return;
            }
            try {
                exchange.received((HttpObject) message);
            } finally {
                ReferenceCountUtil.release(message);
            }
            if (exchange.isComplete()) {
                current = null;
                context.fireChannelRead(exchange);
            }
        }
    }
}
