package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.List;

/** The response of one stream: checks that it is well-formed (RFC 9113, section 8.1), and tells it. Event loop only. */
final class Http2Response {
    private static final int CONTINUE = 100;
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;
    private static final long UNKNOWN = -1;
    private static final long INVALID = -2;

    private final Http2Exchange exchange;
    private final HttpOptions options;
    private final ExchangeEvents events;
    private final boolean isHead;
    private int informational;
    private boolean begun;
    private boolean complete;
    private boolean hasBody;
    private long length = UNKNOWN;
    private long received;

    Http2Response(Http2Exchange exchange, HttpOptions options, ExchangeEvents events, String method) {
        this.exchange = exchange;
        this.options = options;
        this.events = events;
        this.isHead = method.equals("HEAD");
    }

    /** Whether anything of it has come. */
    boolean isBegun() {
        return begun || informational > 0;
    }

    boolean isComplete() {
        return complete;
    }

    void headers(Http2ResponseFields fields, boolean last) {
        if (begun) {
            trailers(fields, last);
            return;
        }
        String fault = fields.responseFault();
        if (fault != null) {
            exchange.malformed(fault);
        } else if (fields.isTooMany()) {
            exchange.beyondLimit("the response has more than " + options.maxHeaderFields() + " header fields");
        } else if (fields.statusCode() < OK) {
            informational(fields, last);
        } else {
            begin(fields, last);
        }
    }

    private void informational(Http2ResponseFields fields, boolean last) {
        int status = fields.statusCode();
        if (status == SWITCHING_PROTOCOLS) {
            exchange.malformed("its status is 101, which HTTP/2 does not have");
        } else if (last) {
            exchange.malformed("it ends with the informational status " + status);
        } else if (++informational > options.maxInformational()) {
            exchange.beyondLimit("the server sent more than " + options.maxInformational()
                    + " informational responses (status 1xx) before the final one");
        } else {
            events.informational(status, fields.fields());
            if (status == CONTINUE) {
                exchange.mayContinue();
            }
        }
    }

    private void begin(Http2ResponseFields fields, boolean last) {
        int status = fields.statusCode();
        hasBody = !isHead && status != NO_CONTENT && status != NOT_MODIFIED;
        HeaderFields all = fields.fields();
        length = all.contains("content-length") ? contentLength(all.values("content-length")) : UNKNOWN;
        if (length == INVALID) {
            String values = String.join(", ", all.values("content-length"));
            exchange.malformed("its content-length is " + Texts.quoted(values) + ", not one number");
        } else if (last && hasBody && length > 0) {
            exchange.malformed("its content-length is " + length + ", and it has no body");
        } else {
            begun = true;
            exchange.answered();
            events.response(status, all);
            endIf(last);
        }
    }

    /** Several values are allowed if they are the same (RFC 9110, section 8.6). */
    private static long contentLength(List<String> values) {
        String first = values.get(0);
        for (String each : values) {
            if (!each.equals(first)) {
                return INVALID;
            }
        }
        try {
            return Texts.isNumber(first) ? Long.parseLong(first) : INVALID;
        } catch (NumberFormatException tooLarge) {
            return INVALID;
        }
    }

    private void trailers(Http2ResponseFields fields, boolean last) {
        String fault = fields.trailerFault();
        if (!last) {
            exchange.malformed("it has a second header section");
        } else if (fault != null) {
            exchange.malformed(fault);
        } else if (fields.isTooMany()) {
            exchange.beyondLimit("the response has more than " + options.maxHeaderFields() + " trailer fields");
        } else {
            endIf(true);
        }
    }

    void data(ByteBuf data, boolean last) {
        int bytes = data.readableBytes();
        received += bytes;
        if (!begun) {
            exchange.malformed("DATA comes before its header section");
        } else if (bytes > 0 && !hasBody) {
            exchange.malformed("it has DATA, which no response to HEAD and none with status 204 or 304 has");
        } else if (hasBody && length >= 0 && received > length) {
            exchange.malformed("its content-length is " + length + ", and its body is longer");
        } else {
            if (bytes > 0) {
                byte[] copy = new byte[bytes];
                data.getBytes(data.readerIndex(), copy);
                events.data(ByteBuffer.wrap(copy));
            }
            endIf(last);
        }
    }

    private void endIf(boolean last) {
        if (!last || exchange.isOver()) {
            return;
        }
        if (hasBody && length >= 0 && received < length) {
            exchange.malformed("its content-length is " + length + ", and its body has " + received + " bytes");
        } else {
            complete = true;
            exchange.responseComplete();
        }
    }
}
