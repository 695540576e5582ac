package dev.keepalive.bench.storm;

import dev.keepalive.bench.Measurement;
import dev.keepalive.bench.Median;
import dev.keepalive.bench.loopback.Channels;
import dev.keepalive.bench.loopback.Lender;
import dev.keepalive.bench.loopback.Lenders;
import dev.keepalive.bench.loopback.ServerProcess;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W8 of one contender: all connections are in use and a thousand clients wait, when the server loses all connections at once; and the start, with a thousand
 * clients and nothing open. The time until all who waited have been answered is divided by the {@link Bound}, with the interval at which the server did
 * accept, and the round trip that was measured in the same round on open connections.
 *
 * <p>The system takes connections before the server accepts them, so a dial succeeds at once; but nobody is answered before. The server answers after a fixed time, which
 * makes most of a round trip: so the bound is one of limits and round trips, and not of processors.
 */
@Command(
        name = "storm",
        sortOptions = false,
        description = "Measures how long it takes to serve all after all connections were lost.")
public final class Storm extends Measurement {
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

    private Storm() {
        super("W8");
    }

    /** A program of its own. */
    static Storm program() {
        return new Storm();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new Storm().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        rounds = rounds > 0 ? rounds : isQuick() ? 5 : 15;
        try (ServerProcess server =
                ServerProcess.start(SlowServer.class, Long.toString(ACCEPT_MICROS), Long.toString(ANSWER_MICROS))) {
            setting("storm");
            try (Channels channels = new Channels(server.port());
                    Lender lender = Lenders.make(contender(), channels, limit)) {
                report(() -> storm(server, channels, lender));
            }
            setting("cold start");
            report(() -> coldStart(server));
        }
    }

    private void report(Rounds measured) throws IOException, InterruptedException {
        double[] ratios = new double[rounds];
        double[] millis = new double[rounds];
        int mostOpen = 0;
        for (int round = -WARM_UP; round < rounds; round++) {
            Outcome outcome = measured.next();
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

    private Outcome storm(ServerProcess server, Channels channels, Lender lender)
            throws IOException, InterruptedException {
        Crowd holders = new Crowd(channels.loop(), lender, limit, true);
        holders.ask();
        holders.served();
        ask(server);
        Crowd waiters = new Crowd(channels.loop(), lender, waiting, false);
        waiters.ask();
        server.tell("drop");
        long begin = holders.firstLost();
        return outcome(server, waiters.served() - begin, waiters);
    }

    private Outcome coldStart(ServerProcess server) throws IOException, InterruptedException {
        ask(server);
        try (Channels channels = new Channels(server.port());
                Lender lender = Lenders.make(contender(), channels, limit)) {
            Crowd waiters = new Crowd(channels.loop(), lender, waiting, false);
            long begin = waiters.ask().join();
            return outcome(server, waiters.served() - begin, waiters);
        }
    }

    private Outcome outcome(ServerProcess server, long time, Crowd waiters) throws IOException {
        Answer answer = ask(server);
        Bound bound = new Bound(waiting, limit, answer.interval(), waiters.roundTrip());
        return new Outcome(time, bound.time(), answer.mostOpen());
    }

    private static Answer ask(ServerProcess server) throws IOException {
        server.tell("report");
        String line = server.line();
        int blank = line.indexOf(' ');
        return new Answer(Integer.parseInt(line.substring(0, blank)), Long.parseLong(line.substring(blank + 1)));
    }

    /** What the server says. */
    private record Answer(int mostOpen, long interval) {}

    /** How one round was. */
    private record Outcome(double time, double bound, int mostOpen) {}

    /** Does round after round. */
    @FunctionalInterface
    private interface Rounds {
        Outcome next() throws IOException, InterruptedException;
    }
}
