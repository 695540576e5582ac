package dev.keepalive.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ChannelOutputShutdownException;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Sends a request with a body, in slices: so many that the socket is busy, and no more. Event loop only, except where
 * stated.
 */
final class Http1RequestWriter implements RequestBody.Sink, ChannelFutureListener {
    /**
     * How long the body waits for 100 (Continue). A server may never send it, and the wait must not be endless (RFC
     * 9110, section 10.1.1).
     */
    static final long CONTINUE_SECONDS = 1;

    private static final int SLICE = 16 * 1024;
    private static final int MOST_PENDING = 8;

    private final Http1Exchange exchange;
    private final Channel channel;
    private final RequestHead head;
    private final RequestBody body;
    private final long length;
    private @Nullable Future<?> continueTimer;

    /** What the publisher has given and is not written yet. */
    private @Nullable ByteBuffer part;

    private long written;

    /** How many messages were written and are not with the socket yet. */
    private int pending;

    private boolean headWritten;
    private boolean unflushed;
    private boolean awaitsContinue;

    /** The publisher was asked for a part, and has not given it. */
    private boolean asked;

    private boolean bodyEnded;

    /** The whole request was written. */
    private boolean complete;

    private boolean stopped;
    private boolean pumping;

    Http1RequestWriter(Http1Exchange exchange, Channel channel, RequestHead head, RequestBody body) {
        this.exchange = exchange;
        this.channel = channel;
        this.head = head;
        this.body = body;
        this.length = body.length();
    }

    /** Whether all of the request was written. */
    boolean isComplete() {
        return complete;
    }

    /** Whether only the head was sent: the body waits for the server to want it. */
    boolean awaitsContinue() {
        return awaitsContinue;
    }

    void begin() {
        if (!head.expectContinue() || length == 0) {
            start();
            return;
        }
        awaitsContinue = true;
        try {
            writeHead();
        } catch (RuntimeException unwritable) {
            failed(unwritable);
            return;
        }
        flush();
        continueTimer = channel.eventLoop().schedule(this::proceed, CONTINUE_SECONDS, TimeUnit.SECONDS);
    }

    /** The server wants the body, or has not said in time that it does not. */
    void proceed() {
        if (awaitsContinue && !stopped) {
            awaitsContinue = false;
            cancelTimer();
            start();
        }
    }

    /**
     * The final response has begun. A body that waits is never sent.
     *
     * @param unwanted whether the server has refused the request and closes the connection: then the rest of the body
     *     is not sent (RFC 9112, section 9.5)
     */
    void responseBegun(boolean unwanted) {
        if (awaitsContinue || unwanted) {
            stop();
        }
    }

    /** Sends no more. */
    void stop() {
        if (!stopped) {
            stopped = true;
            cancelTimer();
            part = null;
            if (!complete && !bodyEnded) {
                bodyEnded = true;
                body.cancel();
            }
        }
    }

    private void cancelTimer() {
        if (continueTimer != null) {
            continueTimer.cancel(false);
            continueTimer = null;
        }
    }

    // ---- from the publisher, on any thread

    @Override
    public void write(ByteBuffer next) {
        onLoop(() -> accept(next));
    }

    @Override
    public void end() {
        onLoop(this::ended);
    }

    @Override
    public void fail(Throwable cause) {
        onLoop(() -> {
            bodyEnded = true;
            failed(cause);
        });
    }

    private void onLoop(Runnable task) {
        EventLoop loop = channel.eventLoop();
        if (loop.inEventLoop()) {
            task.run();
        } else {
            exchange.execute(task);
        }
    }

    private void accept(ByteBuffer next) {
        if (stopped) {
            return;
        }
        if (part != null) {
            failed(new IllegalStateException("the publisher has given a part before it was asked for one"));
        } else if (length >= 0 && next.remaining() > length - written) {
            failed(new IOException("the publisher has given more than the " + length + " bytes that it promised"));
        } else {
            asked = false;
            part = next;
            pump();
        }
    }

    private void ended() {
        if (stopped || bodyEnded) {
            return;
        }
        bodyEnded = true;
        pump();
    }

    private void failed(Throwable cause) {
        if (!stopped) {
            exchange.requestFailed(cause, !headWritten);
        }
    }

    // ---- to the socket

    private void start() {
        asked = true;
        pumping = true;
        try {
            body.start(this);
        } catch (Throwable thrown) {
            failed(thrown);
        } finally {
            pumping = false;
        }
        pump();
    }

    /** Writes as much as there is and may be, then flushes once. */
    private void pump() {
        if (pumping || stopped) {
            return;
        }
        pumping = true;
        try {
            writeHeadIfAlone();
            while (!stopped && pending < MOST_PENDING && step()) {
                // Until there is nothing to do, or enough under way.
            }
        } catch (Throwable thrown) {
            failed(thrown);
        } finally {
            pumping = false;
        }
        flush();
    }

    private void flush() {
        if (unflushed && !stopped) {
            unflushed = false;
            channel.flush();
        }
    }

    /** The head does not wait for a part that is yet to come. */
    private void writeHeadIfAlone() {
        if (headWritten || part != null && part.hasRemaining()) {
            return;
        }
        if (length == 0) {
            writeWhole(Unpooled.EMPTY_BUFFER);
        } else {
            writeHead();
        }
    }

    private void writeHead() {
        HttpObject message = Http1Messages.head(head, length, awaitsContinue);
        headWritten = true;
        // A server that refuses the request may close at once: its response is still to be read.
        channel.config().setAutoClose(false);
        write(message);
    }

    private void write(HttpObject message) {
        unflushed = true;
        pending++;
        channel.write(message).addListener(this);
    }

    private void writeWhole(ByteBuf content) {
        HttpObject message = Http1Messages.whole(head, content);
        unflushed = true;
        headWritten = true;
        complete = true;
        // A failure is told to the pipeline, which closes the connection.
        channel.write(message, channel.voidPromise());
    }

    /** Writes a slice, or asks for the next part. @return false if there is nothing to do */
    private boolean step() throws IOException {
        ByteBuffer present = part;
        if (present != null && present.hasRemaining()) {
            writeSlice(present);
            return true;
        }
        part = null;
        if (bodyEnded) {
            return finish();
        }
        if (asked) {
            return false;
        }
        asked = true;
        body.more();
        return true;
    }

    private void writeSlice(ByteBuffer from) {
        int size = Math.min(SLICE, from.remaining());
        boolean isLast = written + size == length;
        if (isLast && !headWritten) {
            writeWhole(taken(from, size));
            return;
        }
        if (!headWritten) {
            writeHead();
        }
        complete = isLast;
        ByteBuf slice = taken(from, size);
        write(isLast ? new DefaultLastHttpContent(slice) : new DefaultHttpContent(slice));
    }

    private ByteBuf taken(ByteBuffer from, int size) {
        ByteBuf slice = channel.alloc().buffer(size);
        slice.writeBytes(from.duplicate().limit(from.position() + size));
        from.position(from.position() + size);
        written += size;
        return slice;
    }

    /** The body has ended. @return whether anything was written */
    private boolean finish() throws IOException {
        if (complete) {
            return false;
        }
        if (length != RequestBody.UNKNOWN) {
            throw new IOException(
                    "the publisher has given " + written + " bytes of the " + length + " that it promised");
        }
        complete = true;
        write(LastHttpContent.EMPTY_LAST_CONTENT);
        return true;
    }

    @Override
    public void operationComplete(ChannelFuture written) {
        pending--;
        if (stopped) {
            return;
        }
        if (written.isSuccess()) {
            if (!awaitsContinue) {
                pump();
            }
        } else if (written.cause() instanceof ChannelOutputShutdownException && channel.isActive()) {
            // The server has closed its side: reading tells whether it has responded before.
            complete = false;
            stop();
        } else {
            exchange.writeFailed(written.cause());
        }
    }
}
