package dev.keepalive.http;

import dev.keepalive.Lease;
import dev.keepalive.netty.RequestException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on a leased connection: what the lease gives the client. It ends once, and ends the
 * lease then. Run, it begins. Event loop only, except where stated.
 */
final class Http1Exchange implements HttpConnection, HttpExchangeControl, Runnable {
    /** How long an unwanted rest of a response is awaited, to keep the connection. */
    static final long DRAIN_SECONDS = 1;

    private static final int CONTINUE = 100;
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int OK = 200;
    private static final int FIRST_ERROR = 400;
    private static final int TIMEOUT = 408;

    private final Http1Session session;
    private final Lease<HttpConnection> lease;

    // Written before the exchange is handed to the event loop.
    private @Nullable RequestHead head;
    private @Nullable RequestBody body;
    private @Nullable ExchangeEvents events;

    // Event loop only.

    /** Null if there is no body. */
    private @Nullable Http1RequestWriter writer;

    private @Nullable Future<?> drainTimer;
    private boolean begun;
    private long flushesBefore;
    private int informational;

    /** The status of the response that is being read; 0 if there is none. */
    private int status;

    private boolean keepsConnection;

    /** How long the body of the response is; -1 if that is not known. */
    private long length;

    private long received;

    /** Null before the first part of the body; the client knows of that by then. */
    private @Nullable Http1ReadWindow window;

    private boolean discarded;
    private long drainUpTo;
    private boolean ended;

    Http1Exchange(Http1Session session, Lease<HttpConnection> lease) {
        this.session = session;
        this.lease = lease;
    }

    // ---- for the client, on any thread

    @Override
    public HttpClient.Version version() {
        return HttpClient.Version.HTTP_1_1;
    }

    @Override
    public @Nullable SSLSession tlsSession() {
        return session.tlsSession;
    }

    @Override
    public HttpExchangeControl exchange(RequestHead itsHead, RequestBody itsBody, ExchangeEvents itsEvents) {
        if (head != null) {
            throw new IllegalStateException("a second exchange on the same lease");
        }
        head = itsHead;
        body = itsBody;
        events = itsEvents;
        session.exchangeAskedFor();
        if (!session.context.execute(lease, this, this::leaseHasEnded)) {
            leaseHasEnded();
        }
        return this;
    }

    private void leaseHasEnded() {
        if (!ended) {
            ended = true;
            requestBody().cancel();
            events().failed(RequestException.unsent("the lease had ended", null), RetrySafety.UNPROCESSED);
        }
    }

    @Override
    public void consumed(int bytes) {
        Http1ReadWindow told = window;
        if (told != null && told.consumed(bytes)) {
            execute(() -> resume(false));
        }
    }

    @Override
    public void discard() {
        execute(this::discardNow);
    }

    @Override
    public void cancel(boolean suspectsConnection) {
        execute(this::cancelNow);
    }

    /** Runs a task unless the exchange has ended: then it is of no use. */
    void execute(Runnable task) {
        session.context.execute(lease, task, () -> {});
    }

    // ---- the request

    @Override
    public void run() {
        if (ended) {
            return;
        }
        begun = true;
        RequestHead request = requestHead();
        Throwable reason = session.begin(this, request.method());
        if (reason != null) {
            end(false, null);
            events().failed(RequestException.unsent("the request was not sent", reason), RetrySafety.UNPROCESSED);
            return;
        }
        flushesBefore = session.context.flushes();
        if (requestBody().length() == RequestBody.NONE) {
            try {
                HttpObject message = Http1Messages.whole(request);
                session.channel().writeAndFlush(message, session.channel().voidPromise());
            } catch (RuntimeException unwritable) {
                requestFailed(unwritable, true);
            }
        } else {
            Http1RequestWriter made = new Http1RequestWriter(this, session.channel(), request, requestBody());
            writer = made;
            made.begin();
        }
    }

    /** The request cannot be sent, or not to its end. @param unwritten whether nothing of it was written */
    void requestFailed(Throwable cause, boolean unwritten) {
        if (!ended) {
            end(unwritten, cause);
            tellFailure(cause, RetrySafety.NEVER);
        }
    }

    /** A part of the request could not be written to the socket. */
    void writeFailed(Throwable cause) {
        if (!ended) {
            session.context.close(cause);
        }
    }

    // ---- the response

    void received(HttpObject part) {
        if (part.decoderResult().isFailure()) {
            fail(UnreadableResponse.of(part, received, session.options));
            return;
        }
        if (part instanceof HttpResponse response) {
            begun(response);
        }
        if (part instanceof HttpContent content && !ended) {
            data(content.content());
        }
        if (part instanceof LastHttpContent && !ended && isFinal()) {
            end(keepsConnection && isRequestComplete(), null);
            if (!discarded) {
                events().completed();
            }
        }
    }

    /** Whether the final response has begun. */
    private boolean isFinal() {
        return status >= OK;
    }

    private boolean isRequestComplete() {
        return writer == null || writer.isComplete();
    }

    private void begun(HttpResponse response) {
        status = response.status().code();
        if (status == SWITCHING_PROTOCOLS) {
            fail(UnreadableResponse.of("status line", "status 101, and no other protocol was asked for"));
        } else if (!isFinal()) {
            informational(response);
        } else {
            String faulty = Http1Messages.faultyFraming(response, session.decoder());
            if (faulty == null) {
                finalResponse(response);
            } else {
                fail(UnreadableResponse.of("header section", faulty));
            }
        }
    }

    private void informational(HttpResponse response) {
        int most = session.options.maxInformational();
        if (++informational > most) {
            fail(new HttpLimitException("the server sent more than " + most
                    + " informational responses (status 1xx) before the final one (maxInformational)"));
            return;
        }
        if (!discarded) {
            events().informational(status, Http1Messages.fields(response, session.decoder()));
        }
        if (status == CONTINUE && !ended && writer != null) {
            writer.proceed();
        }
    }

    private void finalResponse(HttpResponse response) {
        HeaderFields fields = Http1Messages.fields(response, session.decoder());
        length = Http1Messages.length(response, session.decoder());
        boolean termsAllow = session.noteTerms(fields);
        keepsConnection = termsAllow && Http1Messages.keepsConnection(requestHead(), response, session.decoder());
        if (crossed() != RetrySafety.NEVER) {
            fail(new IOException("the server has ended the idle connection with status 408"), crossed());
            return;
        }
        if (writer != null) {
            writer.responseBegun(status >= FIRST_ERROR && !keepsConnection);
        }
        if (discarded) {
            drain();
        } else {
            events().response(status, fields);
        }
    }

    /**
     * Whether this is a 408 that ends an idle connection, and has crossed with the request (RFC 9110, section 15.5.9).
     * If a part of the body was sent, the server may have waited for the rest: then it is the response.
     */
    private RetrySafety crossed() {
        if (status != TIMEOUT || keepsConnection || lease.uses() <= 1 || informational > 0) {
            return RetrySafety.NEVER;
        } else if (isRequestComplete()) {
            return Retries.isIdempotent(requestHead().method()) ? RetrySafety.IF_IDEMPOTENT : RetrySafety.NEVER;
        }
        return writer != null && writer.awaitsContinue() ? RetrySafety.UNPROCESSED : RetrySafety.NEVER;
    }

    private void data(ByteBuf content) {
        int size = content.readableBytes();
        if (size == 0) {
            return;
        }
        received += size;
        if (discarded) {
            drain();
            return;
        }
        byte[] copy = new byte[size];
        content.readBytes(copy);
        Http1ReadWindow told = window;
        if (told == null) {
            told = new Http1ReadWindow(session.channel(), session.options.streamWindow());
            window = told;
        }
        told.tells(size);
        events().data(ByteBuffer.wrap(copy));
        if (!ended && !discarded) {
            told.pauseIfFull();
        }
    }

    private void resume(boolean always) {
        if (!ended && window != null) {
            window.resume(always);
        }
    }

    // ---- the end

    private void discardNow() {
        if (ended || discarded) {
            return;
        }
        discarded = true;
        drainUpTo = received + session.options.maxDrain();
        drainTimer = session.channel().eventLoop().schedule(() -> closeUnless(false), DRAIN_SECONDS, TimeUnit.SECONDS);
        drain();
        resume(true);
    }

    /** Closes the connection if the rest of the response is not worth it, or would not keep it. */
    private void drain() {
        boolean isWorthIt = length <= drainUpTo && received <= drainUpTo && isRequestComplete();
        closeUnless(!isFinal() || keepsConnection && isWorthIt);
    }

    private void closeUnless(boolean worthIt) {
        if (!ended && !worthIt) {
            end(false, null);
        }
    }

    private void cancelNow() {
        if (!ended) {
            discarded = true;
            end(!begun, null);
        }
    }

    private void fail(IOException cause) {
        fail(cause, RetrySafety.NEVER);
    }

    private void fail(IOException cause, RetrySafety safety) {
        end(false, cause);
        tellFailure(cause, safety);
    }

    /** The connection has ended before the exchange. */
    void connectionClosed(@Nullable Throwable reason) {
        boolean answered = session.decoder().hasBegun();
        boolean unsent = session.context.flushes() == flushesBefore;
        Throwable cause = reason == null ? UnreadableResponse.cutOff(answered, received) : ioException(reason);
        end(false, cause);
        if (unsent && !isFinal()) {
            tellFailure(RequestException.unsent("the connection ended", cause), RetrySafety.UNPROCESSED);
        } else if (lease.uses() > 1 && !answered) {
            tellFailure(cause, RetrySafety.IF_IDEMPOTENT);
        } else {
            tellFailure(cause, RetrySafety.NEVER);
        }
    }

    private static IOException ioException(Throwable reason) {
        Throwable cause = reason instanceof DecoderException && reason.getCause() != null ? reason.getCause() : reason;
        return cause instanceof IOException known
                ? known
                : new IOException("the connection has failed: " + cause, cause);
    }

    private void tellFailure(Throwable cause, RetrySafety safety) {
        if (!discarded) {
            events().failed(cause, safety);
        }
    }

    /** @param keep whether the connection can serve the next exchange */
    private void end(boolean keep, @Nullable Throwable cause) {
        ended = true;
        if (drainTimer != null) {
            drainTimer.cancel(false);
        }
        if (writer != null) {
            writer.stop();
        } else {
            requestBody().cancel();
        }
        session.end(keep);
        if (keep) {
            lease.release();
        } else {
            lease.invalidate(cause);
            session.context.close(cause);
        }
    }

    private RequestHead requestHead() {
        return Objects.requireNonNull(head);
    }

    private RequestBody requestBody() {
        return Objects.requireNonNull(body);
    }

    private ExchangeEvents events() {
        return Objects.requireNonNull(events);
    }
}
