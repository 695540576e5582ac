package dev.keepalive.netty;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** A test certificate authority, with TLS settings and certificates of clients and servers, valid and invalid. */
final class Certificates {
    static final String NAME = "server.test";

    private static final X509Bundle AUTHORITY = authority();

    private Certificates() {}

    /** Client settings that trust only the test authority. */
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

    /** For a server on Netty, with a certificate for {@link #NAME}. */
    static SslContext nettyServer() throws Exception {
        return SslContextBuilder.forServer(ofServer(NAME).toKeyManagerFactory()).build();
    }

    static SSLContext good() {
        return server(ofServer(NAME));
    }

    /** A server certificate for these names and the address 127.0.0.1. */
    static X509Bundle ofServer(String... names) {
        CertificateBuilder certificate = valid().addSanIpAddress("127.0.0.1");
        for (String name : names) {
            certificate.addSanDnsName(name);
        }
        return issued(certificate);
    }

    /** A self-signed server certificate for this name. No client trusts it. */
    static X509Bundle untrusted(String name) {
        try {
            return valid().addSanDnsName(name).setIsCertificateAuthority(true).buildSelfSigned();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A client certificate with this common name. */
    static X509Bundle ofClient(String name) {
        return issued(new CertificateBuilder().subject("CN=" + name));
    }

    /** The certificate of the test authority. */
    static X509Certificate root() {
        return AUTHORITY.getRootCertificate();
    }

    /**
     * A trust manager that trusts only the test authority and counts its checks. A resumed session adds no check, since
     * the server sends no certificate then.
     */
    static X509ExtendedTrustManager countingTrustManager(AtomicInteger checks) {
        return checkingTrustManager(checks::incrementAndGet);
    }

    /** Looks at each check of a server's certificate, and may refuse it. */
    @FunctionalInterface
    interface Check {
        void run() throws CertificateException;
    }

    /** A trust manager that trusts only the test authority, and makes this check before. */
    static X509ExtendedTrustManager checkingTrustManager(Check check) {
        X509ExtendedTrustManager trust = (X509ExtendedTrustManager) trust().getTrustManagers()[0];
        return new X509ExtendedTrustManager() {
            @Override
            public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
                    throws CertificateException {
                check.run();
                trust.checkServerTrusted(chain, authType, engine);
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
                throw new AssertionError("no engine");
            }

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String authType) {
                throw new AssertionError("no engine");
            }

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
                throw new AssertionError("no server");
            }

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
                throw new AssertionError("no server");
            }

            @Override
            public void checkClientTrusted(X509Certificate[] chain, String authType) {
                throw new AssertionError("no server");
            }

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return trust.getAcceptedIssuers();
            }
        };
    }

    private static TrustManagerFactory trust() {
        try {
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
            roots.load(null, null);
            roots.setCertificateEntry("root", root());
            trust.init(roots);
            return trust;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Client settings that trust only the test authority and present a client certificate with this name. */
    static SslContextBuilder clientAs(String name) {
        X509Bundle bundle = ofClient(name);
        return client().keyManager(bundle.getKeyPair().getPrivate(), bundle.getCertificatePathWithRoot());
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
        return server(untrusted(NAME));
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
        return server(bundle, Map.of());
    }

    /**
     * Settings of a server with one certificate for each of these server names, and one for all other names. The server
     * trusts clients of the test authority.
     */
    static SSLContext server(X509Bundle defaultBundle, Map<String, X509Bundle> byName) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new KeysByName(defaultBundle, byName)}, trust().getTrustManagers(), null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** The keys of a server. The alias of a key is its server name. */
    private static final class KeysByName extends X509ExtendedKeyManager {
        private final X509Bundle defaultBundle;
        private final Map<String, X509Bundle> byName;

        KeysByName(X509Bundle defaultBundle, Map<String, X509Bundle> byName) {
            this.defaultBundle = defaultBundle;
            this.byName = byName;
        }

        @Override
        public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            @Nullable ExtendedSSLSession session = (ExtendedSSLSession) ((SSLSocket) socket).getHandshakeSession();
            if (!keyType.equals(defaultBundle.getKeyPair().getPublic().getAlgorithm())) {
                return null;
            }
            // Newer JDKs ask for the certificate of a session that is to be resumed, before there is a handshake.
            return session == null
                    ? ""
                    : session.getRequestedServerNames().stream()
                            .map(name -> ((SNIHostName) name).getAsciiName())
                            .findFirst()
                            .orElse("");
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return byName.getOrDefault(alias, defaultBundle).getCertificatePathWithRoot();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return byName.getOrDefault(alias, defaultBundle).getKeyPair().getPrivate();
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {""};
        }

        @Override
        public String @Nullable [] getClientAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
