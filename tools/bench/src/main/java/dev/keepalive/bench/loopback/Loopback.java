package dev.keepalive.bench.loopback;

import dev.keepalive.bench.Measurement;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W7 of one contender: clients that send 64 bytes and get them back, each on a connection that they acquire for it; beside raw channels that nobody
 * acquires, slice of time by slice of time. All clients are on one event loop, as are the channels, so that contenders differ in the pool alone.
 *
 * <p>A figure relative to raw is the median over the rounds; each round is a slice with raw channels and a slice with the contender, in turn first. With more
 * clients than connections, it is relative to as many raw clients as there are connections.
 *
 * <p>Where there are virtual threads, contenders whose users wait are measured on them too, with sockets instead of channels.
 */
@Command(
        name = "loopback",
        sortOptions = false,
        description = "Measures requests end to end on loopback, beside raw channels.")
public final class Loopback extends Measurement {
    private static final int QUICK_ROUNDS = 3;
    private static final int ROUNDS = 10;
    private static final int QUICK_SLICE_MILLIS = 250;
    private static final int SLICE_MILLIS = 400;
    /** What is slow until it is compiled is compiled by then: with two processors, that takes seconds beside a load. */
    private static final Duration FIRST_WARM_UP = Duration.ofSeconds(12);

    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /** The busiest first: it warms the JVM up for the rest. */
    private static final List<Setting> SETTINGS =
            List.of(new Setting(64, 64), new Setting(64, 8), new Setting(8, 8), new Setting(1, 1));

    @Option(names = "--rounds", paramLabel = "N", description = "Pairs of slices; default: 3 or 10.")
    private int rounds;

    @Option(names = "--slice", paramLabel = "MS", description = "How long a slice is; default: 250 or 400 ms.")
    private int slice;

    private Loopback() {
        super("W7");
    }

    /** A program of its own. */
    static Loopback program() {
        return new Loopback();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new Loopback().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        String name = contender();
        if (!Lenders.names().contains(name) && !BlockingLenders.names().contains(name)) {
            throw new IllegalArgumentException("contender '" + name + "' is not known: one of " + Lenders.names()
                    + " or " + BlockingLenders.names());
        }
        rounds = rounds > 0 ? rounds : isQuick() ? QUICK_ROUNDS : ROUNDS;
        slice = slice > 0 ? slice : isQuick() ? QUICK_SLICE_MILLIS : SLICE_MILLIS;
        try (ServerProcess server = ServerProcess.start(EchoServer.class)) {
            for (Setting setting : SETTINGS) {
                setting(setting.toString());
                if (Lenders.names().contains(name) && (setting.isPlenty() || !name.equals(Lenders.WITHOUT_REUSE))) {
                    asynchronously(server, setting);
                }
            }
            for (Setting setting : SETTINGS) {
                setting(setting.clients() + (setting.clients() == 1 ? " virtual thread" : " virtual threads"));
                if (BlockingLenders.names().contains(name) && setting.isPlenty() && BlockingLoad.isPossible()) {
                    onVirtualThreads(server, setting);
                }
            }
        }
    }

    private void asynchronously(ServerProcess server, Setting setting) throws InterruptedException {
        try (Channels channels = new Channels(server.port());
                Lender raw = Lenders.make(Lenders.RAW, channels, setting.connections());
                Lender lender = Lenders.make(contender(), channels, setting.connections())) {
            Load yardstick = new Load(channels.loop(), raw, setting.connections());
            Load load = new Load(channels.loop(), lender, setting.clients());
            Pairs.of(warmUp(setting), rounds, Duration.ofMillis(slice), yardstick::run, load::run)
                    .report(this::figure);
        }
    }

    private void onVirtualThreads(ServerProcess server, Setting setting) throws InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        try (BlockingLender raw = BlockingLenders.make(Lenders.RAW, address, setting.connections());
                BlockingLender lender = BlockingLenders.make(contender(), address, setting.connections());
                BlockingLoad yardstick = new BlockingLoad(raw, setting.connections());
                BlockingLoad load = new BlockingLoad(lender, setting.clients())) {
            Pairs.of(warmUp(setting), rounds, Duration.ofMillis(slice), yardstick::run, load::run)
                    .report(this::figure);
        }
    }

    private static Duration warmUp(Setting setting) {
        return setting.equals(SETTINGS.get(0)) ? FIRST_WARM_UP : WARM_UP;
    }

    /**
     * How many share how much.
     *
     * @param clients that want a connection
     * @param connections that there are at most
     */
    record Setting(int clients, int connections) {
        /** Whether nobody has to wait for another. */
        boolean isPlenty() {
            return clients <= connections;
        }

        @Override
        public String toString() {
            String text = clients == 1 ? "1 client" : clients + " clients";
            return clients == connections ? text : text + " on " + connections;
        }
    }
}
