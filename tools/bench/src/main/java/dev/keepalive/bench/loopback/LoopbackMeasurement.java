package dev.keepalive.bench.loopback;

import dev.keepalive.bench.slices.ThreadLoad;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;

/**
 * Measures W7 of one contender. Clients acquire a connection for each request, send 64 bytes and get them back: on the
 * event loop, with and without TLS, and with a platform thread each.
 *
 * <p>On a JDK with virtual threads, the contenders with a blocking acquire are measured on those too, over sockets.
 */
@Command(
        name = "loopback",
        sortOptions = false,
        description = "Measures requests end to end on loopback, beside raw channels.")
public final class LoopbackMeasurement extends ChannelMeasurement {
    /** The busiest first: it warms up the JVM for the others. */
    private static final List<LoadSize> SIZES =
            List.of(LoadSize.of(64), new LoadSize(64, 8), LoadSize.of(8), LoadSize.of(1));

    private static final LoadSize THREADS = LoadSize.of(8);

    LoopbackMeasurement() {
        super("W7", WireFormat.ECHO);
    }

    /** Runs the program and ends the JVM. */
    public static void main(String... arguments) {
        new LoopbackMeasurement().runAndExit(arguments);
    }

    @Override
    protected void measure() throws Exception {
        boolean onChannels = ChannelPoolRegistry.names().contains(contender());
        boolean onSockets = SocketPoolRegistry.names().contains(contender());
        if (!onChannels && !onSockets) {
            throw new IllegalArgumentException("contender '" + contender() + "' is not known: one of "
                    + ChannelPoolRegistry.names() + " or " + SocketPoolRegistry.names());
        }
        boolean reuses = !contender().equals(ChannelPoolRegistry.WITHOUT_REUSE);
        try (ServerProcess server = startServer(null)) {
            for (LoadSize size : onChannels ? SIZES : List.<LoadSize>of()) {
                startSetting(size.of("client"));
                if (reuses || size.hasConnectionForEach()) {
                    measureOnEventLoop(server, size, null);
                }
            }
            if (onChannels && reuses) {
                startSetting(THREADS.of("platform thread"));
                measureOnThreads(server, THREADS);
            }
            for (LoadSize size : onSockets && ThreadLoad.hasVirtualThreads() ? SIZES : List.<LoadSize>of()) {
                startSetting(size.of("virtual thread"));
                if (size.hasConnectionForEach()) {
                    measureOnVirtualThreads(server, size);
                }
            }
        }
        if (onChannels && reuses) {
            measureWithTls();
        }
    }

    private void measureWithTls() throws Exception {
        LoopbackTls tls = LoopbackTls.create();
        beginsCold();
        try (ServerProcess server = startServer(tls)) {
            for (LoadSize size : isQuick() ? List.of(LoadSize.of(8)) : SIZES) {
                startSetting(size.of("client") + ", TLS");
                measureOnEventLoop(server, size, tls.client());
            }
        }
    }

    private void measureOnVirtualThreads(ServerProcess server, LoadSize size) throws InterruptedException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port());
        try (SocketPoolAdapter raw = SocketPoolRegistry.make(ChannelPoolRegistry.RAW, address, size.connections());
                SocketPoolAdapter pool = SocketPoolRegistry.make(contender(), address, size.connections());
                ThreadLoad yardstick = virtual(raw, size.connections());
                ThreadLoad load = virtual(pool, size.clients())) {
            measurePairs(ChannelPoolRegistry.RAW, yardstick::run, load::run);
        }
    }

    private static ThreadLoad virtual(SocketPoolAdapter pool, int count) {
        return ThreadLoad.onVirtualThreads(
                IntStream.rangeClosed(1, count).mapToObj(pool::newClient).toList());
    }
}
