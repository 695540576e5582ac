package dev.keepalive.cli;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnection;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Talks to a server line by line. */
@Command(
        name = "connect",
        versionProvider = Version.class,
        description = {
            "Sends the lines that are typed, prints the lines that are received.",
            "The end of what is typed ends the output; the end of what the server sends ends the program."
        },
        footer = {
            "",
            "Examples:",
            "  keepalive connect localhost 6379",
            "  printf 'GET / HTTP/1.0\\n\\n' | keepalive connect --scheme https --timeout 5s example.org 443"
        })
final class ConnectCommand implements Callable<Integer> {
    private final Streams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    @Option(
            names = "--scheme",
            paramLabel = "SCHEME",
            defaultValue = "tcp",
            description = "What the connection is for: any word; https means TLS. Default: ${DEFAULT-VALUE}.")
    private String scheme = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long getting the connection may take: 500ms, 15s, 2m, or seconds. Default: 120s.")
    private @Nullable Duration timeout;

    @Parameters(index = "0", paramLabel = "HOST", description = "A host name or an IP address.")
    private String host = "";

    @Parameters(index = "1", paramLabel = "PORT", description = "1 to 65535.")
    private String port = "";

    ConnectCommand(Streams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        try {
            AcquireRequest request = request();
            try (ConnectionManager<NettyConnection> connections =
                    ConnectionManager.builder(tls.connector()).build()) {
                new Conversation(streams).hold(connections, request);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        return 0;
    }

    private int portNumber() {
        try {
            return Integer.parseInt(port);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("port '" + port + "' is not allowed: 1 to 65535", e);
        }
    }

    private AcquireRequest request() {
        AcquireRequest request = AcquireRequest.to(Endpoint.of(scheme, host, portNumber()));
        return timeout == null ? request : request.withTimeout(timeout);
    }
}
