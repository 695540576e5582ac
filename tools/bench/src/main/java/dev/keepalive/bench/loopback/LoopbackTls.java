package dev.keepalive.bench.loopback;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.File;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** TLS between clients and server, with a certificate that is made on the spot. */
public final class LoopbackTls {
    private final X509Certificate certificate;
    private final List<String> serverFiles;

    private LoopbackTls(X509Certificate certificate, List<String> serverFiles) {
        this.certificate = certificate;
        this.serverFiles = serverFiles;
    }

    /** Makes a certificate for the server. */
    public static LoopbackTls create() throws Exception {
        X509Bundle certificate = new CertificateBuilder()
                .subject("CN=bench")
                .addSanIpAddress("127.0.0.1")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        return new LoopbackTls(
                certificate.getCertificate(),
                List.of(
                        certificate.toTempCertChainPem().getPath(),
                        certificate.toTempPrivateKeyPem().getPath()));
    }

    /** The settings of a client, which verifies the server's certificate and name. */
    SslContext client() throws SSLException {
        return SslContextBuilder.forClient().trustManager(certificate).build();
    }

    /** The server's certificate, the only one that a client trusts. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** The same settings for clients of the JDK's TLS. */
    public SSLContext clientContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {clientTrust()}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no TLS: " + e.getMessage(), e);
        }
    }

    /** What verifies the server's certificate. */
    public X509TrustManager clientTrust() {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("server", certificate);
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("no trust manager: " + e.getMessage(), e);
        }
    }

    /** The files with the server's certificate and its key. They are deleted when this process ends. */
    public List<String> serverFiles() {
        return serverFiles;
    }

    /** The settings of the server, from its files. */
    static SslContext server(String certificate, String key) throws IOException {
        return SslContextBuilder.forServer(new File(certificate), new File(key)).build();
    }
}
