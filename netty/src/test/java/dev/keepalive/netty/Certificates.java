package dev.keepalive.netty;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** An authority of our own, and servers with certificates of it, good and bad. */
final class Certificates {
    static final String NAME = "server.test";

    private static final X509Bundle AUTHORITY = authority();

    private Certificates() {}

    /** Trusts nobody but our authority. */
    static SslContextBuilder client() {
        return SslContextBuilder.forClient().trustManager(AUTHORITY.getRootCertificate());
    }

    static SslContext clientContext() {
        try {
            return client().build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    static SSLContext good() {
        return server(issued(valid().addSanDnsName(NAME).addSanIpAddress("127.0.0.1")));
    }

    static SSLContext ofOtherName() {
        return server(issued(valid().addSanDnsName("other.test")));
    }

    static SSLContext expired() {
        Instant past = Instant.parse("2020-01-01T00:00:00Z");
        return server(issued(new CertificateBuilder()
                .subject("CN=expired")
                .addSanDnsName(NAME)
                .notBefore(past)
                .notAfter(past.plus(Duration.ofDays(1)))));
    }

    static SSLContext selfSigned() {
        try {
            return server(
                    valid().addSanDnsName(NAME).setIsCertificateAuthority(true).buildSelfSigned());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static CertificateBuilder valid() {
        return new CertificateBuilder().subject("CN=test server");
    }

    private static X509Bundle authority() {
        try {
            return new CertificateBuilder()
                    .subject("CN=test authority")
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static X509Bundle issued(CertificateBuilder certificate) {
        try {
            return certificate.buildIssuedBy(AUTHORITY);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static SSLContext server(X509Bundle bundle) {
        try {
            KeyManagerFactory keys = bundle.toKeyManagerFactory();
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
