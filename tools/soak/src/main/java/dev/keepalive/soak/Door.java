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
 * One address at which the chaos server listens, on and off. The endpoint is fixed; the rest is for the chaos server's
 * thread.
 */
final class Door {
    private static final int BACKLOG = 200;

    final Endpoint endpoint;
    final boolean tls;
    /** Whether nobody listens from time to time. */
    final boolean flaky;
    /** The limits that count what comes in here: its own first. */
    final List<Gauge> gauges;

    private @Nullable ServerSocketChannel listener;

    private Door(Endpoint endpoint, ServerSocketChannel listener, boolean tls, boolean flaky, List<Gauge> gauges) {
        this.endpoint = endpoint;
        this.listener = listener;
        this.tls = tls;
        this.flaky = flaky;
        this.gauges = gauges;
    }

    /** Listens at this address, on any free port. */
    static Door at(String scheme, String address, boolean tls, boolean flaky, List<Gauge> gauges) throws IOException {
        ServerSocketChannel listener = listen(new InetSocketAddress(InetAddress.getByName(address), 0));
        int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        return new Door(Endpoint.of(scheme, address, port), listener, tls, flaky, gauges);
    }

    /** The gauge of the door alone. */
    Gauge gauge() {
        return gauges.get(0);
    }

    boolean isOpen() {
        return listener != null;
    }

    @Nullable
    ServerSocketChannel listener() {
        return listener;
    }

    /** Has the selector watch for whoever comes. */
    void watch(Selector selector) throws IOException {
        if (listener != null) {
            listener.register(selector, SelectionKey.OP_ACCEPT, this);
        }
    }

    /** From now on whoever comes is refused. */
    void shut() throws IOException {
        if (listener != null) {
            listener.close();
            listener = null;
        }
    }

    /** Listens again, at the same port. */
    void reopen(Selector selector) throws IOException {
        listener = listen(new InetSocketAddress(InetAddress.getByName(endpoint.host()), endpoint.port()));
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
