package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes Netty's requests of ours, and reads Netty's responses: the rules of RFC 9112 on framing and keep-alive. */
final class Http1Messages {
    private Http1Messages() {}

    // ---- requests

    /** A request without a body. */
    static HttpObject whole(RequestHead head) {
        return whole(head, Unpooled.EMPTY_BUFFER, headers(head));
    }

    /** A request with all of its body, which is released if this throws. */
    static HttpObject whole(RequestHead head, ByteBuf content) {
        try {
            return whole(head, content, headers(head).set(HttpHeaderNames.CONTENT_LENGTH, content.readableBytes()));
        } catch (RuntimeException unwritable) {
            content.release();
            throw unwritable;
        }
    }

    private static HttpObject whole(RequestHead head, ByteBuf content, HttpHeaders headers) {
        return new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1,
                HttpMethod.valueOf(head.method()),
                head.target(),
                content,
                headers,
                EmptyHttpHeaders.INSTANCE);
    }

    /** The head of a request whose body follows. @param length {@link RequestBody#UNKNOWN} if it is not known */
    static HttpObject head(RequestHead head, long length, boolean expectContinue) {
        HttpHeaders headers = headers(head);
        if (length == RequestBody.UNKNOWN) {
            headers.set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
        } else {
            headers.set(HttpHeaderNames.CONTENT_LENGTH, length);
        }
        if (expectContinue) {
            headers.set(HttpHeaderNames.EXPECT, HttpHeaderValues.CONTINUE);
        }
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.valueOf(head.method()), head.target(), headers);
    }

    /** Host comes first (RFC 9110, section 7.2). Netty refuses what would break the line. */
    private static HttpHeaders headers(RequestHead head) {
        HttpHeaders headers = DefaultHttpHeadersFactory.headersFactory().newHeaders();
        headers.add(HttpHeaderNames.HOST, head.authority());
        head.fields().forEach(headers::add);
        return headers;
    }

    // ---- responses

    static HeaderFields fields(HttpResponse response, Http1ResponseDecoder decoder) {
        HeaderFields fields = new HeaderFields();
        Iterator<Map.Entry<CharSequence, CharSequence>> all = response.headers().iteratorCharSequence();
        while (all.hasNext()) {
            Map.Entry<CharSequence, CharSequence> field = all.next();
            fields.add(field.getKey().toString(), field.getValue().toString());
        }
        String removed = decoder.removedTransferEncoding();
        if (removed != null && !fields.contains("Transfer-Encoding")) {
            fields.add("Transfer-Encoding", removed);
        }
        return fields;
    }

    /** What is wrong with the framing of a response; null if nothing is. */
    static @Nullable String faultyFraming(HttpResponse response, Http1ResponseDecoder decoder) {
        List<String> codings = response.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (codings.isEmpty() || decoder.hasNoBody()) {
            return null;
        } else if (codings.size() > 1 || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0))) {
            return "Transfer-Encoding '" + String.join(", ", codings) + "', and only 'chunked' was asked for";
        } else if (HttpUtil.isContentLengthSet(response)) {
            return "both Transfer-Encoding and Content-Length";
        }
        return null;
    }

    /** How long the body of a response is; -1 if only its end tells. */
    static long length(HttpResponse response, Http1ResponseDecoder decoder) {
        return decoder.hasNoBody() ? 0 : HttpUtil.getContentLength(response, -1L);
    }

    /** Whether the connection goes on after this response (RFC 9112, section 9.3). */
    static boolean keepsConnection(RequestHead request, HttpResponse response, Http1ResponseDecoder decoder) {
        boolean endsByItself = decoder.hasNoBody()
                || HttpUtil.isContentLengthSet(response)
                || HttpUtil.isTransferEncodingChunked(response);
        return endsByItself
                && HttpUtil.isKeepAlive(response)
                && !request.method().equals("CONNECT")
                && !asksForClose(request.fields());
    }

    private static boolean asksForClose(HeaderFields fields) {
        return fields.contains("Connection")
                && fields.values("Connection").stream()
                        .flatMap(value -> List.of(value.split(",")).stream())
                        .anyMatch(token -> token.trim().equalsIgnoreCase("close"));
    }
}
