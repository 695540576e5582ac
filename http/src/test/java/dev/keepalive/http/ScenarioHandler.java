package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Answers by the path of the request. For one stream of HTTP/2, or for one connection with HTTP/1.1. */
final class ScenarioHandler extends SimpleChannelInboundHandler<HttpObject> {
    private final ScenarioServer server;
    private final boolean http2;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private @Nullable HttpRequest request;
    private @Nullable SeenRequest seen;
    private @Nullable Flood flood;
    private boolean answered;
    private boolean deaf;
    private long heard;

    ScenarioHandler(ScenarioServer server, boolean http2) {
        this.server = server;
        this.http2 = http2;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HttpObject message) {
        if (message instanceof HttpRequest head) {
            request = head;
            body.reset();
            answered = false;
            seen = server.see(new SeenRequest(head, http2));
            atHead(context, head);
        }
        if (message instanceof HttpContent content) {
            if (deaf) {
                heard += content.content().readableBytes();
            } else {
                body.writeBytes(ByteBufUtil.getBytes(content.content()));
            }
        }
        if (message instanceof LastHttpContent && request != null && seen != null) {
            seen.body(Described.bytes(body.toByteArray()));
            if (!answered) {
                answer(context, request);
            }
        }
    }

    private void atHead(ChannelHandlerContext context, HttpRequest head) {
        String path = path(head);
        deaf = path.equals("/deaf");
        if (deaf) {
            server.deaf(context);
        } else if (path.equals("/early")) {
            answered = true;
            full(context, 413, "too large".getBytes(), "connection", "close");
        } else if (path.equals("/refuse-expectation")) {
            answered = true;
            full(context, 417, new byte[0], "connection", "close");
        } else if (HttpUtil.is100ContinueExpected(head) && !path.equals("/final-without-continue")) {
            context.writeAndFlush(informational(100));
        }
    }

    private static String path(HttpRequest request) {
        return new QueryStringDecoder(withoutOrigin(request.uri())).path();
    }

    /** A proxy is asked for a whole URI. */
    private static String withoutOrigin(String target) {
        return target.startsWith("http://") ? target.substring(target.indexOf('/', 7)) : target;
    }

    private void answer(ChannelHandlerContext context, HttpRequest head) {
        String path = path(head);
        String name = path.substring(1).split("/", 2)[0];
        String rest = path.length() > name.length() + 1 ? path.substring(name.length() + 2) : "";
        switch (name) {
            case "echo", "final-without-continue" -> full(context, 200, body.toByteArray(), contentType(head));
            case "status" -> full(context, Integer.parseInt(rest), new byte[0]);
            case "body" -> full(context, 200, Described.pattern(Integer.parseInt(rest)));
            case "chunked" -> chunked(context, Integer.parseInt(rest));
            case "until-close" -> untilClose(context, Integer.parseInt(rest));
            case "text" ->
                full(context, 200, new byte[] {'a', (byte) 0xe9, '\n', 'b', '\r', '\n', 'c'}, "content-type", rest);
            case "redirect" -> redirect(context, head, Integer.parseInt(rest));
            case "loop" -> full(context, 302, new byte[0], "location", "/loop/" + (Integer.parseInt(rest) + 1));
            case "bare-status" -> full(context, Integer.parseInt(rest), "no location".getBytes());
            case "fields" -> fields(context);
            case "field" -> full(context, 200, new byte[0], query(head, "name"), query(head, "value"));
            case "close" -> full(context, 200, "closing".getBytes(), "connection", "close");
            default -> answerOdd(context, head, name, rest);
        }
    }

    private void answerOdd(ChannelHandlerContext context, HttpRequest head, String name, String rest) {
        switch (name) {
            case "silence" -> {}
            case "stall" -> stall(context, Integer.parseInt(rest));
            case "flood" -> flood(context, Long.parseLong(rest));
            case "deaf" -> full(context, 200, ("heard " + heard).getBytes());
            case "cut" -> cut(context, Integer.parseInt(rest));
            case "end" -> end(context, Http2Error.valueOf(rest));
            case "goaway" -> goAway(context);
            case "informational" -> {
                context.write(informational(Integer.parseInt(rest)));
                full(context, 200, "after".getBytes());
            }
            case "trailers" -> trailers(context);
            case "auth" -> auth(context, head, "authorization", 401, "www-authenticate", rest);
            case "proxy-auth" -> auth(context, head, "proxy-authorization", 407, "proxy-authenticate", rest);
            case "unexplained" -> full(context, Integer.parseInt(rest), "why".getBytes());
            case "set-cookie" -> full(context, 200, new byte[0], "set-cookie", query(head, "cookie"));
            case "gzip" -> full(context, 200, new byte[] {31, -117, 8}, "content-encoding", "gzip");
            default -> full(context, 404, "unknown".getBytes());
        }
    }

    private static String[] contentType(HttpRequest head) {
        String type = head.headers().get("content-type");
        return type == null ? new String[0] : new String[] {"content-type", type};
    }

    private static String query(HttpRequest head, String key) {
        return new QueryStringDecoder(head.uri()).parameters().get(key).get(0);
    }

    // ---- answers

    private void full(ChannelHandlerContext context, int status, byte[] content, String... fields) {
        boolean bodyless = HttpMethod.HEAD.equals(request == null ? null : request.method()) || status == 304;
        ByteBuf body = bodyless ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(content);
        HttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), body);
        if (status != 204 && status != 304) {
            response.headers().set(HttpHeaderNames.CONTENT_LENGTH, content.length);
        }
        add(response, fields);
        boolean close = !http2 && response.headers().containsValue("connection", "close", true);
        var written = context.writeAndFlush(response);
        if (close) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private static void add(HttpResponse response, String... fields) {
        for (int i = 0; i < fields.length; i += 2) {
            response.headers().add(fields[i], fields[i + 1]);
        }
    }

    private static HttpResponse informational(int status) {
        return new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.EMPTY_BUFFER);
    }

    private HttpResponse head(String... fields) {
        HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        add(response, fields);
        return response;
    }

    private void chunked(ChannelHandlerContext context, int length) {
        HttpResponse response = head();
        if (!http2) {
            HttpUtil.setTransferEncodingChunked(response, true);
        }
        context.write(response);
        byte[] all = Described.pattern(length);
        int part = 1_000;
        for (int i = 0; i < length; i += part) {
            context.write(new DefaultHttpContent(Unpooled.wrappedBuffer(all, i, Math.min(part, length - i))));
        }
        context.writeAndFlush(new DefaultLastHttpContent());
    }

    private void untilClose(ChannelHandlerContext context, int length) {
        context.write(head("connection", "close"));
        context.write(new DefaultHttpContent(Unpooled.wrappedBuffer(Described.pattern(length))));
        var written = context.writeAndFlush(new DefaultLastHttpContent());
        if (!http2) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void trailers(ChannelHandlerContext context) {
        HttpResponse response = head("trailer", "x-sum");
        if (!http2) {
            HttpUtil.setTransferEncodingChunked(response, true);
        }
        context.write(response);
        context.write(new DefaultHttpContent(Unpooled.wrappedBuffer("with trailers".getBytes())));
        LastHttpContent last = new DefaultLastHttpContent();
        last.trailingHeaders().set("x-sum", "1");
        context.writeAndFlush(last);
    }

    /** So many bytes of one more, and then nothing. */
    private void stall(ChannelHandlerContext context, int length) {
        context.write(head("content-length", String.valueOf(length + 1)));
        context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(Described.pattern(length))));
    }

    private void flood(ChannelHandlerContext context, long length) {
        context.write(head("content-length", String.valueOf(length)));
        flood = new Flood(context, length, server.written());
        flood.go();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (flood != null) {
            flood.go();
        }
    }

    private void cut(ChannelHandlerContext context, int length) {
        context.write(head("content-length", String.valueOf(length + 1)));
        context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(Described.pattern(length))))
                .addListener(done -> end(context, Http2Error.INTERNAL_ERROR));
    }

    /** No answer: the stream is reset, or the connection closed. */
    private void end(ChannelHandlerContext context, Http2Error error) {
        if (http2) {
            context.writeAndFlush(new DefaultHttp2ResetFrame(error));
        } else {
            context.close();
        }
    }

    private void goAway(ChannelHandlerContext context) {
        if (http2) {
            context.channel().parent().write(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR));
        }
        full(context, 200, "going".getBytes(), "connection", "close");
    }

    private void redirect(ChannelHandlerContext context, HttpRequest head, int status) {
        full(context, status, "moved".getBytes(), "location", query(head, "to"));
    }

    private void fields(ChannelHandlerContext context) {
        List<String> fields = List.of(
                "x-one",
                "1",
                "X-Mixed-Case",
                "Mixed Case",
                "x-twice",
                "first",
                "x-twice",
                "second",
                "x-empty",
                "",
                "x-comma",
                "a, b",
                "vary",
                "accept");
        full(context, 200, "fields".getBytes(), fields.toArray(String[]::new));
    }

    private void auth(
            ChannelHandlerContext context, HttpRequest head, String from, int status, String to, String scheme) {
        // user:secret
        if ("Basic dXNlcjpzZWNyZXQ=".equals(head.headers().get(from))) {
            full(context, 200, ("welcome " + Described.bytes(body.toByteArray())).getBytes());
        } else {
            full(context, status, "denied".getBytes(), to, scheme + " realm=\"here\"");
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
