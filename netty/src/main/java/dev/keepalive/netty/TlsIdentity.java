package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * What the handshake of a connection has shown, if there was one: as which endpoints it may be kept. Written by one
 * thread at a time, read by any.
 */
final class TlsIdentity {
    private final TlsSettings tlsSettings;
    private volatile @Nullable SslHandler tls;
    /** For whom the handshake was made, or the connection opened. */
    private volatile Endpoint handshakeEndpoint;
    /** For whom the program has made the connection ready, whatever it did to it. */
    private volatile @Nullable Endpoint setupEndpoint;

    private volatile @Nullable String applicationProtocol;

    /** Of a connection that was opened for this endpoint, in the clear so far. */
    TlsIdentity(TlsSettings schemes, Endpoint openedFor) {
        this.tlsSettings = schemes;
        this.handshakeEndpoint = openedFor;
    }

    /** Hands have been shaken for this endpoint. */
    void handshakeDone(SslHandler handler, Endpoint as) {
        applicationProtocol = TlsSettings.applicationProtocol(handler);
        handshakeEndpoint = as;
        setupEndpoint = null;
        tls = handler;
    }

    /** The program has made it ready to be this endpoint's. */
    void setupDone(Endpoint ready) {
        setupEndpoint = ready;
    }

    /** Whether such an endpoint can have the connection. */
    boolean mayServe(Endpoint as) {
        Endpoint ready = setupEndpoint;
        return tls == null
                ? !tlsSettings.usesTls(as)
                : tlsSettings.haveSameTls(handshakeEndpoint, as) || ready != null && tlsSettings.haveSameTls(ready, as);
    }

    /** What was negotiated, or null. */
    @Nullable
    String applicationProtocol() {
        return applicationProtocol;
    }

    @Override
    public String toString() {
        return (tls == null ? "was opened for " : "has shaken hands for ") + handshakeEndpoint;
    }
}
