package dev.keepalive.http;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** A certificate for {@code localhost} and 127.0.0.1 that is made for this run, and who trusts it. */
final class TestTls {
    private static final X509Bundle BUNDLE = bundle();

    private TestTls() {}

    private static X509Bundle bundle() {
        try {
            return new CertificateBuilder()
                    .subject("CN=test server")
                    .addSanDnsName("localhost")
                    .addSanIpAddress("127.0.0.1")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** For a server on sockets of the JDK, and for a client that trusts it. */
    static SSLContext context() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    BUNDLE.toKeyManagerFactory().getKeyManagers(), new TrustManager[] {BUNDLE.toTrustManager()}, null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** For a client on Netty that trusts it. */
    static SslContext client() {
        try {
            return SslContextBuilder.forClient()
                    .trustManager(BUNDLE.getRootCertificate())
                    .build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static String certificatePem() {
        return BUNDLE.getCertificatePathPEM();
    }

    static String keyPem() {
        return BUNDLE.getPrivateKeyPEM();
    }
}
