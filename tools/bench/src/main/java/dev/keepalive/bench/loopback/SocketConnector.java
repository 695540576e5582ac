package dev.keepalive.bench.loopback;

import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A connector to one server over sockets for threads that wait. Like the pools beside it, it does not look whether a socket that comes back is quiet: so
 * that only the pools differ.
 */
final class SocketConnector implements Connector<SocketConnector.Held> {
    private final InetSocketAddress server;

    SocketConnector(InetSocketAddress server) {
        this.server = server;
    }

    @Override
    public void open() {}

    @Override
    public void check(Endpoint endpoint) {}

    @Override
    public Dial connect(DialRequest request, LinkEvents<Held> events) {
        events.opened(new SocketLink(new Wire(server), events));
        return () -> {};
    }

    @Override
    public CompletionStage<?> close() {
        return CompletableFuture.completedStage(null);
    }

    /** What the holder of a lease uses. */
    record Held(Lease<Held> lease, Wire wire) {}

    private record SocketLink(Wire wire, LinkEvents<Held> events) implements Link<Held> {
        @Override
        public Held handle(Lease<Held> lease, long number) {
            return new Held(lease, wire);
        }

        @Override
        public void reset(long number) {
            events.reset(true);
        }

        @Override
        public void close() {
            wire.close();
            events.closed(null);
        }
    }
}
