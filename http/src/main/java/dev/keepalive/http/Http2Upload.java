package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends the body of a request in DATA frames, as far as the windows allow: the next part is asked for when little of
 * those before waits to be written to the socket. Event loop only, except where stated.
 */
final class Http2Upload implements RequestBody.Sink {
    /**
     * How long the body waits for 100 (Continue). A server may never send it, and the wait must not be endless (RFC
     * 9110, section 10.1.1).
     */
    private static final long CONTINUE_SECONDS = 1;

    /** More is handed over while fewer bytes than this wait to be written. */
    private static final int ENOUGH = 64 * 1024;

    private static final int PIECE = 32 * 1024;

    private final Http2Session session;
    private final Http2Exchange exchange;
    private final RequestBody body;
    private final long length;

    /** How many bytes the publisher has given. */
    private long sent;

    /** How many bytes wait to be written. */
    private long waiting;

    /** What is not handed over of the present part; null when the next one has been asked for. */
    private @Nullable ByteBuffer rest;

    /** There is nothing behind the present part. */
    private boolean ends;

    private boolean asking;
    private boolean asksAgain;
    private boolean started;
    private @Nullable Future<?> continueTimer;

    /** The last frame has been handed over. */
    private boolean complete;

    private boolean canceled;

    Http2Upload(Http2Session session, Http2Exchange exchange, RequestBody body) {
        this.session = session;
        this.exchange = exchange;
        this.body = body;
        this.length = body.length();
    }

    /**
     * @param later when the server says 100 (Continue), which is told by {@link #start}, or has not answered in time
     */
    void begin(boolean later) {
        if (later) {
            continueTimer =
                    session.context().channel().eventLoop().schedule(this::start, CONTINUE_SECONDS, TimeUnit.SECONDS);
        } else {
            start();
        }
    }

    /** Begins, unless it has begun or was canceled. */
    void start() {
        if (!started && !canceled) {
            started = true;
            cancelTimer();
            body.start(this);
        }
    }

    /** The final response has begun: a body that waits is never sent. */
    void responseBegun() {
        if (!started) {
            cancel();
        }
    }

    private void cancelTimer() {
        if (continueTimer != null) {
            continueTimer.cancel(false);
            continueTimer = null;
        }
    }

    boolean isComplete() {
        return complete;
    }

    /** The rest is not wanted. */
    void cancel() {
        if (!canceled) {
            canceled = true;
            cancelTimer();
            body.cancel();
        }
    }

    // ---- from the publisher, on any thread

    @Override
    public void write(ByteBuffer part) {
        session.execute(() -> written(part));
    }

    @Override
    public void end() {
        session.execute(this::ended);
    }

    @Override
    public void fail(Throwable cause) {
        session.execute(() -> failed(cause));
    }

    private void written(ByteBuffer part) {
        if (canceled) {
            return;
        }
        int bytes = part.remaining();
        if (length >= 0 && bytes > length - sent) {
            failed(new IOException("the body of the request is longer than its length " + length));
        } else {
            rest = part.slice();
            sent += bytes;
            proceed();
        }
    }

    /** Hands over as much of the present part as may wait. When nothing is left of it, asks for the next one. */
    private void proceed() {
        ByteBuffer part = rest;
        while (part != null && part.hasRemaining() && waiting < ENOUGH) {
            int bytes = Math.min(PIECE, part.remaining());
            ByteBuf piece = Unpooled.wrappedBuffer(part.slice(part.position(), bytes));
            part.position(part.position() + bytes);
            send(piece, sent == length && !part.hasRemaining(), bytes);
        }
        if (part != null && !part.hasRemaining() && waiting < ENOUGH) {
            rest = null;
            if (ends) {
                sendEnd();
            } else {
                more();
            }
        }
    }

    private void send(ByteBuf data, boolean last, int bytes) {
        complete |= last;
        waiting += bytes;
        ChannelPromise promise = session.newPromise();
        session.handler().encoder().writeData(session.handler().context(), exchange.stream(), data, 0, last, promise);
        promise.addListener(future -> sent((ChannelFuture) future, bytes));
        session.flushSoon();
    }

    /** A write that fails does so because the stream or the connection ends, which the exchange is told. */
    private void sent(ChannelFuture future, int bytes) {
        waiting -= bytes;
        if (future.isSuccess()) {
            session.budget().sent(bytes);
            if (!canceled) {
                proceed();
            }
        }
    }

    /** Asks for the next part. One that comes within this call is taken when the call has returned. */
    private void more() {
        asksAgain = true;
        if (!asking) {
            asking = true;
            while (asksAgain && !canceled) {
                asksAgain = false;
                body.more();
            }
            asking = false;
        }
    }

    private void ended() {
        if (canceled) {
            return;
        }
        if (length >= 0 && sent != length) {
            failed(new IOException("the body of the request has " + sent + " bytes, and its length is " + length));
        } else if (rest != null) {
            ends = true;
        } else {
            sendEnd();
        }
    }

    private void sendEnd() {
        if (!complete) {
            send(Unpooled.EMPTY_BUFFER, true, 0);
        }
    }

    private void failed(Throwable cause) {
        if (!canceled) {
            exchange.failAndReset(cause);
        }
    }
}
