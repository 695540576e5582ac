package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The way from a socket to an endpoint: through the proxies of the endpoint, each of which may itself have a proxy, and
 * through TLS to each of them. A route makes sockets and fills their pipelines. Each pipeline gets handlers of its own.
 * Immutable.
 */
final class Route {
    private final ConnectorContext context;
    private final DialedLink.Factory links;
    /** The proxy nearest to this program first, the endpoint itself last. */
    private final List<Endpoint> hops;

    Route(ConnectorContext context, Endpoint endpoint, DialedLink.Factory links) {
        this.context = context;
        this.links = links;
        this.hops = hopsTo(endpoint);
    }

    static List<Endpoint> hopsTo(Endpoint endpoint) {
        Deque<Endpoint> hops = new ArrayDeque<>();
        for (Endpoint hop = endpoint; hop != null; hop = hop.proxy()) {
            hops.addFirst(hop);
        }
        return List.copyOf(hops);
    }

    /**
     * True if a connection to one of the endpoints takes the same way as one to the other: from the same local address,
     * through the same proxies, to the same socket.
     */
    static boolean isSame(Endpoint one, Endpoint other) {
        return one.host().equals(other.host())
                && one.port() == other.port()
                && Objects.equals(one.unixSocketPath(), other.unixSocketPath())
                && Objects.equals(one.localAddress(), other.localAddress())
                && Objects.equals(one.proxy(), other.proxy());
    }

    /**
     * Loads the TLS settings of all hops. The first call may read the system's certificates, and so may block.
     *
     * @throws SSLException if the JDK's default settings are not available
     */
    void prepare() throws SSLException {
        Endpoint last = hops.get(hops.size() - 1);
        for (Endpoint hop : hops) {
            (hop == last ? context.tlsSettings() : context.proxyTlsSettings()).prepare(hop);
        }
    }

    /** The first hop. The socket is connected to it. */
    Endpoint firstHop() {
        return hops.get(0);
    }

    /** The address of the first hop, if it needs no lookup and is none of TCP, like a Unix-domain socket; else null. */
    @Nullable
    SocketAddress directAddress() {
        Path path = firstHop().unixSocketPath();
        Transport transport = context.transport();
        return path == null ? transport.direct(firstHop().host(), firstHop().port()) : transport.unix(path);
    }

    /** Whether every address behind a proxy is allowed. A name behind a proxy is looked up by the proxy. */
    boolean isAllowedBehindProxies(Predicate<InetAddress> allowed) throws IOException {
        for (Endpoint hop : hops.subList(1, hops.size())) {
            if (TlsSettings.isAddress(hop.host()) && !allowed.test(TlsSettings.parseAddress(hop.host()))) {
                return false;
            }
        }
        return true;
    }

    /** The local address that the socket is bound to, or null if the system chooses. */
    @Nullable
    InetAddress bindAddress() {
        Endpoint last = hops.get(hops.size() - 1);
        for (Endpoint hop : List.of(last, firstHop())) {
            InetAddress own = hop.localAddress();
            if (own != null) {
                return own;
            }
        }
        return firstHop().unixSocketPath() == null ? context.bindAddress() : null;
    }

    /** Makes a socket for this address. */
    DuplexChannel openSocket(SocketAddress remote) {
        return remote instanceof InetSocketAddress ? context.openTcp(bindAddress() != null) : context.openUnix();
    }

    /**
     * A socket whose pipeline is filled.
     *
     * @param steps what has to succeed once the socket is connected, in order
     */
    record Installed(DialedLink link, List<ConnectAttempt.Step> steps) {}

    /** Fills the pipeline of a socket that is to be connected to the first hop. */
    Installed install(DuplexChannel channel, EventLoop loop) {
        context.initialize(channel, loop);
        ChannelPipeline pipeline = channel.pipeline();
        List<ConnectAttempt.Step> steps = new ArrayList<>();
        Endpoint last = hops.get(hops.size() - 1);
        for (int i = 0; i + 1 < hops.size(); i++) {
            Endpoint proxy = hops.get(i);
            SslHandler tls = context.proxyTlsSettings().handlerFor(proxy, last, channel);
            if (tls != null) {
                pipeline.addLast(tls);
                ProxyVerification verification = new ProxyVerification(tls, context.proxyTlsSettings(), proxy, loop);
                pipeline.addLast(verification);
                steps.add(new ConnectAttempt.Step(Phase.PROXY, verification.done(), proxy));
            }
            ProxyHandshake handshake = context.proxyHandlers().handler(proxy, hops.get(i + 1), loop);
            pipeline.addLast(handshake);
            steps.add(new ConnectAttempt.Step(Phase.PROXY, handshake.done(), proxy));
        }
        SslHandler tls = context.tlsSettings().handlerFor(last, last, channel);
        if (tls != null) {
            steps.add(new ConnectAttempt.Step(Phase.TLS, tls.handshakeFuture(), null));
        }
        DialedLink link = links.create(channel, loop, last, tls);
        link.fillPipeline();
        return new Installed(link, steps);
    }

    /** The address that a socket is bound to before it is connected, with any port; or null if it is not bound. */
    @Nullable
    SocketAddress localAddress() {
        InetAddress bind = bindAddress();
        return bind == null ? null : new InetSocketAddress(bind, 0);
    }
}
