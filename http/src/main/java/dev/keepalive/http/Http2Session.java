package dev.keepalive.http;

import dev.keepalive.Lease;
import dev.keepalive.netty.ProtocolContext;
import dev.keepalive.netty.Session;
import dev.keepalive.netty.SharedSession;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 on one connection (RFC 9113), many exchanges at a time: each is one stream, and one lease. The connection
 * takes as many leases as the server takes streams, or fewer if the options say so. Event loop only, except where
 * stated.
 */
final class Http2Session implements SharedSession<HttpConnection> {
    /** Streams have odd numbers up to 2^31 - 1; from here on the connection takes no new leases. */
    static final int LAST_BUT_SOME = Integer.MAX_VALUE - 100_000;

    private final ProtocolContext context;
    private final HttpOptions options;
    private final Http2Frames frames = new Http2Frames(this);
    private final Http2Budget budget;
    private final Http2Handler handler;
    private final @Nullable SSLSession tlsSession;
    private final Http2Liveness liveness;
    private final EventLoop loop;
    private final int windowStep;
    private final Runnable flushNow = this::flushNow;

    /** The exchanges whose streams are not closed. */
    private final IntObjectMap<Http2Exchange> streams = new IntObjectHashMap<>();

    /** The exchanges that have begun and whose places are not free, by the numbers of their leases. */
    private final LongObjectMap<Http2Exchange> leases = new LongObjectHashMap<>();

    private int nextStream = 1;
    private int capacity;
    private boolean greeted;

    /** There was room for a lease: the dial is complete. */
    private boolean hadRoom;

    private boolean flushing;
    private boolean closing;
    private boolean closed;

    /** Whether a request that is not answered when the connection ends may be sent again. */
    private RetrySafety unanswered = RetrySafety.IF_IDEMPOTENT;

    private @Nullable Throwable closeCause;

    /** Why the server takes no new streams. */
    private @Nullable IOException leaving;

    private Http2Session(ProtocolContext context, HttpOptions options) {
        this.context = context;
        this.options = options;
        this.tlsSession = TlsSessions.of(context);
        this.loop = context.channel().eventLoop();
        this.budget = new Http2Budget(loop.ticker(), context.channel()::bytesBeforeWritable);
        this.handler = Http2Handler.of(this, options, budget);
        this.windowStep = Math.max(
                1, Math.min(options.streamWindow() / 4, options.connectionWindow() / (4 * options.maxStreams())));
        this.liveness = new Http2Liveness(this, loop, options);
    }

    static Session<HttpConnection> install(ProtocolContext context, HttpOptions options) throws Exception {
        Http2Session session = new Http2Session(context, options);
        context.pipeline().addLast(session.handler);
        context.share(0);
        session.handler.begin(options.connectionWindow());
        return session;
    }

    // ---- leases, on any thread

    @Override
    public HttpConnection open(Lease<HttpConnection> lease, long number) {
        return new Http2Exchange(this, lease, number);
    }

    @Override
    public boolean ended(long number) {
        if (loop.inEventLoop()) {
            leaseEnded(number);
        } else {
            try {
                loop.execute(() -> leaseEnded(number));
            } catch (RejectedExecutionException shutDown) {
                // The connection ends, and the place with it.
            }
        }
        return false;
    }

    private void leaseEnded(long number) {
        Http2Exchange exchange = leases.get(number);
        if (exchange == null) {
            context.freePlace(number);
        } else {
            exchange.leaseEnded();
            freeIfDone(exchange);
        }
    }

    /** Frees the place of an exchange if neither its lease nor its stream goes on. */
    private void freeIfDone(Http2Exchange exchange) {
        if (exchange.isLeaseEnded() && exchange.isStreamClosed() && leases.remove(exchange.number()) != null) {
            context.freePlace(exchange.number());
        }
    }

    // ---- for the exchanges

    ProtocolContext context() {
        return context;
    }

    HttpOptions options() {
        return options;
    }

    @Nullable
    SSLSession tlsSession() {
        return tlsSession;
    }

    Http2Budget budget() {
        return budget;
    }

    Http2Liveness liveness() {
        return liveness;
    }

    Http2Handler handler() {
        return handler;
    }

    /** Runs a task on the event loop. Any thread. @return false if the loop is shut down */
    boolean execute(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
            return true;
        }
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException shutDown) {
            return false;
        }
    }

    /** Why no stream can begin now; null if one can. */
    @Nullable
    IOException refusal() {
        if (closed || closing) {
            return new IOException("the connection was closed before the request was sent", closeCause);
        }
        if (leaving != null) {
            return new IOException(leaving.getMessage() + ", before the request was sent", leaving);
        }
        if (nextStream < 0) {
            return new IOException("the connection has no stream numbers left");
        }
        if (!handler.connection().local().canOpenStream()) {
            return new IOException("the server allows no more than "
                    + handler.connection().local().maxActiveStreams() + " streams at a time now");
        }
        return null;
    }

    /** The number of the stream of an exchange that begins. */
    int begin(Http2Exchange exchange) {
        int stream = nextStream;
        nextStream += 2;
        if (nextStream == LAST_BUT_SOME) {
            context.retire();
        }
        streams.put(stream, exchange);
        leases.put(exchange.number(), exchange);
        liveness.exchangeBegun(streams.size() == 1);
        return stream;
    }

    /** Sends the head of a request. @param last whether it has no body */
    ChannelFuture writeHead(int stream, Http2Headers fields, boolean last) {
        flushSoon();
        return handler.encoder().writeHeaders(handler.context(), stream, fields, 0, last, newPromise());
    }

    @Nullable
    Http2Stream stream(int number) {
        return handler.connection().stream(number);
    }

    ChannelPromise newPromise() {
        return handler.context().newPromise();
    }

    /** How many bytes of a response are given back to the windows at once: less than any window can do without. */
    int windowStep() {
        return windowStep;
    }

    /** The server may send so many bytes more, on this stream and on the connection. */
    void giveBack(Http2Stream stream, int bytes) {
        try {
            Http2LocalFlowController flow = handler.connection().local().flowController();
            if (flow.consumeBytes(stream, Math.min(bytes, flow.unconsumedBytes(stream)))) {
                flushSoon();
            }
        } catch (Http2Exception fault) {
            handler.onError(handler.context(), true, fault);
        }
    }

    /** Resets a stream. Nothing more that comes on it is told. */
    void reset(int stream, Http2Error error) {
        budget.reset(options.streamWindow());
        handler.encoder().writeRstStream(handler.context(), stream, error.code(), newPromise());
        flushSoon();
    }

    /** What was written goes out at the end of this read, or of the tasks that wait now. */
    void flushSoon() {
        if (!handler.isReading() && !flushing) {
            flushing = true;
            loop.execute(flushNow);
        }
    }

    private void flushNow() {
        flushing = false;
        if (!closed) {
            handler.flush(handler.context());
        }
    }

    /** The connection gets no further leases: what the server sends is beyond a limit. */
    void retire() {
        context.retire();
    }

    // ---- for the frames

    Http2Frames frames() {
        return frames;
    }

    @Nullable
    Http2Exchange exchange(int stream) {
        return streams.get(stream);
    }

    /** Whether anything that comes on this stream is of use. */
    boolean awaits(int stream) {
        Http2Exchange exchange = streams.get(stream);
        return exchange != null && !exchange.isOver();
    }

    int openStreams() {
        return streams.size();
    }

    void inputArrived() {
        liveness.inputArrived();
    }

    void settingsArrived() {
        greeted = true;
        updateCapacity();
    }

    void pingAnswered(long data) {
        liveness.answered(data);
    }

    /** Tells how many leases there may be now. */
    void updateCapacity() {
        boolean none = !greeted || leaving != null || liveness.isSuspected();
        int most = none ? 0 : Math.min(handler.connection().local().maxActiveStreams(), options.maxStreams());
        if (most != capacity || most == 0) {
            capacity = most;
            hadRoom |= most > 0;
            context.capacity(most);
        }
    }

    /** The server takes no streams above this one, neither new ones nor those that have begun. */
    void goAway(int lastStream, long error, ByteBuf debugData) {
        IOException why = new IOException(Http2Faults.ofGoAway(lastStream, error, debugData));
        unanswered = Http2Faults.ofUnanswered(error, leaving == null, unanswered);
        leaving = why;
        if (!hadRoom) {
            // The dial fails, with this cause.
            context.close(why);
            return;
        }
        updateCapacity();
        context.retire();
        for (Http2Exchange exchange : List.copyOf(streams.values())) {
            if (exchange.stream() > lastStream) {
                exchange.unprocessed(new IOException(why.getMessage() + ": it has not processed the request", why));
            }
        }
    }

    void streamClosed(int stream) {
        Http2Exchange exchange = streams.remove(stream);
        if (exchange != null) {
            exchange.streamClosed();
            freeIfDone(exchange);
        }
    }

    /** Netty has found a fault with this stream, and has reset it. */
    void streamFailed(int stream, IOException fault) {
        Http2Exchange exchange = streams.get(stream);
        if (exchange != null) {
            budget.reset(options.streamWindow());
            if (fault instanceof HttpLimitException) {
                retire();
            }
            exchange.fail(fault, RetrySafety.NEVER);
        }
    }

    // ---- the end

    /** Whether this side has ended the connection: what still comes is of no use. */
    boolean isClosing() {
        return closing;
    }

    /** Ends the connection since what the server does is wrong, and tells it why. */
    void connectionFailed(Http2Error error, Throwable fault) {
        unanswered = RetrySafety.NEVER; // it may break a rule or a limit again
        end(error, fault);
    }

    /** Ends the connection since the server does not answer. */
    void connectionDead(IOException why) {
        unanswered = RetrySafety.IF_IDEMPOTENT;
        end(Http2Error.NO_ERROR, why);
    }

    private void end(Http2Error error, Throwable cause) {
        if (!closing && !closed) {
            closing = true;
            closeCause = cause;
            handler.goAway(error, String.valueOf(cause.getMessage()));
            context.close(cause);
        }
    }

    /** See RFC 9113, section 6.8. */
    @Override
    public void closing() {
        if (!closing) {
            closing = true;
            handler.goAway(Http2Error.NO_ERROR, "");
        }
    }

    @Override
    public void closed(@Nullable Throwable cause) {
        closed = true;
        liveness.end();
        Throwable known = closeCause != null ? closeCause : cause;
        for (Http2Exchange exchange : new ArrayList<>(leases.values())) {
            exchange.connectionClosed(known, unanswered);
        }
    }

    /** The last handler passes nothing on. */
    @Override
    public void received(Object message) {
        ReferenceCountUtil.release(message);
    }
}
