package dev.keepalive.cli;

import dev.keepalive.Lease;
import dev.keepalive.netty.FrameListener;
import dev.keepalive.netty.FrameStream;
import dev.keepalive.netty.Framing;
import dev.keepalive.netty.NettyConnection;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One request and its response on a leased connection. The content of the response is counted and dropped. Everything
 * except {@link #begin} and the getters runs on the event loop of the connection. Call the getters only after the end.
 */
final class HttpExchange implements FrameListener<HttpObject> {
    private static final Framing<HttpObject> HTTP = Framing.of(HttpObject.class, () -> List.of(new HttpClientCodec()));

    private final FetchTarget target;
    private final boolean keepAlive;
    private final CompletableFuture<HttpExchange> done = new CompletableFuture<>();
    private volatile @Nullable Lease<NettyConnection> lease;

    // Written on the event loop before the end, read after it.
    private @Nullable HttpResponse response;
    private boolean answered;
    private long bytes;

    /** @param keepAlive whether the connection may serve another exchange */
    HttpExchange(FetchTarget target, boolean keepAlive) {
        this.target = target;
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
        FrameStream<HttpObject> frames = leased.connection().start(HTTP, this);
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
        return leased != null && leased.uses() > 1 && !answered;
    }

    @Override
    public void input(HttpObject frame) {
        answered = true;
        if (frame.decoderResult().isFailure()) {
            done.completeExceptionally(new IOException(
                    "not an HTTP response", frame.decoderResult().cause()));
            return;
        }
        if (frame instanceof HttpResponse head) {
            response = head;
        }
        if (frame instanceof HttpContent content) {
            bytes += content.content().readableBytes();
        }
        if (frame instanceof LastHttpContent && !isInformational()) {
            finish();
        }
    }

    @Override
    public void ended(@Nullable Throwable error) {
        done.completeExceptionally(
                error != null
                        ? error
                        : new EOFException("the server closed the connection before the end of its response"));
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
