package dev.keepalive.cli;

import dev.keepalive.Lease;
import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.FrameStream;
import dev.keepalive.netty.Framing;
import dev.keepalive.netty.NettyConnection;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on a leased connection. The content of the response is counted and dropped. Everything
 * except {@link #begin} and the getters runs on the event loop of the connection. Call the getters only after the end.
 */
final class HttpExchange implements FrameListener<HttpObject> {
    /** Most informational responses before the final one; more are a failure, so that they come to an end. */
    private static final int MAX_INFORMATIONAL = 100;

    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int FIRST_STATUS = 100;

    private final FetchTarget target;
    private final Framing<HttpObject> framing;
    private final boolean keepAlive;
    private final CompletableFuture<HttpExchange> done = new CompletableFuture<>();
    private volatile @Nullable Lease<NettyConnection> lease;

    // Written on the event loop before the end, read after it.
    private @Nullable HttpResponse response;
    private int informational;
    private boolean complete;
    private boolean mayBeRetried = true;
    private long bytes;

    /** @param keepAlive whether the connection may serve another exchange */
    HttpExchange(FetchTarget target, Framing<HttpObject> framing, boolean keepAlive) {
        this.target = target;
        this.framing = framing;
        this.keepAlive = keepAlive;
    }

    /**
     * Sends the request. The stage completes at the end of the response; by then the lease is ended if the connection
     * cannot be kept.
     */
    CompletionStage<HttpExchange> begin(Lease<NettyConnection> leased) {
        lease = leased;
        String chosen = leased.connection().applicationProtocol();
        if (chosen != null && !chosen.startsWith("http/1.")) {
            return CompletableFuture.failedStage(
                    new IOException("the server chose the protocol '" + chosen + "', and fetch speaks HTTP/1.1"));
        }
        FrameStream<HttpObject> frames = leased.connection().start(framing, this);
        frames.send(target.request()).whenComplete((sent, failure) -> {
            if (failure != null) {
                done.completeExceptionally(failure);
            }
        });
        return done;
    }

    /** The lease, once there is one. */
    @Nullable
    Lease<NettyConnection> lease() {
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
        Lease<NettyConnection> leased = lease;
        return leased != null && leased.uses() > 1 && mayBeRetried;
    }

    @Override
    public void input(HttpObject frame) {
        mayBeRetried = false;
        if (frame.decoderResult().isFailure()) {
            done.completeExceptionally(UnreadableResponse.of(frame, bytes));
            return;
        }
        if (frame instanceof HttpResponse head) {
            begun(head);
        }
        if (frame instanceof HttpContent content) {
            bytes += content.content().readableBytes();
        }
        if (frame instanceof LastHttpContent && !isInformational()) {
            complete = true;
            if (response != null && isFramed(response)) {
                finish();
            }
            // Else the connection is the end of the response: `ended` tells whether it was cut short.
        }
    }

    @Override
    public void ended(@Nullable Throwable error) {
        if (error == null && complete) {
            finish();
            return;
        }
        if (error instanceof TimeoutException) {
            mayBeRetried = false;
        }
        done.completeExceptionally(error != null ? error : UnreadableResponse.cutOff());
    }

    private void begun(HttpResponse head) {
        response = head;
        int status = head.status().code();
        if (status == SWITCHING_PROTOCOLS) {
            done.completeExceptionally(
                    new IOException("the server switched to another protocol (status 101), and was not asked to"));
        } else if (status < FIRST_STATUS) {
            done.completeExceptionally(
                    new IOException("not a valid HTTP response: status line: status " + status + ", less than 100"));
        } else if (isInformational() && ++informational > MAX_INFORMATIONAL) {
            done.completeExceptionally(new IOException("the server sent more than " + MAX_INFORMATIONAL
                    + " informational responses (status 1xx) before the final one"));
        }
    }

    private void finish() {
        HttpResponse head = response;
        Lease<NettyConnection> leased = lease;
        if (head != null && leased != null && !(keepAlive && HttpUtil.isKeepAlive(head) && isFramed(head))) {
            leased.invalidate();
        }
        done.complete(this);
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
