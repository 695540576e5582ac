package dev.keepalive.soak;

import dev.keepalive.Endpoint;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One address at which the chaos server listens, with breaks. The endpoint is fixed; everything else belongs to the
 * thread of the chaos server.
 */
final class ChaosListener {
    private static final int BACKLOG = 200;

    final Endpoint endpoint;
    /** What is spoken there. */
    final EndpointKind kind;

    final boolean tls;
    /** Whether the listener closes from time to time. */
    final boolean flaky;
    /** The gauges that count the connections accepted here; its own comes first. */
    final List<ConnectionGauge> gauges;

    private @Nullable ServerSocketChannel socket;

    private ChaosListener(
            Endpoint endpoint, ServerSocketChannel listener, boolean tls, boolean flaky, List<ConnectionGauge> gauges) {
        this.endpoint = endpoint;
        this.kind = EndpointKind.of(endpoint);
        this.socket = listener;
        this.tls = tls;
        this.flaky = flaky;
        this.gauges = gauges;
    }

    /** Listens at this address on any free port. */
    static ChaosListener at(EndpointKind kind, String address, boolean tls, boolean flaky, List<ConnectionGauge> gauges)
            throws IOException {
        ServerSocketChannel listener = listen(new InetSocketAddress(InetAddress.getByName(address), 0));
        int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        return new ChaosListener(Endpoint.of(kind.scheme(tls), address, port), listener, tls, flaky, gauges);
    }

    /** The gauge of this listener alone. */
    ConnectionGauge gauge() {
        return gauges.get(0);
    }

    boolean isOpen() {
        return socket != null;
    }

    @Nullable
    ServerSocketChannel socket() {
        return socket;
    }

    /** Registers for accepts. */
    void watch(Selector selector) throws IOException {
        if (socket != null) {
            socket.register(selector, SelectionKey.OP_ACCEPT, this);
        }
    }

    /** Closes the socket: new connections are refused. */
    void shut() throws IOException {
        if (socket != null) {
            socket.close();
            socket = null;
        }
    }

    /** Listens again at the same port. */
    void reopen(Selector selector) throws IOException {
        socket = listen(new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port()));
        watch(selector);
    }

    private static ServerSocketChannel listen(InetSocketAddress address) throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        try {
            listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            listener.configureBlocking(false);
            return listener.bind(address, BACKLOG);
        } catch (IOException e) {
            listener.close();
            throw e;
        }
    }

    @Override
    public String toString() {
        return endpoint.toString();
    }
}
