package dev.keepalive.cli;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import java.io.EOFException;
import java.io.IOException;
import java.util.Objects;

/** What is wrong with a response that cannot be read, and where. */
final class UnreadableResponse {
    private static final int LONGEST_TEXT = 200;

    private UnreadableResponse() {}

    /** The connection ended before the response. */
    static EOFException cutOff() {
        return new EOFException("the server closed the connection before the end of its response");
    }

    /**
     * The failure for a part of a response that the decoder could not read.
     *
     * @param bytes how many bytes of the body were read before it
     */
    static IOException of(HttpObject part, long bytes) {
        Throwable cause = Objects.requireNonNull(part.decoderResult().cause());
        if (cause instanceof PrematureChannelClosureException) {
            return cutOff();
        }
        String text = cause instanceof TooLongFrameException
                ? "longer than --max-header-size allows: " + cause.getMessage()
                : visible(Objects.requireNonNullElse(
                        cause.getMessage(), cause.getClass().getSimpleName()));
        return new IOException("not a valid HTTP response: " + place(part, bytes) + ": " + text, cause);
    }

    private static String place(HttpObject part, long bytes) {
        if (part instanceof HttpResponse response) {
            return HttpProtocol.hasNoStatus(response) ? "status line" : "header section";
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
