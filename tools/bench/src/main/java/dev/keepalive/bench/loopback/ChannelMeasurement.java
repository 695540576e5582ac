package dev.keepalive.bench.loopback;

import dev.keepalive.bench.slices.PairedMeasurement;
import dev.keepalive.bench.slices.ThreadLoad;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Measures clients that acquire a channel for each request, beside clients with raw channels, without any pool. All
 * channels are on one event loop, so contenders differ in the pool alone. With more clients than connections, there are
 * as many raw clients as connections.
 */
abstract class ChannelMeasurement extends PairedMeasurement {
    private final WireFormat format;

    ChannelMeasurement(String number, WireFormat format) {
        super(number);
        this.format = format;
    }

    /** Starts the server. */
    ServerProcess startServer(@Nullable LoopbackTls tls) throws IOException {
        Stream<String> files = tls == null ? Stream.of() : tls.serverFiles().stream();
        return ServerProcess.start(
                LoopbackServer.class,
                Stream.concat(Stream.of(format.name()), files).toArray(String[]::new));
    }

    /** Measures clients on the event loop. */
    void measureOnEventLoop(ServerProcess server, LoadSize size, @Nullable SslContext tls) throws InterruptedException {
        try (ChannelOpener opener = new ChannelOpener(server.port(), format, tls);
                ChannelPoolAdapter raw = raw(opener, size);
                ChannelPoolAdapter pool = ChannelPoolRegistry.make(contender(), opener, size.connections())) {
            measurePairs(
                    ChannelPoolRegistry.RAW,
                    new EventLoopLoad(opener, raw, size.connections())::run,
                    new EventLoopLoad(opener, pool, size.clients())::run);
        }
    }

    /** Measures clients with a platform thread each, which parks until the answer is there. */
    void measureOnThreads(ServerProcess server, LoadSize size) throws InterruptedException {
        try (ChannelOpener opener = new ChannelOpener(server.port(), format, null);
                ChannelPoolAdapter raw = raw(opener, size);
                ChannelPoolAdapter pool = ChannelPoolRegistry.make(contender(), opener, size.connections());
                ThreadLoad yardstick = parked(opener, raw, size.connections());
                ThreadLoad load = parked(opener, pool, size.clients())) {
            measurePairs(ChannelPoolRegistry.RAW, yardstick::run, load::run);
        }
    }

    private static ChannelPoolAdapter raw(ChannelOpener opener, LoadSize size) {
        return ChannelPoolRegistry.make(ChannelPoolRegistry.RAW, opener, size.connections());
    }

    private static ThreadLoad parked(ChannelOpener opener, ChannelPoolAdapter pool, int count) {
        List<ParkedClient> clients = IntStream.rangeClosed(1, count)
                .mapToObj(number -> new ParkedClient(pool, number))
                .toList();
        return ThreadLoad.onPlatformThreads(clients, opener.loopThread());
    }
}
