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
 * Sends the body of a request in DATA frames: the next part only when the one before has been written to the socket, as
 * far as the windows allow. Event loop only, except where stated.
 */
final class Http2Upload implements RequestBody.Sink {
    /**
     * How long the body waits for 100 (Continue). A server may never send it, and the wait must not be endless (RFC
     * 9110, section 10.1.1).
     */
    private static final long CONTINUE_SECONDS = 1;

    private final Http2Session session;
    private final Http2Exchange exchange;
    private final RequestBody body;
    private final long length;
    private long sent;
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

    /** Begins, unless it has begun or was canceled. */
    void start() {
        if (!started && !canceled) {
            started = true;
            cancelTimer();
            body.start(this);
        }
    }

    /** Begins when the server says 100 (Continue), which is told by {@link #start}, or has not answered in time. */
    void startLater() {
        continueTimer = session.context()
                .channel()
                .eventLoop()
                .schedule(this::start, CONTINUE_SECONDS, TimeUnit.SECONDS);
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
        } else if (bytes == 0) {
            session.context().channel().eventLoop().execute(this::more);
        } else {
            sent += bytes;
            send(Unpooled.wrappedBuffer(part), sent == length, bytes);
        }
    }

    private void send(ByteBuf data, boolean last, int bytes) {
        complete = last;
        ChannelPromise promise = session.newPromise();
        session.handler()
                .encoder()
                .writeData(session.handler().context(), exchange.stream(), data, 0, last, promise);
        promise.addListener(future -> sent((ChannelFuture) future, bytes));
        session.flushSoon();
    }

    /** A write that fails does so because the stream or the connection ends, which the exchange is told. */
    private void sent(ChannelFuture future, int bytes) {
        if (future.isSuccess()) {
            session.budget().sent(bytes);
            more();
        }
    }

    private void more() {
        if (!canceled) {
            body.more();
        }
    }

    private void ended() {
        if (canceled || complete) {
            return;
        }
        if (length >= 0 && sent != length) {
            failed(new IOException("the body of the request has " + sent + " bytes, and its length is " + length));
        } else {
            send(Unpooled.EMPTY_BUFFER, true, 0);
        }
    }

    private void failed(Throwable cause) {
        if (!canceled) {
            exchange.failAndReset(cause);
        }
    }
}
