package dev.keepalive.cli;

import dev.keepalive.Lease;
import dev.keepalive.netty.RequestException;
import dev.keepalive.netty.Requests;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on a leased connection. The content of the response is counted and dropped. Everything
 * except {@link #begin} and the getters runs on the event loop of the connection. Call the getters only after the end.
 */
final class HttpExchange {
    /** Most informational responses before the final one; more are a failure, so that they come to an end. */
    private static final int MAX_INFORMATIONAL = 100;

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FIRST_STATUS = 100;

    private final FetchTarget target;
    private final Duration responseTimeout;
    private final boolean keepAlive;
    private volatile @Nullable Lease<?> lease;

    // Written on the event loop before the end, read after it.
    private @Nullable HttpResponse response;
    private int informational;
    private boolean complete;
    private boolean mayBeRetried = true;
    private long bytes;

    /**
     * @param responseTimeout the limit that the connection's {@link HttpProtocol} has, for the message
     * @param keepAlive whether the connection may serve another exchange
     */
    HttpExchange(FetchTarget target, Duration responseTimeout, boolean keepAlive) {
        this.target = target;
        this.responseTimeout = responseTimeout;
        this.keepAlive = keepAlive;
    }

    /**
     * Sends the request. The stage completes at the end of the response; by then the lease is ended if the connection
     * cannot be kept.
     */
    CompletionStage<HttpExchange> begin(Lease<Requests<HttpExchange, HttpExchange>> leased) {
        lease = leased;
        return leased.connection()
                .send(this)
                .exceptionallyCompose(failure -> CompletableFuture.failedFuture(reason(failure)))
                .thenApply(same -> {
                    HttpResponse head = response;
                    if (!keepAlive || head == null || !HttpUtil.isKeepAlive(head) || !isFramed(head)) {
                        leased.invalidate();
                    }
                    return same;
                });
    }

    /** Why there is no response, in the words of this program. */
    private Throwable reason(Throwable failure) {
        Throwable cause = failure instanceof RequestException ? failure.getCause() : failure;
        if (cause instanceof TimeoutException) {
            mayBeRetried = false;
            return new TimeoutException("the response was not complete after " + DurationConverter.text(responseTimeout)
                    + " (--response-timeout)");
        }
        return cause != null ? cause : UnreadableResponse.cutOff();
    }

    /** The lease, once there is one. */
    @Nullable
    Lease<?> lease() {
        return lease;
    }

    /** The status of the response. */
    int status() {
        return response == null ? 0 : response.status().code();
    }

    /** The size of the response's body. */
    long bytes() {
        return bytes;
    }

    /**
     * Whether the server may have closed the connection because it was idle. Then the request, which changes nothing,
     * may be sent again over another connection.
     */
    boolean mayBeRetried() {
        Lease<?> leased = lease;
        return leased != null && leased.uses() > 1 && mayBeRetried;
    }

    // ---- for the protocol

    /** The request to send. */
    HttpObject request() {
        return target.request();
    }

    /** Takes a part of the response; throws if it cannot be used. */
    void received(HttpObject part) throws IOException {
        mayBeRetried = false;
        if (part.decoderResult().isFailure()) {
            throw UnreadableResponse.of(part, bytes);
        }
        if (part instanceof HttpResponse head) {
            begun(head);
        }
        if (part instanceof HttpContent content) {
            bytes += content.content().readableBytes();
        }
        complete = part instanceof LastHttpContent && !isInformational();
    }

    /** Whether the last part of the response has been taken. It may be the end of the connection. */
    boolean isComplete() {
        return complete;
    }

    private void begun(HttpResponse head) throws IOException {
        response = head;
        int status = head.status().code();
        if (status == SWITCHING_PROTOCOLS) {
            throw new IOException("the server switched to another protocol (status 101), and was not asked to");
        } else if (status < FIRST_STATUS) {
            throw new IOException("not a valid HTTP response: status line: status " + status + ", less than 100");
        } else if (isInformational() && ++informational > MAX_INFORMATIONAL) {
            throw new IOException("the server sent more than " + MAX_INFORMATIONAL
                    + " informational responses (status 1xx) before the final one");
        }
    }

    /** Whether this is an informational response, sent before the final one (RFC 9110, section 15.2). */
    private boolean isInformational() {
        return response != null && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    /** Whether the response itself says where it ends, without the end of the connection (RFC 9112, section 6.3). */
    private static boolean isFramed(HttpResponse head) {
        int status = head.status().code();
        return status == 204
                || status == 304
                || HttpUtil.isTransferEncodingChunked(head)
                || HttpUtil.isContentLengthSet(head);
    }
}
