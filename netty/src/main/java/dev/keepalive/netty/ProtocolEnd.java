package dev.keepalive.netty;

import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * How and why a connection ends that speaks a {@link Protocol}. With TLS a stream ends with {@code close_notify}; one
 * that ends otherwise may have been cut short by an attacker on the network (RFC 8446, section 6.1). Event loop only,
 * except where stated.
 */
final class ProtocolEnd {
    /** The TLS whose end is the end of the stream; null if there is none. */
    private @Nullable SslHandler tls;

    private boolean saidCloseNotify;

    private volatile boolean closing;
    private volatile boolean inputHasEnded;
    private volatile @Nullable Throwable cause;

    /** There is TLS, of the endpoint or of a proxy. Of several, the last counts. */
    void endsWith(SslHandler innermost) {
        tls = innermost;
    }

    /** Records why the connection ends. The first cause counts. Safe from any thread. */
    void recordCause(Throwable reason) {
        if (cause == null) {
            cause = reason;
        }
    }

    /** Why the connection ends, if that is known. Safe from any thread. */
    @Nullable
    Throwable cause() {
        return cause;
    }

    /** This side closes the connection. Safe from any thread. */
    void closing() {
        closing = true;
    }

    /**
     * The stream ends, or has ended already.
     *
     * @param closeNotify whether an event has just told that the peer sent {@code close_notify}, on some TLS
     */
    void streamEnds(boolean closeNotify) {
        saidCloseNotify |= closeNotify && tls != null && tls.engine().isInboundDone();
        if (!isBroken() && tls != null && !saidCloseNotify) {
            recordCause(new SSLException("the peer ended the stream without close_notify: it may be cut short"));
        }
    }

    /** The peer has ended its stream, with or without closing the connection. */
    void inputEnded() {
        inputHasEnded = true;
    }

    /** Whether the peer has ended its stream. Safe from any thread. */
    boolean isInputEnded() {
        return inputHasEnded;
    }

    /** Whether the stream ends for another reason than its own end: what a codec makes of it is no message. */
    boolean isBroken() {
        return cause != null || closing && !inputHasEnded;
    }
}
