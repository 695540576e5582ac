package dev.keepalive.soak;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;

/** An authority of the soak's own, and one certificate of it that is good for all doors with TLS. */
final class Authority {
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
                .build();
    }
}
