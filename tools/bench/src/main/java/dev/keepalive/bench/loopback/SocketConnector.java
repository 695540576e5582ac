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
 * A connector to one server over blocking sockets. Like the other socket pools here, it does not check a released
 * socket for unread input, so that only the pools differ.
 */
final class SocketConnector implements Connector<SocketConnector.SocketHandle> {
    private final InetSocketAddress server;

    SocketConnector(InetSocketAddress server) {
        this.server = server;
    }

    @Override
    public void claim() {}

    @Override
    public void requireSupported(Endpoint endpoint) {}

    @Override
    public Dial connect(DialRequest request, LinkEvents<SocketHandle> events) {
        events.opened(new SocketLink(new EchoSocket(server), events));
        return () -> {};
    }

    @Override
    public CompletionStage<?> close() {
        return CompletableFuture.completedStage(null);
    }

    /** The handle that a lease gives to its holder. */
    record SocketHandle(Lease<SocketHandle> lease, EchoSocket socket) {}

    private record SocketLink(EchoSocket socket, LinkEvents<SocketHandle> events) implements Link<SocketHandle> {
        @Override
        public SocketHandle handle(Lease<SocketHandle> lease, long number) {
            return new SocketHandle(lease, socket);
        }

        @Override
        public void reset(long number) {
            events.resetDone(true);
        }

        @Override
        public void close() {
            socket.close();
            events.closed(null);
        }
    }
}
