package dev.keepalive.http;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The header fields of a request as HTTP/2 has them. */
final class Http2Fields {
    private static final AsciiString GET = AsciiString.cached("GET");
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString EXPECT = AsciiString.cached("expect");
    private static final AsciiString CONTINUE = AsciiString.cached("100-continue");

    /** Shorter cookies could be guessed if they were in the table of the compression (RFC 7541, section 7.1.3). */
    private static final int SHORTEST_INDEXED_COOKIE = 20;

    private Http2Fields() {}

    /** The fields of this request. Those of an HTTP/1.1 connection are dropped (RFC 9113, section 8.2.2). */
    static Http2Headers of(RequestHead head, long bodyLength) {
        List<AsciiString> others = new ArrayList<>(2 * head.fields().size() + 4);
        head.fields().forEach((name, value) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (isSent(lower, value)) {
                others.add(AsciiString.of(lower));
                others.add(AsciiString.of(value));
            }
        });
        if (bodyLength >= 0) {
            others.add(CONTENT_LENGTH);
            others.add(AsciiString.of(Long.toString(bodyLength)));
        }
        if (head.expectContinue() && hasContent(bodyLength)) {
            others.add(EXPECT);
            others.add(CONTINUE);
        }
        return ReadOnlyHttp2Headers.clientHeaders(
                false,
                head.method().equals("GET") ? GET : AsciiString.of(head.method()),
                AsciiString.of(head.target()),
                head.scheme().equals("https") ? HTTPS : HTTP,
                AsciiString.of(head.authority()),
                others.toArray(new AsciiString[0]));
    }

    /** Whether a body of this length is sent in DATA frames. */
    static boolean hasContent(long bodyLength) {
        return bodyLength > 0 || bodyLength == RequestBody.UNKNOWN;
    }

    private static boolean isSent(String name, String value) {
        if (name.equals("te")) {
            return value.equalsIgnoreCase("trailers");
        }
        return !name.startsWith(":") && !name.equals("host") && !isOfConnection(name);
    }

    /** Whether a field belongs to a connection with HTTP/1.1. @param name in lower case */
    static boolean isOfConnection(CharSequence name) {
        return switch (name.length()) {
            case 7 -> AsciiString.contentEquals(name, "upgrade");
            case 10 -> AsciiString.contentEquals(name, "connection") || AsciiString.contentEquals(name, "keep-alive");
            case 14 -> AsciiString.contentEquals(name, "http2-settings");
            case 16 -> AsciiString.contentEquals(name, "proxy-connection");
            case 17 -> AsciiString.contentEquals(name, "transfer-encoding");
            default -> false;
        };
    }

    /** Whether a field must not enter the table of the header compression. */
    static boolean isSensitive(CharSequence name, CharSequence value) {
        return switch (name.length()) {
            case 6 -> AsciiString.contentEquals(name, "cookie") && value.length() < SHORTEST_INDEXED_COOKIE;
            case 13 -> AsciiString.contentEquals(name, "authorization");
            case 19 -> AsciiString.contentEquals(name, "proxy-authorization");
            default -> false;
        };
    }
}
