package dev.keepalive.http;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.EOFException;
import java.io.IOException;
import java.util.Objects;

/** What is wrong with an HTTP/1.1 response that cannot be read, and where. */
final class UnreadableResponse {
    private static final int LONGEST_TEXT = 200;

    private UnreadableResponse() {}

    /** The connection has ended before the response. @param bytes how many bytes of its body have come */
    static EOFException cutOff(boolean begun, long bytes) {
        return new EOFException("the server closed the connection "
                + (begun
                        ? "before the end of its response, after " + bytes + " bytes of its body"
                        : "without a response"));
    }

    /** The failure for a response that is framed, or used, in a way that this client does not take. */
    static IOException of(String place, String what) {
        return new IOException("not a valid HTTP/1.1 response: " + place + ": " + visible(what));
    }

    /**
     * The failure for a part of a response that the decoder could not read.
     *
     * @param bytes how many bytes of the body were read before it
     */
    static IOException of(HttpObject part, long bytes, HttpOptions options) {
        Throwable cause = Objects.requireNonNull(part.decoderResult().cause());
        if (cause instanceof PrematureChannelClosureException) {
            return cutOff(true, bytes);
        } else if (cause instanceof Http1ResponseDecoder.LimitException) {
            return new HttpLimitException("the response has " + cause.getMessage());
        } else if (cause instanceof TooLongFrameException) {
            return new HttpLimitException("the " + longPart(part, bytes, cause) + " of the response is longer than "
                    + options.maxHeaderSize() + " bytes (maxHeaderSize)");
        }
        String text =
                Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName());
        IOException failure = of(place(part, bytes), text);
        failure.initCause(cause);
        return failure;
    }

    private static String longPart(HttpObject part, long bytes, Throwable cause) {
        boolean line = cause instanceof TooLongHttpLineException;
        if (part instanceof HttpResponse) {
            return line ? "status line" : "header section";
        }
        return (line ? "line before a chunk" : "trailer section") + ", after " + bytes + " bytes of content,";
    }

    private static String place(HttpObject part, long bytes) {
        if (part instanceof HttpResponse response) {
            return Http1ResponseDecoder.hasNoStatus(response) ? "status line" : "header section";
        }
        return "chunked body, after " + bytes + " bytes of content";
    }

    /** The text with everything escaped that a terminal would not show, and cut if it is long. */
    private static String visible(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(LONGEST_TEXT).forEach(c -> {
            if (c >= ' ' && c <= '~') {
                shown.appendCodePoint(c);
            } else {
                shown.append(String.format("\\u%04x", c));
            }
        });
        return text.length() > LONGEST_TEXT ? shown + "..." : shown.toString();
    }
}
