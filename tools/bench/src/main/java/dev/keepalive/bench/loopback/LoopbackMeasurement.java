package dev.keepalive.bench.loopback;

import dev.keepalive.bench.Measurement;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures W7 of one contender. Clients acquire a connection for each request, send 64 bytes and get them back. Slices
 * of time with the contender and with raw channels, without any pool, take turns. All clients and channels are on one
 * event loop, so contenders differ in the pool alone.
 *
 * <p>A figure relative to raw is the median over the rounds. Each round is a slice with raw channels and one with the
 * contender; which comes first alternates. With more clients than connections, there are as many raw clients as
 * connections.
 *
 * <p>On a JDK with virtual threads, the contenders with a blocking acquire are measured on those too, over sockets.
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
    /** Long enough to compile all hot code: on two processors under load, that takes seconds. */
    private static final Duration FIRST_WARM_UP = Duration.ofSeconds(12);

    private static final Duration WARM_UP = Duration.ofSeconds(1);

    /** The busiest first: it warms up the JVM for the others. */
    private static final List<LoadSize> SIZES =
            List.of(new LoadSize(64, 64), new LoadSize(64, 8), new LoadSize(8, 8), new LoadSize(1, 1));

    @Option(names = "--rounds", paramLabel = "N", description = "Pairs of slices; default: 3 or 10.")
    private int rounds;

    @Option(names = "--slice", paramLabel = "MS", description = "Length of a slice; default: 250 or 400 ms.")
    private int slice;

    LoopbackMeasurement() {
        super("W7");
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new LoopbackMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        String name = contender();
        if (!ChannelPoolRegistry.names().contains(name)
                && !SocketPoolRegistry.names().contains(name)) {
            throw new IllegalArgumentException("contender '" + name + "' is not known: one of "
                    + ChannelPoolRegistry.names() + " or " + SocketPoolRegistry.names());
        }
        rounds = rounds > 0 ? rounds : isQuick() ? QUICK_ROUNDS : ROUNDS;
        slice = slice > 0 ? slice : isQuick() ? QUICK_SLICE_MILLIS : SLICE_MILLIS;
        try (ServerProcess server = ServerProcess.start(EchoServer.class)) {
            for (LoadSize size : SIZES) {
                startSetting(size.toString());
                if (ChannelPoolRegistry.names().contains(name)
                        && (size.hasConnectionForEach() || !name.equals(ChannelPoolRegistry.WITHOUT_REUSE))) {
                    measureOnEventLoop(server, size);
                }
            }
            for (LoadSize size : SIZES) {
                startSetting(size.clients() + (size.clients() == 1 ? " virtual thread" : " virtual threads"));
                if (SocketPoolRegistry.names().contains(name)
                        && size.hasConnectionForEach()
                        && VirtualThreadLoad.isPossible()) {
                    measureOnVirtualThreads(server, size);
                }
            }
        }
    }

    private void measureOnEventLoop(ServerProcess server, LoadSize size) throws InterruptedException {
        try (ChannelOpener opener = new ChannelOpener(server.port());
                ChannelPoolAdapter raw = ChannelPoolRegistry.make(ChannelPoolRegistry.RAW, opener, size.connections());
                ChannelPoolAdapter pool = ChannelPoolRegistry.make(contender(), opener, size.connections())) {
            EventLoopLoad yardstick = new EventLoopLoad(opener.loop(), raw, size.connections());
            EventLoopLoad load = new EventLoopLoad(opener.loop(), pool, size.clients());
            PairedSlices.measure(warmUp(size), rounds, Duration.ofMillis(slice), yardstick::run, load::run)
                    .report(this::reportFigure);
        }
    }

    private void measureOnVirtualThreads(ServerProcess server, LoadSize size) throws InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        try (SocketPoolAdapter raw = SocketPoolRegistry.make(ChannelPoolRegistry.RAW, address, size.connections());
                SocketPoolAdapter pool = SocketPoolRegistry.make(contender(), address, size.connections());
                VirtualThreadLoad yardstick = new VirtualThreadLoad(raw, size.connections());
                VirtualThreadLoad load = new VirtualThreadLoad(pool, size.clients())) {
            PairedSlices.measure(warmUp(size), rounds, Duration.ofMillis(slice), yardstick::run, load::run)
                    .report(this::reportFigure);
        }
    }

    private static Duration warmUp(LoadSize size) {
        return size.equals(SIZES.get(0)) ? FIRST_WARM_UP : WARM_UP;
    }

    /**
     * The size of a load.
     *
     * @param clients the number of clients
     * @param connections the limit of connections
     */
    record LoadSize(int clients, int connections) {
        /** True if no client has to wait for another one's connection. */
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
