package dev.keepalive.http;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** A certificate authority of this run, its certificate for 127.0.0.1 and localhost, and who trusts it. */
final class TestTls {
    private static final X509Bundle AUTHORITY = made(() -> new CertificateBuilder()
            .subject("CN=test authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned());
    private static final X509Bundle SERVER = made(() -> new CertificateBuilder()
            .subject("CN=server")
            .addSanIpAddress("127.0.0.1")
            .addSanDnsName("localhost")
            .buildIssuedBy(AUTHORITY));
    private static final SSLContext TRUSTING = made(() -> jdk(null));
    private static final SSLContext BOTH =
            made(() -> jdk(SERVER.toKeyManagerFactory().getKeyManagers()));
    private static final Map<List<String>, SslContext> CONTEXTS = new ConcurrentHashMap<>();

    private TestTls() {}

    private static <T> T made(Callable<T> maker) {
        try {
            return maker.call();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static SSLContext jdk(KeyManager[] keys) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys, new TrustManager[] {AUTHORITY.toTrustManager()}, null);
        return context;
    }

    /** Settings of a client that trusts the authority. */
    static SSLContext trusting() {
        return TRUSTING;
    }

    /** For a server on sockets of the JDK, and for a client that trusts it. */
    static SSLContext context() {
        return BOTH;
    }

    /** For a client on Netty that trusts the authority. */
    static SslContext client() {
        return made(() -> SslContextBuilder.forClient()
                .trustManager(AUTHORITY.getRootCertificate())
                .build());
    }

    static String certificatePem() {
        return SERVER.getCertificatePEM();
    }

    static String keyPem() {
        return SERVER.getPrivateKeyPEM();
    }

    /** Settings of a server on Netty; ALPN chooses among these protocols. */
    static SslContext server(String... protocols) {
        return CONTEXTS.computeIfAbsent(List.of(protocols), any -> tlsOf(SERVER, protocols));
    }

    /** The same with a certificate of this name. */
    static SslContext serverNamed(String name, String... protocols) {
        return CONTEXTS.computeIfAbsent(
                List.of(name, String.join(" ", protocols)), any -> tlsOf(named(name), protocols));
    }

    private static X509Bundle named(String name) {
        return made(() -> new CertificateBuilder()
                .subject("CN=" + name)
                .addSanDnsName(name)
                .buildIssuedBy(AUTHORITY));
    }

    private static SslContext tlsOf(X509Bundle bundle, String... protocols) {
        ApplicationProtocolConfig alpn = new ApplicationProtocolConfig(
                ApplicationProtocolConfig.Protocol.ALPN,
                ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                protocols);
        return made(() -> SslContextBuilder.forServer(bundle.toKeyManagerFactory())
                .applicationProtocolConfig(alpn)
                .build());
    }
}
