package dev.keepalive.cli;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.NettyConnectorBuilder;
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

/** The command {@code connect}: talks to a server line by line. */
@Command(
        name = "connect",
        versionProvider = CliVersion.class,
        description = {
            "Sends the lines that are typed and prints the lines that are received.",
            "The end of the input ends the output of the connection; the end of what the server sends ends the program."
        },
        footer = {
            "",
            "Examples:",
            "  keepalive connect localhost 6379",
            "  printf 'GET / HTTP/1.0\\n\\n' | keepalive connect --scheme https --timeout 5s example.org 443",
            "  keepalive connect --unix /run/redis/redis.sock",
            "  keepalive connect --proxy socks5://localhost:1080 redis.example 6379"
        })
final class ConnectCommand implements Callable<Integer> {
    private final CliStreams streams;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Mixin
    private final RouteOptions route = new RouteOptions();

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    @Option(
            names = "--scheme",
            paramLabel = "SCHEME",
            defaultValue = "tcp",
            description = {
                "What the connection is for: any word. One that means TLS, like https, rediss or nats+tls, uses it.",
                "Default: ${DEFAULT-VALUE}."
            })
    private String scheme = "";

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "How long getting the connection may take: 500ms, 15s, 2m, or seconds. Default: 120s.")
    private @Nullable Duration timeout;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "HOST",
            description = "A host name or an IP address; with --unix the name in the server's certificate.")
    private @Nullable String host;

    @Parameters(index = "1", arity = "0..1", paramLabel = "PORT", description = "1 to 65535; not with --unix.")
    private @Nullable String port;

    ConnectCommand(CliStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        try {
            AcquireRequest request = request();
            NettyConnectorBuilder connector = NettyConnector.builder();
            route.configure(connector);
            tls.configure(connector);
            try (ConnectionManager<NettyConnection> connections =
                    ConnectionManager.builder(connector.build()).build()) {
                new LineConversation(streams).run(connections, request);
            }
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        return 0;
    }

    private AcquireRequest request() {
        AcquireRequest request = AcquireRequest.to(tls.offerProtocols(route.route(endpoint())));
        return timeout == null ? request : request.withTimeout(timeout);
    }

    private Endpoint endpoint() {
        if (route.unix()) {
            if (port != null) {
                throw new IllegalArgumentException("PORT '" + port + "' is not allowed: not together with --unix");
            }
            // A Unix-domain socket has no port; the endpoint needs a number.
            return Endpoint.of(scheme, host == null ? "localhost" : host, 1);
        }
        if (host == null || port == null) {
            throw new IllegalArgumentException(
                    "Missing required parameter" + (host == null ? "s: 'HOST', 'PORT'" : ": 'PORT'"));
        }
        return Endpoint.of(scheme, host, portNumber(port));
    }

    private static int portNumber(String port) {
        Long number = CountConverter.number(port);
        if (number == null || number > 65535) {
            throw new IllegalArgumentException(
                    "port " + (number == null ? "'" + port + "'" : number) + " is not allowed: 1 to 65535");
        }
        return number.intValue();
    }
}
