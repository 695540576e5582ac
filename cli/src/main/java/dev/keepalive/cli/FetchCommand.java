package dev.keepalive.cli;

import dev.keepalive.Endpoint;
import dev.keepalive.http.KeepaliveHttpClient;
import dev.keepalive.http.KeepaliveHttpClientBuilder;
import dev.keepalive.spi.TimeSource;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** The command {@code fetch}: fetches URLs through a connection manager and prints statistics. */
@Command(
        name = "fetch",
        versionProvider = CliVersion.class,
        description = {
            "Sends HTTP requests over connections that are kept alive, drops the answers, and prints statistics.",
            "A request fails if it gets no answer or one with status 400 or more; the exit status is 1 if any failed.",
            "A request that finds its kept connection closed by the server is sent again, if that is safe."
        },
        footer = {
            "",
            "Times are written as 500ms, 15s, 2m, or a number of seconds.",
            "",
            "Examples:",
            "  keepalive fetch https://example.org/",
            "  keepalive fetch -n 10000 -c 64 http://localhost:8080/",
            "  keepalive fetch -n 10000 -c 64 --no-keep-alive http://localhost:8080/",
            "  keepalive fetch --http2 -L -o page.html https://example.org/",
            "  keepalive fetch -n 100 -H 'Content-Type: application/json' -d @order.json http://localhost:8080/orders",
            "  keepalive fetch --proxy http://proxy.example:3128 --proxy-user-file user https://example.org/",
            "  keepalive fetch --unix /run/server.sock http://localhost/"
        })
final class FetchCommand implements Callable<Integer> {
    private final CliStreams streams;
    private final TimeSource time = TimeSource.system();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @ParentCommand
    private @Nullable KeepaliveCli cli;

    @Mixin
    private final RouteOptions route = new RouteOptions();

    @Mixin
    private final RequestOptions request = new RequestOptions();

    @Mixin
    private final TlsOptions tls = new TlsOptions();

    @Option(
            names = {"-n", "--requests"},
            paramLabel = "N",
            converter = CountConverter.class,
            description = "How many requests; the URLs are taken in turn. Default: one for each URL.")
    private @Nullable Integer requests;

    @Option(
            names = {"-c", "--concurrency"},
            paramLabel = "N",
            defaultValue = "1",
            converter = CountConverter.class,
            description = "How many requests at a time. Default: ${DEFAULT-VALUE}.")
    private int concurrency;

    @Option(
            names = "--max-open-per-endpoint",
            paramLabel = "N",
            defaultValue = "4",
            converter = CountConverter.class,
            description = "Most connections open at once to one endpoint. Default: ${DEFAULT-VALUE}.")
    private int maxOpenPerEndpoint;

    @Option(
            names = "--max-open",
            paramLabel = "N",
            defaultValue = "128",
            converter = CountConverter.class,
            description = "Most connections open at once in all. Default: ${DEFAULT-VALUE}.")
    private int maxOpen;

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            defaultValue = "15s",
            converter = DurationConverter.class,
            description = "How long an idle connection is kept. Default: ${DEFAULT-VALUE}.")
    private Duration idleTimeout = Duration.ZERO;

    @Option(
            names = "--acquire-timeout",
            paramLabel = "TIME",
            defaultValue = "120s",
            converter = DurationConverter.class,
            description =
                    "How long a request may wait for its connection, connecting included. Default: ${DEFAULT-VALUE}.")
    private Duration acquireTimeout = Duration.ZERO;

    @Option(
            names = "--response-timeout",
            paramLabel = "TIME",
            defaultValue = "120s",
            converter = DurationConverter.class,
            description = "How long a response may take, from the request to its last byte. Default: ${DEFAULT-VALUE}.")
    private Duration responseTimeout = Duration.ZERO;

    @Option(
            names = "--max-header-size",
            paramLabel = "BYTES",
            defaultValue = "32768",
            converter = CountConverter.class,
            description = "Most bytes of a response's status line, of all its headers, of its trailers,"
                    + " and of the line before a chunk. Default: ${DEFAULT-VALUE}.")
    private int maxHeaderSize;

    @Option(names = "--no-keep-alive", description = "Uses each connection once, to show what keeping alive saves.")
    private boolean noKeepAlive;

    @Parameters(arity = "1..*", paramLabel = "URL", description = "What to fetch: http://... or https://...")
    private List<String> urls = List.of();

    FetchCommand(CliStreams streams) {
        this.streams = streams;
    }

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        List<FetchTarget> targets = targets();
        long all = requests == null ? targets.size() : requests;
        request.check(all, noKeepAlive, tls.hasProtocols());
        BodyHandler<Long> sink = BodySink.handler(request.output());
        List<HttpRequest> sent = targets.stream()
                .map(target -> request.request(target, !noKeepAlive))
                .toList();
        FetchStatistics statistics = new FetchStatistics();
        try (KeepaliveHttpClient client = client(targets, statistics)) {
            Fetcher fetcher = new Fetcher(each -> client.sendAsync(each, sink), sent, all, statistics, time);
            try (FetchReport report = new FetchReport(streams, statistics, client.connections(), all, time)) {
                try (ProgressBar bar = progressBar(all, statistics)) {
                    fetcher.start(concurrency).get();
                }
                report.complete();
            }
            if (cli != null && cli.verbose()) {
                statistics.examples().forEach(thrown -> ErrorText.printStackTrace(thrown, streams.err()));
            }
            return statistics.failed() == 0 ? 0 : 1;
        }
    }

    private List<FetchTarget> targets() {
        List<FetchTarget> targets = new ArrayList<>();
        for (String url : urls) {
            try {
                FetchTarget target = FetchTarget.of(url);
                targets.add(target);
                tls.offerProtocols(route.route(target.endpoint()));
            } catch (IllegalArgumentException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
        }
        return targets;
    }

    private KeepaliveHttpClient client(List<FetchTarget> targets, FetchStatistics statistics) {
        KeepaliveHttpClientBuilder client = KeepaliveHttpClient.newBuilder()
                .maxOpenPerEndpoint(maxOpenPerEndpoint)
                .maxOpen(maxOpen)
                .idleTimeout(idleTimeout)
                .acquireTimeout(acquireTimeout)
                .responseTimeout(responseTimeout)
                .maxHeaderSize(maxHeaderSize)
                .proxy(HttpClient.Builder.NO_PROXY) // the JVM's proxies; ours are on the route
                .route(endpoint -> tls.offerProtocols(route.route(zoned(targets, endpoint))))
                .connector(route::configure)
                .connector(tls::configure)
                .listener(statistics);
        request.configure(client);
        return client.build();
    }

    private static Endpoint zoned(List<FetchTarget> targets, Endpoint endpoint) {
        Endpoint zoned = endpoint;
        for (FetchTarget target : targets) {
            zoned = target.zoned(zoned);
        }
        return zoned;
    }

    private @Nullable ProgressBar progressBar(long all, FetchStatistics statistics) {
        return streams.terminal() ? new ProgressBar(streams.err(), all, statistics::done, time) : null;
    }
}
