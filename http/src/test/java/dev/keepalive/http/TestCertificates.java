package dev.keepalive.http;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.security.KeyStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority, and one server certificate of it for 127.0.0.1 and localhost. */
final class TestCertificates {
    private final X509Bundle authority;
    private final X509Bundle server;
    private final SSLContext trusting;
    private final Map<List<String>, SslContext> contexts = new ConcurrentHashMap<>();

    TestCertificates() throws Exception {
        authority = new CertificateBuilder()
                .subject("CN=test authority")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        server = new CertificateBuilder()
                .subject("CN=server")
                .addSanIpAddress("127.0.0.1")
                .addSanDnsName("localhost")
                .buildIssuedBy(authority);
        KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
        roots.load(null, null);
        roots.setCertificateEntry("root", authority.getRootCertificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(roots);
        trusting = SSLContext.getInstance("TLS");
        trusting.init(null, trust.getTrustManagers(), null);
    }

    /** Settings of a client that trusts the authority. */
    SSLContext trusting() {
        return trusting;
    }

    String certificatePem() {
        return server.getCertificatePEM();
    }

    String keyPem() {
        return server.getPrivateKeyPEM();
    }

    /** Settings of a server on Netty; ALPN chooses among these protocols. */
    SslContext server(String... protocols) {
        return contexts.computeIfAbsent(List.of(protocols), any -> tlsOf(server, protocols));
    }

    /** The same with a certificate of this name. */
    SslContext serverNamed(String name, String... protocols) {
        return contexts.computeIfAbsent(
                List.of(name, String.join(" ", protocols)), any -> tlsOf(named(name), protocols));
    }

    private X509Bundle named(String name) {
        try {
            return new CertificateBuilder()
                    .subject("CN=" + name)
                    .addSanDnsName(name)
                    .buildIssuedBy(authority);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static SslContext tlsOf(X509Bundle bundle, String... protocols) {
        try {
            return SslContextBuilder.forServer(bundle.toKeyManagerFactory())
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            ApplicationProtocolConfig.Protocol.ALPN,
                            ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                            ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                            protocols))
                    .build();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
