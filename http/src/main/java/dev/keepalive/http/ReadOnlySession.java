package dev.keepalive.http;

import java.security.Principal;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSessionContext;
import org.jspecify.annotations.Nullable;

/**
 * Shows a TLS session. What would change it is refused, since a session is that of a connection, which many responses
 * share, and of those that resume it. As safe for several threads as the session is.
 */
final class ReadOnlySession extends ExtendedSSLSession {
    private final SSLSession session;

    ReadOnlySession(SSLSession session) {
        this.session = session;
    }

    // ---- refused

    private static UnsupportedOperationException refused() {
        return new UnsupportedOperationException("the TLS session of a response cannot be changed: others use it, too");
    }

    @Override
    public void invalidate() {
        throw refused();
    }

    @Override
    public void putValue(String name, Object value) {
        throw refused();
    }

    @Override
    public void removeValue(String name) {
        throw refused();
    }

    // ---- shown

    /** Null, since by it sessions can be invalidated. */
    @Override
    public @Nullable SSLSessionContext getSessionContext() {
        return null;
    }

    @Override
    public byte[] getId() {
        return session.getId();
    }

    @Override
    public long getCreationTime() {
        return session.getCreationTime();
    }

    @Override
    public long getLastAccessedTime() {
        return session.getLastAccessedTime();
    }

    @Override
    public boolean isValid() {
        return session.isValid();
    }

    @Override
    public Certificate[] getPeerCertificates() throws SSLPeerUnverifiedException {
        return session.getPeerCertificates();
    }

    @Override
    public Certificate @Nullable [] getLocalCertificates() {
        return session.getLocalCertificates();
    }

    @Override
    public Principal getPeerPrincipal() throws SSLPeerUnverifiedException {
        return session.getPeerPrincipal();
    }

    @Override
    public @Nullable Principal getLocalPrincipal() {
        return session.getLocalPrincipal();
    }

    @Override
    public String getCipherSuite() {
        return session.getCipherSuite();
    }

    @Override
    public String getProtocol() {
        return session.getProtocol();
    }

    @Override
    public @Nullable String getPeerHost() {
        return session.getPeerHost();
    }

    @Override
    public int getPeerPort() {
        return session.getPeerPort();
    }

    @Override
    public int getPacketBufferSize() {
        return session.getPacketBufferSize();
    }

    @Override
    public int getApplicationBufferSize() {
        return session.getApplicationBufferSize();
    }

    @Override
    public String[] getValueNames() {
        return session.getValueNames();
    }

    @Override
    public @Nullable Object getValue(String name) {
        return session.getValue(name);
    }

    @Override
    public String[] getLocalSupportedSignatureAlgorithms() {
        return session instanceof ExtendedSSLSession extended
                ? extended.getLocalSupportedSignatureAlgorithms()
                : new String[0];
    }

    @Override
    public String[] getPeerSupportedSignatureAlgorithms() {
        return session instanceof ExtendedSSLSession extended
                ? extended.getPeerSupportedSignatureAlgorithms()
                : new String[0];
    }

    @Override
    public List<SNIServerName> getRequestedServerNames() {
        return session instanceof ExtendedSSLSession extended ? extended.getRequestedServerNames() : List.of();
    }

    @Override
    public List<byte[]> getStatusResponses() {
        return session instanceof ExtendedSSLSession extended ? extended.getStatusResponses() : List.of();
    }

    @Override
    public String toString() {
        return session.toString();
    }
}
