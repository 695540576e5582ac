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
 * One request and its response on a leased connection. What the response carries is counted and dropped. All but
 * {@link #begin} and the getters runs on the connection's event loop; the getters are for whoever is told of the end.
 */
final class Exchange implements FrameListener<HttpObject> {
    private static final Framing<HttpObject> HTTP = Framing.of(HttpObject.class, () -> List.of(new HttpClientCodec()));

    private final Target target;
    private final boolean keepAlive;
    private final CompletableFuture<Exchange> done = new CompletableFuture<>();
    private volatile @Nullable Lease<NettyConnection> lease;

    // Written on the event loop before the end, read after it.
    private @Nullable HttpResponse response;
    private boolean answered;
    private long bytes;

    /** @param keepAlive whether the connection may serve another exchange */
    Exchange(Target target, boolean keepAlive) {
        this.target = target;
        this.keepAlive = keepAlive;
    }

    /**
     * Sends the request; the stage completes at the end of the response. The lease is ended then if the connection
     * cannot be kept.
     */
    CompletionStage<Exchange> begin(Lease<NettyConnection> leased) {
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
     * Whether the failure of this exchange may be the server's closing of a connection that it held to be idle: then
     * the request, which changes nothing, may be sent once more over another connection.
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
                    "not a response of HTTP", frame.decoderResult().cause()));
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

    /** Whether this is not the response yet, but a word before it (RFC 9110, section 15.2). */
    private boolean isInformational() {
        return response != null && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    }

    /**
     * Whether the response says by itself where it ends, not only by the end of the connection (RFC 9112, section 6.3).
     */
    private static boolean isFramed(HttpResponse head) {
        int status = head.status().code();
        return status == 204
                || status == 304
                || HttpUtil.isTransferEncodingChunked(head)
                || HttpUtil.isContentLengthSet(head);
    }
}
