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
public final class LoopbackMeasurement extends Measurement {
    private static final int QUICK_ROUNDS = 3;
    private static final int ROUNDS = 10;
    private static final int QUICK_SLICE_MILLIS = 250;
    private static final int SLICE_MILLIS = 400;
    /** What is slow until it is compiled is compiled by then: with two processors, that takes seconds beside a load. */
    private static final Duration FIRST_WARM_UP = Duration.ofSeconds(12);

    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /** The busiest first: it warms the JVM up for the rest. */
    private static final List<LoadSize> SIZES =
            List.of(new LoadSize(64, 64), new LoadSize(64, 8), new LoadSize(8, 8), new LoadSize(1, 1));

    @Option(names = "--rounds", paramLabel = "N", description = "Pairs of slices; default: 3 or 10.")
    private int rounds;

    @Option(names = "--slice", paramLabel = "MS", description = "How long a slice is; default: 250 or 400 ms.")
    private int slice;

    private LoopbackMeasurement() {
        super("W7");
    }

    /** A program of its own. */
    static LoopbackMeasurement program() {
        return new LoopbackMeasurement();
    }

    /** Runs the program, and ends the JVM. */
    public static void main(String... arguments) {
        new LoopbackMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        String name = contender();
        if (!ChannelPoolRegistry.names().contains(name) && !SocketPoolRegistry.names().contains(name)) {
            throw new IllegalArgumentException("contender '" + name + "' is not known: one of " + ChannelPoolRegistry.names()
                    + " or " + SocketPoolRegistry.names());
        }
        rounds = rounds > 0 ? rounds : isQuick() ? QUICK_ROUNDS : ROUNDS;
        slice = slice > 0 ? slice : isQuick() ? QUICK_SLICE_MILLIS : SLICE_MILLIS;
        try (ServerProcess server = ServerProcess.start(EchoServer.class)) {
            for (LoadSize size : SIZES) {
                setting(size.toString());
                if (ChannelPoolRegistry.names().contains(name) && (size.hasConnectionForEach() || !name.equals(ChannelPoolRegistry.WITHOUT_REUSE))) {
                    asynchronously(server, size);
                }
            }
            for (LoadSize size : SIZES) {
                setting(size.clients() + (size.clients() == 1 ? " virtual thread" : " virtual threads"));
                if (SocketPoolRegistry.names().contains(name) && size.hasConnectionForEach() && VirtualThreadLoad.isPossible()) {
                    onVirtualThreads(server, size);
                }
            }
        }
    }

    private void asynchronously(ServerProcess server, LoadSize size) throws InterruptedException {
        try (ChannelOpener opener = new ChannelOpener(server.port());
                ChannelPoolAdapter raw = ChannelPoolRegistry.make(ChannelPoolRegistry.RAW, opener, size.connections());
                ChannelPoolAdapter pool = ChannelPoolRegistry.make(contender(), opener, size.connections())) {
            EventLoopLoad yardstick = new EventLoopLoad(opener.loop(), raw, size.connections());
            EventLoopLoad load = new EventLoopLoad(opener.loop(), pool, size.clients());
            PairedSlices.of(warmUp(size), rounds, Duration.ofMillis(slice), yardstick::run, load::run)
                    .report(this::figure);
        }
    }

    private void onVirtualThreads(ServerProcess server, LoadSize size) throws InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        try (SocketPoolAdapter raw = SocketPoolRegistry.make(ChannelPoolRegistry.RAW, address, size.connections());
                SocketPoolAdapter pool = SocketPoolRegistry.make(contender(), address, size.connections());
                VirtualThreadLoad yardstick = new VirtualThreadLoad(raw, size.connections());
                VirtualThreadLoad load = new VirtualThreadLoad(pool, size.clients())) {
            PairedSlices.of(warmUp(size), rounds, Duration.ofMillis(slice), yardstick::run, load::run)
                    .report(this::figure);
        }
    }

    private static Duration warmUp(LoadSize size) {
        return size.equals(SIZES.get(0)) ? FIRST_WARM_UP : WARM_UP;
    }

    /**
     * How many share how much.
     *
     * @param clients that want a connection
     * @param connections that there are at most
     */
    record LoadSize(int clients, int connections) {
        /** Whether nobody has to wait for another. */
        boolean hasConnectionForEach() {
            return clients <= connections;
        }

        @Override
        public String toString() {
            String text = clients == 1 ? "1 client" : clients + " clients";
            return clients == connections ? text : text + " on " + connections;
        }
    }
}
