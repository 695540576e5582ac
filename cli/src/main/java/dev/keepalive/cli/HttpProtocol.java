package dev.keepalive.cli;

import dev.keepalive.netty.Framing;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The framing of HTTP/1.1 exchanges, with a limit of size and one of time. */
final class HttpFraming {
    /** The status of a response whose status line cannot be read; compared by identity. */
    private static final HttpResponseStatus NO_STATUS = new HttpResponseStatus(999, "no status");

    private HttpFraming() {}

    /**
     * The framing of one request without content and its response on each lease.
     *
     * @param maxHeaderSize most bytes of the header section, of the trailer section, of the status line, and of the
     *     line before a chunk
     * @param responseTimeout how long the whole response may take; a {@link TimeoutException} ends the connection then
     */
    static Framing<HttpObject> of(int maxHeaderSize, Duration responseTimeout) {
        // RFC 9112, section 2.2: a line may end with LF alone.
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(maxHeaderSize)
                .setMaxHeaderSize(maxHeaderSize)
                .setStrictLineParsing(false);
        return Framing.of(
                HttpObject.class,
                () -> List.of(
                        new ResponseTimeout(responseTimeout), new HttpRequestEncoder(), new ResponseDecoder(config)));
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

    /** Ends the connection when the response takes too long. Removed at the end of the lease. */
    static final class ResponseTimeout extends ChannelInboundHandlerAdapter {
        private final Duration timeout;
        private @Nullable Future<?> timer;

        ResponseTimeout(Duration timeout) {
            this.timeout = timeout;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            timer = context.executor().schedule(() -> expired(context), timeout.toNanos(), TimeUnit.NANOSECONDS);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            if (timer != null) {
                timer.cancel(false);
            }
        }

        private void expired(ChannelHandlerContext context) {
            context.fireExceptionCaught(new TimeoutException("the response was not complete after "
                    + DurationConverter.text(timeout) + " (--response-timeout)"));
        }
    }
}
