package dev.keepalive.bench.httpclient;

import dev.keepalive.bench.Median;
import dev.keepalive.bench.loopback.LoopbackTls;
import dev.keepalive.bench.loopback.ServerProcess;
import dev.keepalive.bench.slices.PairedMeasurement;
import dev.keepalive.bench.slices.ResourceUsage;
import dev.keepalive.bench.slices.ThreadClient;
import dev.keepalive.bench.slices.ThreadLoad;
import java.io.IOException;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W11 of one HTTP client: GET requests over HTTP/1.1 in the clear and over HTTP/2 with TLS, of clients that
 * send the next where they are told of the answer, and of clients with a platform thread each; beside Netty's codec on
 * raw channels, which does the same without a client. Then the cold start: a thousand requests at once with no
 * connection open.
 */
@Command(
        name = "httpclient",
        sortOptions = false,
        description = "Measures requests of an HTTP client, beside raw channels with Netty's codec.")
public final class HttpClientMeasurement extends PairedMeasurement {
    private static final int SMALL = 100;
    private static final int LARGE = 65_536;
    private static final int SOME = 8;
    /** The busiest first: it warms up the JVM for the others. */
    private static final List<Integer> CLIENTS = List.of(64, SOME, 1);

    /** The limit of connections in the cold start, for HTTP clients that have one. */
    private static final int COLD_LIMIT = 128;

    private static final int COLD_ROUNDS = 9;
    private static final int COLD_WARM_UP = 3;

    @Option(
            names = "--settings",
            paramLabel = "TEXT",
            description = "Only the settings whose name contains this; default: all.")
    private String only = "";

    @Option(names = "--cold", paramLabel = "N", description = "Rounds of the cold start; default: 9.")
    private int coldRounds = COLD_ROUNDS;

    HttpClientMeasurement() {
        super("W11");
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new HttpClientMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        HttpContenders.require(contender());
        if (!only.startsWith("h2")) {
            measure("h1", null);
        }
        if (!only.startsWith("h1")) {
            measure("h2", LoopbackTls.create());
        }
    }

    private void measure(String protocol, @Nullable LoopbackTls tls) throws Exception {
        beginsCold();
        Stream<String> files = tls == null ? Stream.of() : tls.serverFiles().stream();
        try (ServerProcess server = ServerProcess.start(HttpAnswerServer.class, files.toArray(String[]::new))) {
            for (int size : List.of(SMALL, LARGE)) {
                for (int clients : isQuick() ? List.of(SOME) : CLIENTS) {
                    HttpTarget target = new HttpTarget(server.port(), tls, size, clients);
                    inSetting(protocol, size, clients, "client", () -> measureCallbacks(target, clients));
                }
            }
            for (int clients : isQuick() ? List.of(SOME) : CLIENTS) {
                HttpTarget target = new HttpTarget(server.port(), tls, SMALL, clients);
                inSetting(protocol, SMALL, clients, "thread", () -> measureThreads(target, clients));
            }
            String cold = protocol + ", cold start";
            if (cold.contains(only) && !contender().equals(HttpContenders.RAW)) {
                startSetting(cold);
                HttpTarget target = new HttpTarget(server.port(), tls, SMALL, COLD_LIMIT);
                measureColdStart(new ColdStart(server, target, contender()));
            }
        }
    }

    private void inSetting(String protocol, int size, int clients, String client, Part part) throws Exception {
        String bytes = size == SMALL ? size + " B" : size / 1_024 + " KiB";
        String setting = protocol + ", " + bytes + ", " + clients + " " + client + (clients == 1 ? "" : "s");
        if (setting.contains(only)) {
            startSetting(setting);
            part.measure();
        }
    }

    private void measureCallbacks(HttpTarget target, int clients) throws InterruptedException {
        try (HttpContender raw = HttpContenders.make(HttpContenders.RAW, target);
                HttpContender contender = HttpContenders.make(contender(), target)) {
            measurePairs(
                    HttpContenders.RAW,
                    new CallbackLoad(raw, target, clients)::run,
                    new CallbackLoad(contender, target, clients)::run);
        }
    }

    private void measureThreads(HttpTarget target, int clients) throws InterruptedException {
        try (HttpContender raw = HttpContenders.make(HttpContenders.RAW, target);
                HttpContender contender = HttpContenders.make(contender(), target);
                ThreadLoad yardstick = threads(raw, target, clients);
                ThreadLoad load = threads(contender, target, clients)) {
            measurePairs(HttpContenders.RAW, yardstick::run, load::run);
        }
    }

    private static ThreadLoad threads(HttpContender contender, HttpTarget target, int clients) {
        List<ThreadClient> each = Stream.generate(() -> contender.newBlockingRequest(target))
                .limit(clients)
                .<ThreadClient>map(request -> request::call)
                .toList();
        return ThreadLoad.onPlatformThreads(each, ResourceUsage.NO_LOOP);
    }

    private void measureColdStart(ColdStart start) throws IOException, InterruptedException {
        ColdStart.Outcome[] outcomes = new ColdStart.Outcome[coldRounds];
        for (int round = -Math.min(COLD_WARM_UP, coldRounds); round < coldRounds; round++) {
            ColdStart.Outcome outcome = start.run();
            if (round >= 0) {
                outcomes[round] = outcome;
            }
        }
        reportMedian("ms p99", outcomes, ColdStart.Outcome::tailMillis);
        reportMedian("connections", outcomes, ColdStart.Outcome::connections);
        reportMedian("failed", outcomes, ColdStart.Outcome::failed);
    }

    private void reportMedian(String unit, ColdStart.Outcome[] outcomes, ToDoubleFunction<ColdStart.Outcome> figure) {
        reportFigure(unit, Median.of(Stream.of(outcomes).mapToDouble(figure).toArray()));
    }

    /** Measures one setting. */
    @FunctionalInterface
    private interface Part {
        void measure() throws Exception;
    }
}
