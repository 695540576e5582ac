package dev.keepalive.bench.storm;

import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.Median;
import dev.keepalive.bench.loopback.ChannelOpener;
import dev.keepalive.bench.loopback.ChannelPoolAdapter;
import dev.keepalive.bench.loopback.ChannelPoolRegistry;
import dev.keepalive.bench.loopback.ServerProcess;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W8 of one contender. In the storm, all connections are in use and a thousand clients wait when the server
 * closes all connections at once. In the cold start, a thousand clients acquire while no connection is open. The time
 * until all waiting clients have their answer is divided by the {@link LowerBound}, computed with the interval of
 * accepts and the round trip measured in the same round.
 *
 * <p>The kernel completes connections before the server accepts them, so a dial succeeds at once, but an answer needs
 * the accept. The server's fixed delay makes up most of a round trip, so the bound depends on limits and round trips,
 * not on processors.
 */
@Command(
        name = "storm",
        sortOptions = false,
        description = "Measures how long all waiters take to be served after all connections were lost.")
public final class StormMeasurement extends Measurement {
    private static final double MILLI = 1e6;
    /** Rounds before any counts. */
    private static final int WARM_UP = 3;

    private static final long ACCEPT_MICROS = 1_000;
    private static final long ANSWER_MICROS = 20_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds; default: 5 or 15.")
    private int rounds;

    @Option(names = "--limit", paramLabel = "N", description = "Limit of connections; default: ${DEFAULT-VALUE}.")
    private int limit = 128;

    @Option(names = "--waiting", paramLabel = "N", description = "Waiting clients; default: ${DEFAULT-VALUE}.")
    private int waiting = 1_000;

    StormMeasurement() {
        super("W8");
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new StormMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        rounds = rounds > 0 ? rounds : isQuick() ? 5 : 15;
        try (ServerProcess server =
                ServerProcess.start(SlowServer.class, Long.toString(ACCEPT_MICROS), Long.toString(ANSWER_MICROS))) {
            startSetting("storm");
            try (ChannelOpener opener = new ChannelOpener(server.port());
                    ChannelPoolAdapter pool = ChannelPoolRegistry.make(contender(), opener, limit)) {
                report(() -> storm(server, opener, pool));
            }
            startSetting("cold start");
            report(() -> coldStart(server));
        }
    }

    private void report(RoundRunner measured) throws IOException, InterruptedException {
        double[] ratios = new double[rounds];
        double[] millis = new double[rounds];
        int mostOpen = 0;
        for (int round = -WARM_UP; round < rounds; round++) {
            RoundOutcome outcome = measured.next();
            if (round >= 0) {
                ratios[round] = outcome.time() / outcome.bound();
                millis[round] = outcome.time() / MILLI;
                mostOpen = Math.max(mostOpen, outcome.mostOpen());
            }
        }
        reportFigure("x bound", Median.of(ratios));
        reportFigure("ms", Median.of(millis));
        reportFigure("most open", mostOpen);
    }

    private RoundOutcome storm(ServerProcess server, ChannelOpener opener, ChannelPoolAdapter pool)
            throws IOException, InterruptedException {
        ClientCrowd holders = new ClientCrowd(opener.loop(), pool, limit, true);
        holders.acquire();
        holders.awaitLastAnswer();
        serverReport(server);
        ClientCrowd waiters = new ClientCrowd(opener.loop(), pool, waiting, false);
        waiters.acquire();
        server.send("drop");
        long begin = holders.awaitFirstLoss();
        return outcome(server, waiters.awaitLastAnswer() - begin, waiters);
    }

    private RoundOutcome coldStart(ServerProcess server) throws IOException, InterruptedException {
        serverReport(server);
        try (ChannelOpener opener = new ChannelOpener(server.port());
                ChannelPoolAdapter pool = ChannelPoolRegistry.make(contender(), opener, limit)) {
            ClientCrowd waiters = new ClientCrowd(opener.loop(), pool, waiting, false);
            long begin = waiters.acquire().join();
            return outcome(server, waiters.awaitLastAnswer() - begin, waiters);
        }
    }

    private RoundOutcome outcome(ServerProcess server, long time, ClientCrowd waiters) throws IOException {
        ServerReport report = serverReport(server);
        LowerBound bound = new LowerBound(waiting, limit, report.interval(), waiters.roundTrip());
        return new RoundOutcome(time, bound.time(), report.mostOpen());
    }

    private static ServerReport serverReport(ServerProcess server) throws IOException {
        server.send("report");
        String line = server.line();
        int blank = line.indexOf(' ');
        return new ServerReport(Integer.parseInt(line.substring(0, blank)), Long.parseLong(line.substring(blank + 1)));
    }

    /** The answer to the server's command {@code report}. */
    private record ServerReport(int mostOpen, long interval) {}

    /** The result of one round. */
    private record RoundOutcome(double time, double bound, int mostOpen) {}

    /** Runs one round. */
    @FunctionalInterface
    private interface RoundRunner {
        RoundOutcome next() throws IOException, InterruptedException;
    }
}
