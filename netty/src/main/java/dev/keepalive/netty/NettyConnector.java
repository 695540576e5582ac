package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections on Netty: over TCP by host name or address, directly or through proxies, or to a Unix-domain
 * socket; with TLS for {@code https} and for what endpoint or builder say; all of it without blocking. Belongs to one
 * manager, which opens and closes it. Safe from any thread.
 *
 * <p>A name is looked up once for all dials that ask for it at one time, over both families. Its addresses are raced
 * (Happy Eyeballs, RFC 8305): one of IPv6 first, then one of IPv4, and so on, each a quarter of a second after the last
 * or as soon as one fails; the first that connects is the connection. The next dial to that host begins with the family
 * that won. The first error is what a failed dial tells; those of other addresses are suppressed exceptions of it.
 *
 * <p>While connections to a name are open, it is looked up again now and then; those whose address has left the answer
 * end as soon as nobody uses them.
 *
 * <p>A proxy is an endpoint of scheme {@code http}, {@code https} or {@code socks5}, which may have TLS, credentials,
 * and a proxy of its own. It looks the name of the next endpoint up, and never learns more than its host and port.
 *
 * <p>A scheme other than {@code https} is free text and means a connection in the clear, unless
 * {@link Endpoint#withTls} asks for TLS or {@link NettyConnectorBuilder#tls(String, io.netty.handler.ssl.SslContext)}
 * says that the scheme does. Refused are those by which everybody understands something else, like {@code wss} or
 * {@code unix}. A TLS session is resumed between connections of equal endpoints only; to that end its peer port is a
 * number of the connector's.
 *
 * <p>An idle connection is watched: when the peer ends or breaks it, or sends anything, it is closed. With TLS, what
 * counts is what comes out of it.
 */
public final class NettyConnector implements Connector<NettyConnection> {
    private final EventLoops loops;
    private final DialContext dialContext;
    private final AtomicBoolean opened = new AtomicBoolean();
    /** Found to be all right. Endpoints do not change, nor does what they are checked by. */
    private volatile @Nullable Endpoint lastChecked;

    NettyConnector(NettyConnectorBuilder options) {
        loops = new EventLoops(options.eventLoopGroup);
        Transport transport = loops.transport();
        NameLookup nameLookup = options.nameLookup(transport);
        dialContext = new DialContext(
                transport,
                nameLookup,
                new AddressFamilyCache(),
                new DnsRefresher(nameLookup, options.addressRefreshNanos()),
                new TlsSettings(options.tls, options.identities, options.verifyHosts),
                new ProxyHandlers(options.credentials),
                options.bindAddress,
                options.socketOptions(transport));
    }

    /** A connector with the default options. It holds no thread and no descriptor until the first dial. */
    public static NettyConnector create() {
        return builder().build();
    }

    /** Begins a connector with other options. */
    public static NettyConnectorBuilder builder() {
        return new NettyConnectorBuilder();
    }

    @Override
    public void claim() {
        if (!opened.compareAndSet(false, true)) {
            throw new IllegalStateException("the connector belongs to a manager already: make one for each");
        }
    }

    @Override
    public void requireSupported(Endpoint endpoint) {
        if (endpoint == lastChecked) {
            return;
        }
        List<Endpoint> hops = Route.hopsTo(endpoint);
        Endpoint first = hops.get(0);
        if (first.unixSocketPath() != null) {
            refuse("a local address", endpoint.localAddress(), "over TCP only, not for a Unix-domain socket");
        }
        for (int i = 0; i < hops.size(); i++) {
            checkHop(hops.get(i), i == 0, i + 1 < hops.size());
        }
        lastChecked = endpoint;
    }

    private void checkHop(Endpoint hop, boolean first, boolean isProxy) {
        dialContext.tlsSettings().check(hop);
        if (isProxy) {
            dialContext.proxyHandlers().check(hop);
        } else {
            refuse("credentials", hop.credentials(), "of a proxy only; " + hop + " is none");
        }
        if (!first) {
            refuse("a Unix-domain socket", hop.unixSocketPath(), "without a proxy only: it is on this machine");
        }
        if (hop.unixSocketPath() != null) {
            refuse("a local address", hop.localAddress(), "over TCP only, not for a Unix-domain socket");
        }
    }

    private static void refuse(String what, @Nullable Object value, String allowed) {
        if (value != null) {
            throw new IllegalArgumentException(what + " (" + value + ") is allowed " + allowed);
        }
    }

    @Override
    public Dial connect(DialRequest request, LinkEvents<NettyConnection> events) {
        EventLoop loop = loops.next(request.eventLoop());
        try {
            dialContext.tlsSettings().prepare(request.endpoint());
        } catch (SSLException e) {
            events.failed(new DialException(Phase.TLS, 0, "no TLS settings can be had: " + e.getMessage(), e));
            return () -> {};
        }
        Route route = new Route(dialContext, request.endpoint(), events);
        NettyDial dial = new NettyDial(dialContext, route, loop, events);
        dial.begin();
        return dial;
    }

    @Override
    public @Nullable Executor currentEventLoop() {
        return loops.current();
    }

    @Override
    public CompletionStage<?> close() {
        dialContext.nameLookup().close();
        return loops.close();
    }
}
