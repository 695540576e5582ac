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
 * Measures W8 of one contender: all connections are in use and a thousand clients wait, when the server loses all connections at once; and the start, with a thousand
 * clients and nothing open. The time until all who waited have been answered is divided by the {@link LowerBound}, with the interval at which the server did
 * accept, and the round trip that was measured in the same round on open connections.
 *
 * <p>The system takes connections before the server accepts them, so a dial succeeds at once; but nobody is answered before. The server answers after a fixed time, which
 * makes most of a round trip: so the bound is one of limits and round trips, and not of processors.
 */
@Command(
        name = "storm",
        sortOptions = false,
        description = "Measures how long it takes to serve all after all connections were lost.")
public final class StormMeasurement extends Measurement {
    private static final double MILLI = 1e6;
    /** Storms before any counts. */
    private static final int WARM_UP = 3;

    private static final long ACCEPT_MICROS = 1_000;
    private static final long ANSWER_MICROS = 20_000;

    @Option(names = "--rounds", paramLabel = "N", description = "Storms; default: 5 or 15.")
    private int rounds;

    @Option(names = "--limit", paramLabel = "N", description = "Connections; default: ${DEFAULT-VALUE}.")
    private int limit = 128;

    @Option(names = "--waiting", paramLabel = "N", description = "Clients who wait; default: ${DEFAULT-VALUE}.")
    private int waiting = 1_000;

    private StormMeasurement() {
        super("W8");
    }

    /** A program of its own. */
    static StormMeasurement program() {
        return new StormMeasurement();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new StormMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        rounds = rounds > 0 ? rounds : isQuick() ? 5 : 15;
        try (ServerProcess server =
                ServerProcess.start(SlowServer.class, Long.toString(ACCEPT_MICROS), Long.toString(ANSWER_MICROS))) {
            setting("storm");
            try (ChannelOpener opener = new ChannelOpener(server.port());
                    ChannelPoolAdapter pool = ChannelPoolRegistry.make(contender(), opener, limit)) {
                report(() -> storm(server, opener, pool));
            }
            setting("cold start");
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
        figure("x bound", Median.of(ratios));
        figure("ms", Median.of(millis));
        figure("most open", mostOpen);
    }

    private RoundOutcome storm(ServerProcess server, ChannelOpener opener, ChannelPoolAdapter pool)
            throws IOException, InterruptedException {
        ClientCrowd holders = new ClientCrowd(opener.loop(), pool, limit, true);
        holders.ask();
        holders.served();
        ask(server);
        ClientCrowd waiters = new ClientCrowd(opener.loop(), pool, waiting, false);
        waiters.ask();
        server.tell("drop");
        long begin = holders.firstLost();
        return outcome(server, waiters.served() - begin, waiters);
    }

    private RoundOutcome coldStart(ServerProcess server) throws IOException, InterruptedException {
        ask(server);
        try (ChannelOpener opener = new ChannelOpener(server.port());
                ChannelPoolAdapter pool = ChannelPoolRegistry.make(contender(), opener, limit)) {
            ClientCrowd waiters = new ClientCrowd(opener.loop(), pool, waiting, false);
            long begin = waiters.ask().join();
            return outcome(server, waiters.served() - begin, waiters);
        }
    }

    private RoundOutcome outcome(ServerProcess server, long time, ClientCrowd waiters) throws IOException {
        ServerReport report = ask(server);
        LowerBound bound = new LowerBound(waiting, limit, report.interval(), waiters.roundTrip());
        return new RoundOutcome(time, bound.time(), report.mostOpen());
    }

    private static ServerReport ask(ServerProcess server) throws IOException {
        server.tell("report");
        String line = server.line();
        int blank = line.indexOf(' ');
        return new ServerReport(Integer.parseInt(line.substring(0, blank)), Long.parseLong(line.substring(blank + 1)));
    }

    /** What the server says. */
    private record ServerReport(int mostOpen, long interval) {}

    /** How one round was. */
    private record RoundOutcome(double time, double bound, int mostOpen) {}

    /** Does round after round. */
    @FunctionalInterface
    private interface RoundRunner {
        RoundOutcome next() throws IOException, InterruptedException;
    }
}
