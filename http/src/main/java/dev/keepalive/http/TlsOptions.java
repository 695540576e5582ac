package dev.keepalive.http;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.IdentityCipherSuiteFilter;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The TLS options of a client, for the connector. The connector itself sets the protocols of ALPN, the server name and
 * the verification of the host.
 */
final class TlsOptions {
    private TlsOptions() {}

    static SslContext of(SSLContext context, @Nullable SSLParameters parameters) {
        SSLParameters defaults = context.getDefaultSSLParameters();
        SslContext made = new JdkSslContext(
                context,
                true,
                Arrays.asList(defaults.getCipherSuites()),
                IdentityCipherSuiteFilter.INSTANCE,
                null,
                ClientAuth.NONE,
                defaults.getProtocols(),
                false);
        return parameters == null ? made : new WithParameters(made, copy(parameters));
    }

    private static final class WithParameters extends DelegatingSslContext {
        private final SSLParameters parameters;

        WithParameters(SslContext context, SSLParameters parameters) {
            super(context);
            this.parameters = parameters;
        }

        @Override
        protected void initEngine(SSLEngine engine) {
            engine.setSSLParameters(parameters);
        }
    }

    /** A copy, as the JDK's client makes one: a program may change its own later. */
    static SSLParameters copy(SSLParameters from) {
        SSLParameters to = new SSLParameters();
        to.setAlgorithmConstraints(from.getAlgorithmConstraints());
        to.setApplicationProtocols(from.getApplicationProtocols());
        to.setCipherSuites(from.getCipherSuites());
        to.setEnableRetransmissions(from.getEnableRetransmissions());
        to.setEndpointIdentificationAlgorithm(from.getEndpointIdentificationAlgorithm());
        to.setMaximumPacketSize(from.getMaximumPacketSize());
        to.setProtocols(from.getProtocols());
        to.setSNIMatchers(from.getSNIMatchers());
        to.setServerNames(from.getServerNames());
        to.setUseCipherSuitesOrder(from.getUseCipherSuitesOrder());
        if (from.getWantClientAuth()) {
            to.setWantClientAuth(true);
        }
        if (from.getNeedClientAuth()) {
            to.setNeedClientAuth(true);
        }
        // Of Java 19 and 20.
        copy(from, to, "SignatureSchemes");
        copy(from, to, "NamedGroups");
        return to;
    }

    private static void copy(SSLParameters from, SSLParameters to, String property) {
        try {
            Object value = SSLParameters.class.getMethod("get" + property).invoke(from);
            SSLParameters.class.getMethod("set" + property, String[].class).invoke(to, value);
        } catch (NoSuchMethodException e) {
            // An older JDK: there is nothing to copy.
            return;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("SSLParameters: " + property + ": " + e, e);
        }
    }
}
