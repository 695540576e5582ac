package dev.keepalive.http;

import dev.keepalive.Lease;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One lease of a connection with HTTP/2: one request and its response on a stream of its own. Event loop only, except
 * where stated.
 */
final class Http2Exchange implements HttpConnection, HttpExchangeControl {
    private final Http2Session session;
    private final Lease<?> lease;
    private final long number;
    private final AtomicBoolean used = new AtomicBoolean();

    /** Bytes that the reader has taken and that were not given back to the window. Any thread. */
    private final AtomicInteger taken = new AtomicInteger();

    private @Nullable ExchangeEvents events;
    private @Nullable Http2Upload upload;
    private @Nullable Http2Response response;
    private @Nullable ChannelFuture headWritten;
    private int stream;
    private boolean leaseEnded;
    private boolean streamClosed;
    private @Nullable IOException resetCause;
    private RetrySafety resetSafety = RetrySafety.NEVER;

    /** Nothing more is told. Written on the event loop; read on any thread. */
    private volatile boolean over;

    Http2Exchange(Http2Session session, Lease<?> lease, long number) {
        this.session = session;
        this.lease = lease;
        this.number = number;
    }

    // ---- for the client, on any thread

    @Override
    public HttpClient.Version version() {
        return HttpClient.Version.HTTP_2;
    }

    @Override
    public @Nullable SSLSession tlsSession() {
        return session.tlsSession();
    }

    @Override
    public HttpExchangeControl exchange(RequestHead requestHead, RequestBody body, ExchangeEvents listener) {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException("a second exchange on one lease is not allowed");
        }
        if (!session.context().execute(lease, () -> begin(requestHead, body, listener), () -> ended(body, listener))) {
            ended(body, listener);
        }
        return this;
    }

    private void ended(RequestBody body, ExchangeEvents listener) {
        body.cancel();
        if (!over) {
            over = true;
            lease.release();
            listener.failed(
                    new IOException("the lease had ended before the request was sent"), RetrySafety.UNPROCESSED);
        }
    }

    @Override
    public void consumed(int bytes) {
        int all = taken.addAndGet(bytes);
        int step = session.windowStep();
        // Once per step: only the call that passes it.
        if (all >= step && all - bytes < step && !over) {
            session.execute(this::giveBack);
        }
    }

    @Override
    public void discard() {
        cancel(false);
    }

    @Override
    public void cancel(boolean suspectsConnection) {
        if (over) {
            return;
        }
        if (suspectsConnection) {
            session.liveness().suspect();
        }
        session.execute(() -> canceled(suspectsConnection));
    }

    private void canceled(boolean suspectsConnection) {
        if (suspectsConnection) {
            session.liveness().suspectAndAsk();
        }
        if (!over) {
            resetIfOpen(Http2Error.CANCEL);
            end();
        }
    }

    // ---- the request

    private void begin(RequestHead head, RequestBody body, ExchangeEvents listener) {
        events = listener;
        IOException refusal = over ? null : session.refusal();
        if (over || refusal != null) {
            body.cancel();
            if (refusal != null) {
                fail(refusal, RetrySafety.UNPROCESSED);
            }
            return;
        }
        Http2Headers fields = Http2Fields.of(head, body.length());
        response = new Http2Response(this, session.options(), listener, head.method());
        if (Http2Fields.hasContent(body.length())) {
            upload = new Http2Upload(session, this, body);
        } else {
            body.cancel();
        }
        stream = session.begin(this);
        headWritten = session.writeHead(stream, fields, upload == null);
        // It is over if the head could not be encoded.
        if (upload != null && !over) {
            upload.begin(head.expectContinue());
        }
    }

    // ---- the response

    void headers(Http2ResponseFields fields, boolean last) {
        Http2Response awaited = response;
        if (awaited != null && !over) {
            awaited.headers(fields, last);
        }
    }

    /** @return how many of these bytes nobody will take */
    int data(ByteBuf data, boolean last) {
        Http2Response awaited = response;
        int bytes = data.readableBytes();
        if (awaited == null || over) {
            return bytes;
        }
        awaited.data(data, last);
        return 0;
    }

    /** The server has said 100 (Continue). */
    void mayContinue() {
        if (upload != null) {
            upload.start();
        }
    }

    /** The final response has begun. */
    void answered() {
        session.budget().answered();
        if (upload != null) {
            upload.responseBegun();
        }
    }

    /** The response is complete. The exchange is, when the stream is closed: then its place is free. */
    void responseComplete() {
        Http2Stream open = session.stream(stream);
        if (open != null && open.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
            return; // it closes now
        }
        // The server does not await the rest of the body: RFC 9113, section 8.1.
        if (upload != null && !upload.isComplete()) {
            resetIfOpen(Http2Error.CANCEL);
        }
        complete();
    }

    private void complete() {
        ExchangeEvents listener = events;
        if (!over && listener != null) {
            end();
            listener.completed();
        }
    }

    /** The response is not one: the stream is reset, and the exchange fails. */
    void malformed(String what) {
        resetIfOpen(Http2Error.PROTOCOL_ERROR);
        fail(new IOException("the response is malformed: " + what), RetrySafety.NEVER);
    }

    /** The response is beyond a limit: the stream is reset, the exchange fails, and there are no further ones. */
    void beyondLimit(String what) {
        session.retire();
        resetIfOpen(Http2Error.ENHANCE_YOUR_CALM);
        fail(new HttpLimitException(what), RetrySafety.NEVER);
    }

    /** The request cannot be sent whole. */
    void failAndReset(Throwable cause) {
        resetIfOpen(Http2Error.CANCEL);
        fail(cause, RetrySafety.NEVER);
    }

    /** The server has reset the stream, which is about to be closed. */
    void resetByServer(long code) {
        boolean unprocessed = code == Http2Error.REFUSED_STREAM.code() && !isAnswered();
        resetCause = Http2Faults.ofReset(code, isAnswered());
        resetSafety = unprocessed ? RetrySafety.UNPROCESSED : RetrySafety.NEVER;
        if (upload != null) {
            upload.cancel();
        }
    }

    /** The server has not processed this request, and will not. */
    void unprocessed(IOException why) {
        fail(why, isAnswered() ? RetrySafety.NEVER : RetrySafety.UNPROCESSED);
    }

    private boolean isAnswered() {
        return response != null && response.isBegun();
    }

    // ---- the end

    /** Fails, unless it is over. */
    void fail(Throwable cause, RetrySafety safety) {
        ExchangeEvents listener = events;
        if (!over && listener != null) {
            end();
            listener.failed(cause, safety);
        }
    }

    private void end() {
        over = true;
        if (upload != null) {
            upload.cancel();
        }
        lease.release();
    }

    private void resetIfOpen(Http2Error error) {
        if (stream != 0 && !streamClosed) {
            session.reset(stream, error);
        }
    }

    /** The lease has ended, be it by this exchange or not. */
    void leaseEnded() {
        leaseEnded = true;
        if (!over) {
            resetIfOpen(Http2Error.CANCEL);
            fail(new IOException("the lease ended before the response was complete"), RetrySafety.NEVER);
        }
    }

    boolean isLeaseEnded() {
        return leaseEnded;
    }

    void streamClosed() {
        streamClosed = true;
        if (response != null && response.isComplete()) {
            complete();
        } else if (resetCause != null) {
            fail(resetCause, resetSafety);
        }
    }

    boolean isStreamClosed() {
        return streamClosed;
    }

    /** @param unanswered whether a request that was sent and not answered may be sent again */
    void connectionClosed(@Nullable Throwable cause, RetrySafety unanswered) {
        ChannelFuture written = headWritten;
        String what = isAnswered() ? "before the response was complete" : "before the server answered";
        IOException why = cause instanceof HttpLimitException limit
                ? limit
                : new IOException(
                        "the connection ended " + what + (cause == null ? "" : ": " + cause.getMessage()), cause);
        boolean sent = written != null && written.isSuccess();
        RetrySafety ofSent = isAnswered() ? RetrySafety.NEVER : unanswered;
        fail(why, sent ? ofSent : RetrySafety.UNPROCESSED);
    }

    // ---- for the session

    long number() {
        return number;
    }

    int stream() {
        return stream;
    }

    boolean isOver() {
        return over;
    }

    private void giveBack() {
        int bytes = taken.getAndSet(0);
        Http2Stream open = session.stream(stream);
        if (bytes > 0 && open != null) {
            session.giveBack(open, bytes);
        }
    }
}
