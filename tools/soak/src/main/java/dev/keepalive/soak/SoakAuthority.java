package dev.keepalive.soak;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;

/** The certificate authority of the soak, and one certificate that is valid at all TLS addresses of the server. */
final class SoakAuthority {
    /** The JDK keeps up to 20,480 sessions by default, of some kB each: enough to hide a leak. */
    private static final int SESSIONS = 64;

    private final X509Bundle authority;
    private final SslContext server;

    /** @param addresses the addresses of the server */
    SoakAuthority(List<String> addresses) throws Exception {
        authority = new CertificateBuilder()
                .subject("CN=soak authority")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        CertificateBuilder certificate = new CertificateBuilder().subject("CN=chaos server");
        addresses.forEach(certificate::addSanIpAddress);
        server = SslContextBuilder.forServer(
                        certificate.buildIssuedBy(authority).toKeyManagerFactory())
                .sessionCacheSize(SESSIONS)
                .build();
    }

    /** The TLS settings of the server. */
    SslContext server() {
        return server;
    }

    /** TLS settings of a client that trusts only this authority. */
    SslContext client() throws Exception {
        return SslContextBuilder.forClient()
                .trustManager(authority.getRootCertificate())
                .sessionCacheSize(SESSIONS)
                .build();
    }
}
