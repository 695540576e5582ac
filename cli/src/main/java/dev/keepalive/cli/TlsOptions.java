package dev.keepalive.cli;

import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.NettyConnectorBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.File;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of TLS, and the connector that they make. */
final class TlsOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec command;

    @Option(
            names = "--cacert",
            paramLabel = "FILE",
            description = "Certificates, in PEM form, of the authorities to trust. Default: the JDK's.")
    private @Nullable File authorities;

    NettyConnector connector() {
        NettyConnectorBuilder builder = NettyConnector.builder();
        if (authorities != null) {
            builder.tls(trusting(authorities));
        }
        return builder.build();
    }

    private SslContext trusting(File file) {
        if (!file.canRead()) {
            throw notAllowed(file, "no such file, or it cannot be read", null);
        }
        try {
            return SslContextBuilder.forClient().trustManager(file).build();
        } catch (SSLException | IllegalArgumentException e) {
            throw notAllowed(file, "it does not hold certificates in PEM form", e);
        }
    }

    private ParameterException notAllowed(File file, String why, @Nullable Exception cause) {
        return new ParameterException(command.commandLine(), "--cacert '" + file + "' is not allowed: " + why, cause);
    }
}
