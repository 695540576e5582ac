package dev.keepalive.soak;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;

/** An authority of the soak's own, and one certificate of it that is good for all doors with TLS. */
final class Authority {
    /** The JDK keeps up to 20,480 sessions otherwise, of some kB each: more than a leak has to be to be seen. */
    private static final int SESSIONS = 64;

    private final X509Bundle authority;
    private final SslContext server;

    /** @param addresses of the doors */
    Authority(List<String> addresses) throws Exception {
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

    /** What the server shakes hands with. */
    SslContext server() {
        return server;
    }

    /** Trusts nobody but this authority. */
    SslContext client() throws Exception {
        return SslContextBuilder.forClient()
                .trustManager(authority.getRootCertificate())
                .sessionCacheSize(SESSIONS)
                .build();
    }
}
