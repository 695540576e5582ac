package dev.keepalive.http;

import dev.keepalive.Lease;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Session;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** HTTP/1.1 on one connection, one exchange after the other. Event loop only, except where stated. */
final class Http1Session implements Session<HttpConnection> {
    /** How long a new connection may wait for its first request. */
    static final long UNUSED_MILLIS = 1_000;

    final ProtocolContext context;
    final HttpOptions options;
    final @Nullable SSLSession tlsSession;
    private final Http1ResponseDecoder decoder;
    private final KeepAliveTerms terms = new KeepAliveTerms(this::now);
    private @Nullable Http1Exchange current;
    private @Nullable Future<?> timer;
    private @Nullable Future<?> unusedTimer;
    private boolean closed;
    private @Nullable Throwable closeCause;

    /** It was leased, be it only to open it ahead. */
    private volatile boolean used;

    /** An exchange was asked for, and has not ended. */
    private volatile boolean busy;

    private Http1Session(ProtocolContext context, HttpOptions options) {
        this.context = context;
        this.options = options;
        this.tlsSession = TlsSessions.of(context);
        this.decoder = new Http1ResponseDecoder(options);
    }

    static Session<HttpConnection> install(ProtocolContext context, HttpOptions options) {
        Http1Session session = new Http1Session(context, options);
        context.pipeline().addLast(session.decoder, new HttpRequestEncoder());
        session.unusedTimer =
                session.channel().eventLoop().schedule(session::retireIfUnused, UNUSED_MILLIS, TimeUnit.MILLISECONDS);
        return session;
    }

    /**
     * The request for which the connection was opened has gone another way, or is cancelled, and no other one has come.
     * A server that gives a thread to each connection waits for a request on it, and one with few threads leaves others
     * unanswered meanwhile.
     */
    private void retireIfUnused() {
        unusedTimer = null;
        if (!used) {
            context.retire();
        }
    }

    Channel channel() {
        return context.channel();
    }

    Http1ResponseDecoder decoder() {
        return decoder;
    }

    // ---- leases, on any thread

    @Override
    public HttpConnection open(Lease<HttpConnection> lease) {
        used = true;
        return new Http1Exchange(this, lease);
    }

    @Override
    public boolean isReusable() {
        // The end of a lease, if nothing was sent: then the connection was opened ahead.
        used = true;
        return !busy;
    }

    void exchangeAskedFor() {
        busy = true;
    }

    // ---- one exchange

    /**
     * The request of this exchange is about to be written.
     *
     * @return why it must not be written; null if it may
     */
    @Nullable
    Throwable begin(Http1Exchange exchange, String method) {
        if (closed || !channel().isActive()) {
            return closeCause == null ? new IOException("the connection is closed") : closeCause;
        } else if (decoder.isInMiddle()) {
            return new IOException("the server has sent a part of a response to no request");
        } else if (terms.areOver()) {
            return new IOException("the server's Keep-Alive time of the connection is over");
        }
        current = exchange;
        decoder.requestBegins(method);
        return null;
    }

    /** The present exchange has ended, and the lease is about to be. @param keep whether the connection goes on */
    void end(boolean keep) {
        current = null;
        if (keep) {
            ChannelConfig config = channel().config();
            config.setAutoClose(true);
            config.setAutoRead(true);
            if (terms.haveTime() && timer == null) {
                setTimer();
            }
            busy = false;
        } else {
            closed = true;
        }
    }

    /** Notes for how long the server keeps the connection. @return false if it does not */
    boolean noteTerms(HeaderFields response) {
        return terms.note(response);
    }

    private long now() {
        return channel().eventLoop().ticker().nanoTime();
    }

    /** One timer for each connection, not for each exchange: it looks whether the time has grown. */
    private void setTimer() {
        timer = channel().eventLoop().schedule(this::retireIfOver, terms.nanosLeft(), TimeUnit.NANOSECONDS);
    }

    private void retireIfOver() {
        timer = null;
        if (closed || busy) {
            // The end of the exchange sets the timer.
            return;
        }
        if (terms.areOver()) {
            context.retire();
        } else if (terms.haveTime()) {
            setTimer();
        }
    }

    // ---- from the connection

    @Override
    public void received(Object message) {
        try {
            Http1Exchange exchange = current;
            if (exchange != null) {
                exchange.received((HttpObject) message);
            } else if (!closed) {
                closed = true;
                closeCause = new IOException("the server has sent a response to no request"
                        + (message instanceof HttpResponse head
                                ? ", status " + head.status().code()
                                : ""));
                context.close(closeCause);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        closed = true;
        if (closeCause == null) {
            closeCause = cause;
        }
        for (Future<?> each : new Future<?>[] {timer, unusedTimer}) {
            if (each != null) {
                each.cancel(false);
            }
        }
        Http1Exchange exchange = current;
        if (exchange != null) {
            exchange.connectionClosed(cause);
        }
    }
}
