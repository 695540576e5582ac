package dev.keepalive.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How the peer's stream on a connection has ended, and why the connection ends. Half-closure is on for every channel,
 * so that a stream that the peer ends can be told from one that breaks: the end comes as an event. Whether the
 * connection stays open after that is not decided here.
 *
 * <p>With TLS a stream ends with {@code close_notify}; one that ends otherwise may have been cut short by an attacker
 * on the network (RFC 8446, section 6.1). Event loop only, except where stated.
 */
final class StreamEnd {
    private final Channel channel;

    /** The TLS whose end is the end of the stream; null if there is none. */
    private @Nullable SslHandler tls;

    private @Nullable Throwable truncation;
    private boolean closeRequested;
    private boolean byClosing;
    private boolean errorTold;

    private volatile boolean ended;
    private volatile boolean closing;
    private volatile boolean closedHere;
    private volatile @Nullable Throwable cause;

    StreamEnd(Channel channel) {
        this.channel = channel;
    }

    /** Whether this event tells that the peer has ended its stream, on some TLS or on the socket. */
    static boolean isEnd(Object event) {
        return event instanceof ChannelInputShutdownEvent
                || event instanceof SslCloseCompletionEvent close && close.isSuccess();
    }

    /** Whether this event goes to the handlers of a connection that may not be half-closed. Netty has no such there. */
    static boolean isOfHalfClosure(Object event) {
        return event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete;
    }

    /** There is TLS, of the endpoint or of a proxy. The last one counts: nothing passes it unprotected. */
    void endsWith(SslHandler innermost) {
        tls = innermost;
    }

    /**
     * The peer has ended its stream. The first event counts. TLS to a proxy may end while TLS to the endpoint goes on,
     * so the engine of the innermost TLS is asked, and not the event alone.
     *
     * @param event one that {@link #isEnd}
     */
    void endedBy(Object event) {
        if (!ended) {
            ended = true;
            SslHandler innermost = tls;
            if (!(event instanceof SslCloseCompletionEvent)
                    || innermost != null && !innermost.engine().isInboundDone()) {
                checkTruncation();
            }
        }
    }

    /** The channel is closed. To be called before its handlers are told. */
    void channelClosed() {
        if (ended) {
            return;
        }
        if (closing || closeRequested || cause != null || channel.eventLoop().isShuttingDown()) {
            closing();
            return;
        }
        checkTruncation();
        // Netty's NIO transport does not half-close Unix-domain sockets: it closes them when the peer ends its stream.
        byClosing = truncation == null
                && !Boolean.TRUE.equals(channel.config().getOption(ChannelOption.ALLOW_HALF_CLOSURE));
        ended = byClosing;
        closing = true;
    }

    /** The stream has ended without {@code close_notify}. A handshake that is cut short fails by itself. */
    private void checkTruncation() {
        SslHandler innermost = tls;
        if (innermost != null && cause == null && innermost.handshakeFuture().isSuccess()) {
            truncation = new SSLException("the peer ended the stream without close_notify: it may be cut short");
            cause = truncation;
        }
    }

    /** Whether the peer has ended its stream. Safe from any thread. */
    boolean hasEnded() {
        return ended;
    }

    /** Whether the channel was closed because the peer has ended its stream. */
    boolean isByClosing() {
        return byClosing;
    }

    /** The error of a stream with TLS that may have been cut short, or null. */
    @Nullable
    Throwable truncation() {
        return truncation;
    }

    /** This side closes the connection. Safe from any thread. */
    void closing() {
        closedHere = true;
        closing = true;
    }

    /** A handler closes the connection. What it has read before is whole, what comes at the close is not. */
    void closeRequested() {
        closeRequested = true;
    }

    /**
     * Records why the connection ends. The first cause counts. That the channel is closed is no cause. Safe from any
     * thread.
     */
    void recordCause(Throwable reason) {
        if (cause == null && !(reason instanceof ClosedChannelException)) {
            cause = reason;
        }
    }

    /** Why the connection ends, or null if that is not known. Safe from any thread. */
    @Nullable
    Throwable cause() {
        return cause;
    }

    /** Why the connection has ended, or that it has, on this side or in another way. */
    Throwable closeCause() {
        Throwable known = cause;
        if (known != null) {
            return known;
        }
        return closedHere && !ended ? new ClosedHereException() : new ClosedChannelException();
    }

    /** Whether the stream ends for another reason than its own end: what a codec makes of it is no message. */
    boolean isBroken() {
        return cause != null || closing && !ended;
    }

    /** The handlers are told of an error. */
    void errorTold() {
        errorTold = true;
    }

    /**
     * The error that the handlers must be told before the end, since decoders take the end of the stream for that of a
     * message (RFC 9112, section 9.8). Null if the stream is not broken, or they have been told.
     */
    @Nullable
    Throwable takeError() {
        if (errorTold || !isBroken()) {
            return null;
        }
        errorTold = true;
        return closeCause();
    }
}
