package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What went wrong with HTTP/2, in the words of this client. */
final class Http2Faults {
    private Http2Faults() {}

    /** What ends the connection. */
    static IOException ofConnection(Throwable cause, @Nullable Http2Exception known) {
        if (known == null) {
            return cause instanceof IOException broken ? broken : new IOException("HTTP/2 failed: " + cause, cause);
        }
        if (known.getCause() instanceof HttpLimitException limit) {
            return limit;
        }
        String message = "the server broke the rules of HTTP/2 (" + known.error() + "): " + known.getMessage();
        return isLimit(known) ? new HttpLimitException(message) : new IOException(message, known);
    }

    /** What ends a stream. */
    static IOException ofStream(Http2Exception.StreamException known, boolean outbound) {
        if (outbound) {
            return new IOException("the request cannot be sent with HTTP/2: " + known.getMessage(), known);
        }
        if (known instanceof Http2Exception.HeaderListSizeException) {
            return new HttpLimitException("the response has a header section that is too large: " + known.getMessage());
        }
        return new IOException("the response is malformed (" + known.error() + "): " + known.getMessage(), known);
    }

    private static boolean isLimit(Http2Exception known) {
        return known.error() == Http2Error.ENHANCE_YOUR_CALM
                || known.getMessage() != null && known.getMessage().startsWith("Header size exceeded");
    }

    /** Why the server has reset a stream, and whether the request may be sent again. */
    static IOException ofReset(long code, boolean answered) {
        String when = answered ? " before the response was complete" : " before it answered";
        if (code == Http2Error.HTTP_1_1_REQUIRED.code()) {
            return new IOException("the server requires HTTP/1.1 for this request (it reset the stream with"
                    + " HTTP_1_1_REQUIRED): send it with version HTTP_1_1");
        }
        return new IOException("the server reset the stream with " + name(code) + when);
    }

    /** The message of a GOAWAY frame. */
    static String ofGoAway(int lastStream, long code, ByteBuf debugData) {
        String debug = debugData.isReadable() ? ": " + Texts.quoted(debugData.toString(StandardCharsets.UTF_8)) : "";
        return "the server sent GOAWAY with " + name(code) + " and last stream " + lastStream + debug;
    }

    private static String name(long code) {
        Http2Error error = Http2Error.valueOf(code);
        return error == null ? "the unknown error code " + code : error.name();
    }

    /**
     * Whether requests that a server leaves unanswered may be sent again, after a GOAWAY with this code. A code that is
     * none of HTTP/2's, as Apache may send after the first GOAWAY, changes nothing.
     *
     * @param first whether it is the first GOAWAY
     * @param before what held before it
     */
    static RetrySafety ofUnanswered(long error, boolean first, RetrySafety before) {
        if (error == Http2Error.NO_ERROR.code()) {
            return first ? RetrySafety.LEFT_IF_IDEMPOTENT : before;
        }
        return Http2Error.valueOf(error) == null ? before : RetrySafety.IF_IDEMPOTENT;
    }
}
