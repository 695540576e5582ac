package dev.keepalive.netty;

import io.netty.channel.socket.SocketChannelConfig;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How the input of a connection has ended, and why. With TLS a stream ends with {@code close_notify}; one that ends
 * otherwise may have been cut short by an attacker on the network (RFC 8446, section 6.1). Event loop only.
 */
final class StreamEnd {
    private final NettyLink link;
    private final LinkPipeline pipeline;
    private boolean seen;
    private @Nullable Throwable truncation;
    private @Nullable Throwable cause;

    StreamEnd(NettyLink link, LinkPipeline pipeline) {
        this.link = link;
        this.pipeline = pipeline;
    }

    /** This event has told of an end. The first one counts. */
    void tellsOfEnd(Object event) {
        if (!seen) {
            seen = true;
            truncation = truncation(event);
        }
    }

    /**
     * TLS to a proxy may end while TLS to the endpoint goes on. So the engine of the innermost TLS is asked, and not
     * the event alone.
     */
    private @Nullable Throwable truncation(Object event) {
        SslHandler tls = pipeline.innermostTls();
        if (tls == null) {
            return null;
        }
        if (event instanceof SslCloseCompletionEvent close) {
            if (!close.isSuccess()) {
                return closeCause();
            }
            if (tls.engine().isInboundDone()) {
                return null;
            }
        }
        return new SSLException("the peer ended the stream without close_notify: it may be cut short");
    }

    /** Whether an event has told of the end. */
    boolean isSeen() {
        return seen;
    }

    /** The error of a stream with TLS that may have been cut short, or null. */
    @Nullable
    Throwable truncation() {
        return truncation;
    }

    /** Records why the connection ends. The first cause counts. That the channel is closed is no cause. */
    void recordCause(Throwable reason) {
        cause = cause == null && !(reason instanceof ClosedChannelException) ? reason : cause;
    }

    /** Why the connection has ended, or null if that is not known. */
    @Nullable
    Throwable cause() {
        return cause;
    }

    /** Why the connection has ended, or that it has. */
    Throwable closeCause() {
        return cause != null ? cause : new ClosedChannelException();
    }

    /**
     * Whether the channel was closed because the peer has ended its output. Netty's NIO transport does not half-close
     * Unix-domain sockets, even when half-closure is allowed. Not with TLS, which marks its end itself.
     */
    boolean isByClosing() {
        boolean halfCloses = link.channel().config() instanceof SocketChannelConfig;
        return !halfCloses && cause == null && !link.isClosing() && pipeline.innermostTls() == null;
    }
}
