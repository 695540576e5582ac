package dev.keepalive.netty;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** TLS settings of a client whose certificate is rotated and whose trust is withdrawn while they are in use. */
final class ChangingTls {
    /** How often the certificate of a server was checked: in full handshakes only. */
    final AtomicInteger checks = new AtomicInteger();

    private volatile X509Bundle certificate = Certificates.ofClient("alice");
    private volatile boolean withdrawn;

    /** From now on, the client certificate has this common name. */
    void rotateTo(String name) {
        certificate = Certificates.ofClient(name);
    }

    /** From now on, no server is trusted. */
    void withdrawTrust() {
        withdrawn = true;
    }

    private TrustManager trust() {
        return Certificates.checkingTrustManager(() -> {
            checks.incrementAndGet();
            if (withdrawn) {
                throw new CertificateException("trust was withdrawn");
            }
        });
    }

    /** The settings as Netty makes them. */
    SslContext ofNetty(String version) throws Exception {
        return Certificates.client()
                .trustManager(trust())
                .keyManager(new PresentKey())
                .protocols(version)
                .build();
    }

    /** The settings around an {@code SSLContext} of the program. */
    SslContext ofJdk(String version) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {new PresentKey()}, new TrustManager[] {trust()}, null);
        return new JdkSslContext(
                context,
                true,
                null,
                IdentityCipherSuiteFilter.INSTANCE,
                ApplicationProtocolConfig.DISABLED,
                ClientAuth.NONE,
                new String[] {version},
                false);
    }

    private final class PresentKey extends X509ExtendedKeyManager {
        @Override
        public String chooseEngineClientAlias(String[] types, Principal @Nullable [] issuers, SSLEngine engine) {
            return "present";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return certificate.getCertificatePathWithRoot();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return certificate.getKeyPair().getPrivate();
        }

        @Override
        public String @Nullable [] getClientAliases(String type, Principal[] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal[] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return null;
        }
    }
}
