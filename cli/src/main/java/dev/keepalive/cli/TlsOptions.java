package dev.keepalive.cli;

import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnectorBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The TLS options. */
final class TlsOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec command;

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "Certificates, in PEM form, of the authorities to trust. Default: the JDK's.")
    private @Nullable File authorities;

    @Option(
            names = "--proxy-cacert",
            paramLabel = "FILE",
            description = "Certificates, in PEM form, of the authorities to trust for proxies. Default: the JDK's.")
    private @Nullable File proxyAuthorities;

    @Option(names = "--cert", paramLabel = "FILE", description = "The certificate to show, in PEM form; with --key.")
    private @Nullable File certificate;

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "The private key of --cert, in PEM form (PKCS #8), without a password.")
    private @Nullable File key;

    @Option(
            names = "--alpn",
            paramLabel = "LIST",
            split = ",",
            description = "Protocols to offer over TLS, the preferred one first: h2,http/1.1")
    private List<String> protocols = new ArrayList<>();

    @Option(
            names = "--insecure",
            description = {
                "Trusts any certificate of a server, not of a proxy, for any name.",
                "An attacker on the path can read and change everything."
            })
    private boolean insecure;

    /** Configures trust and identity of the connector. */
    void configure(NettyConnectorBuilder connector) {
        configureProxies(connector);
        if (insecure) {
            connector.withoutHostVerification();
        }
        if (insecure || authorities != null || certificate != null || key != null) {
            SslContextBuilder settings = SslContextBuilder.forClient();
            trust(settings);
            identify(settings);
            try {
                connector.tls(settings.build());
            } catch (SSLException e) {
                throw notAllowed("--cacert, --cert or --key", null, String.valueOf(e.getMessage()), e);
            }
        }
    }

    private void configureProxies(NettyConnectorBuilder connector) {
        if (proxyAuthorities != null) {
            SslContextBuilder settings = SslContextBuilder.forClient();
            trust(settings, "--proxy-cacert", proxyAuthorities);
            try {
                connector.proxyTls(settings.build());
            } catch (SSLException e) {
                throw notAllowed("--proxy-cacert", proxyAuthorities, String.valueOf(e.getMessage()), e);
            }
        }
    }

    /** Whether it is said which protocols to offer. */
    boolean hasProtocols() {
        return !protocols.isEmpty();
    }

    /** Adds the protocols to offer to the endpoint. */
    Endpoint offerProtocols(Endpoint endpoint) {
        if (protocols.isEmpty()) {
            return endpoint;
        }
        if (!endpoint.tls()) {
            throw notAllowed("--alpn", null, "only over TLS, and " + endpoint.scheme() + " means none", null);
        }
        try {
            return endpoint.withProtocols(protocols.toArray(String[]::new));
        } catch (IllegalArgumentException e) {
            throw notAllowed("--alpn", null, String.valueOf(e.getMessage()), e);
        }
    }

    private void trust(SslContextBuilder settings) {
        if (insecure && authorities != null) {
            throw notAllowed("--cacert", authorities, "not together with --insecure", null);
        }
        if (insecure) {
            settings.trustManager(InsecureTrustManagerFactory.INSTANCE);
        }
        if (authorities != null) {
            trust(settings, "--cacert", authorities);
        }
    }

    private void trust(SslContextBuilder settings, String option, File file) {
        requireReadable(option, file);
        try {
            settings.trustManager(file);
        } catch (IllegalArgumentException e) {
            throw notAllowed(option, file, "it does not hold certificates in PEM form", e);
        }
    }

    private void identify(SslContextBuilder settings) {
        if (certificate == null && key == null) {
            return;
        }
        if (certificate == null || key == null) {
            throw notAllowed(
                    certificate == null ? "--key" : "--cert",
                    certificate == null ? key : certificate,
                    certificate == null ? "--cert is missing" : "--key is missing",
                    null);
        }
        requireReadable("--cert", certificate);
        requireReadable("--key", key);
        try {
            settings.keyManager(certificate, key);
        } catch (IllegalArgumentException e) {
            throw notAllowed(
                    "--cert",
                    certificate,
                    "it and --key '" + key + "' do not hold a certificate and its private key in PEM form",
                    e);
        }
    }

    private void requireReadable(String option, File file) {
        if (!file.canRead()) {
            throw notAllowed(option, file, "no such file, or it cannot be read", null);
        }
    }

    private ParameterException notAllowed(String option, @Nullable File file, String why, @Nullable Exception cause) {
        String value = file == null ? "" : " '" + file + "'";
        return new ParameterException(command.commandLine(), option + value + " is not allowed: " + why, cause);
    }
}
