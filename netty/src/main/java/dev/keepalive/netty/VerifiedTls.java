package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * What the TLS handshake of a connection has verified, if there was one. It decides for which endpoints the connection
 * may be kept. Written by one thread at a time, read by any.
 */
final class VerifiedTls {
    private final TlsSettings tlsSettings;
    private volatile @Nullable SslHandler tls;
    /**
     * The endpoint that the handshake was made for; without a handshake, the endpoint that the connection was opened
     * for.
     */
    private volatile Endpoint handshakeEndpoint;
    /** The endpoint for which the program's setup has prepared the connection, whatever the setup did; or null. */
    private volatile @Nullable Endpoint setupEndpoint;

    private volatile @Nullable String applicationProtocol;

    /** The identity of a connection that was opened for this endpoint and has made no handshake yet. */
    VerifiedTls(TlsSettings tlsSettings, Endpoint openedFor) {
        this.tlsSettings = tlsSettings;
        this.handshakeEndpoint = openedFor;
    }

    /**
     * A handshake for this endpoint has succeeded.
     *
     * @throws SSLPeerUnverifiedException if the certificate is not of the endpoint's name, and names are verified
     */
    void handshakeDone(SslHandler handler, Endpoint as) throws SSLPeerUnverifiedException {
        tlsSettings.verifyName(handler, as);
        applicationProtocol = TlsSettings.applicationProtocol(handler);
        handshakeEndpoint = as;
        setupEndpoint = null;
        tls = handler;
    }

    /** The setup of the program has prepared the connection for this endpoint. */
    void setupDone(Endpoint prepared) {
        setupEndpoint = prepared;
    }

    /**
     * Checks that a connection to one endpoint may become one to another: TLS has verified the other, too, and the
     * socket leads there.
     *
     * @throws IllegalArgumentException if it may not
     */
    void checkRekey(Endpoint present, Endpoint as) {
        if (!mayServe(as)) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: the connection " + this
                    + ", and they differ in what TLS has verified or would have");
        }
        if (!Route.isSame(present, as)) {
            throw new IllegalArgumentException("endpoint " + as + " is not allowed: the connection leads to " + present
                    + ", and they differ in host, port, socket, local address or proxy; withTarget names what a"
                    + " connection leads to beyond that");
        }
    }

    /** Whether the connection may serve this endpoint. */
    boolean mayServe(Endpoint as) {
        Endpoint prepared = setupEndpoint;
        return tls == null
                ? !tlsSettings.usesTls(as)
                : tlsSettings.haveSameTls(handshakeEndpoint, as)
                        || prepared != null && tlsSettings.haveSameTls(prepared, as);
    }

    /** The protocol that ALPN has negotiated, or null. */
    @Nullable
    String applicationProtocol() {
        return applicationProtocol;
    }

    @Override
    public String toString() {
        return (tls == null ? "was opened for " : "has made a TLS handshake for ") + handshakeEndpoint;
    }
}
