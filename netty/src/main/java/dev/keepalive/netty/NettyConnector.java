package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import dev.keepalive.spi.VisibleText;
import io.netty.channel.EventLoop;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A connector on Netty. It opens connections over TCP by host name or address, directly or through proxies, or to a
 * Unix-domain socket; with TLS where the endpoint or the builder says so. It never blocks. It belongs to one manager,
 * which claims and closes it. Safe from any thread.
 *
 * <p>Dials that ask for the same name at the same time share one lookup, over both address families. The addresses are
 * tried by Happy Eyeballs (RFC 8305): an IPv6 address first, then an IPv4 address, and so on. An attempt begins a
 * quarter of a second after the one before it, or as soon as an attempt fails. The first socket that connects is used.
 * The next dial to that host begins with the family that won. A failed dial reports the first error; the errors of the
 * other addresses are its suppressed exceptions.
 *
 * <p>While connections to a name are open, the name is looked up again periodically. Connections whose address has left
 * the answer retire: they end as soon as they are not in use.
 *
 * <p>A proxy is an endpoint of scheme {@code http}, {@code https} or {@code socks5}. It may have TLS, credentials, and
 * a proxy of its own. Its TLS settings are its own ({@link NettyConnectorBuilder#proxyTls}). The proxy looks the name
 * of the next endpoint up, and learns only its host and port.
 *
 * <p>A connection has TLS if {@link Endpoint#tls} says so, as it does for {@code https}, {@code wss} or
 * {@code nats+tls}, or if {@link NettyConnectorBuilder#tls(String, io.netty.handler.ssl.SslContext)} declares that the
 * scheme means TLS. Every other scheme is free text and means a connection in the clear. Schemes of other transports,
 * like {@code unix} or {@code coaps}, are refused.
 *
 * <p>A TLS session is resumed only between connections of equal endpoints, for
 * {@link NettyConnectorBuilder#tlsSessionTimeout} at most, and not after {@link #forget}. For that purpose the peer
 * port of its session is a number that the connector assigns.
 *
 * <p>In a class loader other than those of the JVM, it turns Netty's events for the Flight Recorder off if it is the
 * first to use Netty there, and the system property {@code io.netty.jfr.enabled} is not set: with them, that class
 * loader could never be collected.
 *
 * <p>An idle connection is watched: when the peer closes it, breaks it or sends anything, it is closed. With TLS, only
 * decrypted input counts; but a peer that sends more than 128 KiB of TLS records without data is closed, even if the
 * connection is leased.
 */
public final class NettyConnector implements Connector<NettyConnection> {
    static {
        AllocatorEvents.turnOffWhereTheyKeepAClassLoader();
    }

    private final EventLoops loops;
    private final ConnectorContext context;
    private final boolean allowsHalfClosure;
    private final AtomicBoolean opened = new AtomicBoolean();
    /**
     * The endpoint that was last found to be supported. An endpoint does not change, nor do the options it is checked
     * against.
     */
    private volatile @Nullable Endpoint lastChecked;

    NettyConnector(NettyConnectorBuilder options) {
        loops = new EventLoops(options.eventLoopGroup);
        allowsHalfClosure = options.allowsHalfClosure;
        Transport transport = loops.transport();
        HostNameResolver hostNameResolver = options.nameLookup(transport);
        context = new ConnectorContext(
                transport,
                hostNameResolver,
                new AddressFamilyCache(),
                new AddressRefresher(hostNameResolver, options.addressRefreshNanos()),
                new TlsSettings(options.tls, options.identities, options.verifyHosts, options.tlsSessionTimeoutNanos()),
                new TlsSettings(options.proxyTls, options.identities, true, options.tlsSessionTimeoutNanos()),
                new ProxyHandlers(options.credentials, options.proxyAuthorizations),
                options.bindAddress,
                options.socketOptions(transport),
                options.channelOptions(transport),
                options.channelInitializer,
                options.addressFilter);
    }

    ConnectorContext context() {
        return context;
    }

    /** A connector with the default options. It holds no thread and no descriptor until the first dial. */
    public static NettyConnector create() {
        return builder().build();
    }

    /** A builder for a connector with other options. */
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

    private void checkHop(Endpoint hop, boolean isFirst, boolean isProxy) {
        (isProxy ? context.proxyTlsSettings() : context.tlsSettings()).check(hop);
        if (isProxy) {
            context.proxyHandlers().check(hop);
        } else {
            refuse("credentials", hop.credentials(), "for a proxy only; " + hop + " is not a proxy");
        }
        if (!isFirst) {
            refuse("a Unix-domain socket", hop.unixSocketPath(), "without a proxy only: it is on this host");
            boolean zoned = hop.host().indexOf('%') >= 0;
            refuse("a zone", zoned ? hop.host() : null, "without a proxy only: it names an interface of this host");
        }
        if (hop.unixSocketPath() != null) {
            refuse("a local address", hop.localAddress(), "over TCP only, not for a Unix-domain socket");
        }
    }

    private static void refuse(String what, @Nullable Object value, String allowed) {
        if (value != null) {
            throw new IllegalArgumentException(
                    what + " (" + VisibleText.of(value.toString()) + ") is allowed " + allowed);
        }
    }

    @Override
    public Dial connect(DialRequest request, LinkEvents<NettyConnection> events) {
        return connect(
                request,
                events,
                (channel, loop, endpoint, tls) ->
                        new NettyLink(channel, loop, endpoint, context.tlsSettings(), allowsHalfClosure, events, tls));
    }

    Dial connect(DialRequest request, LinkEvents<?> events, DialedLink.Factory links) {
        EventLoop loop = loops.next(request.eventLoop());
        Route route = new Route(context, request.endpoint(), links);
        try {
            route.prepare();
        } catch (SSLException e) {
            events.failed(new DialException(Phase.TLS, 0, "there are no TLS settings: " + e.getMessage(), e));
            return () -> {};
        }
        NettyDial dial = new NettyDial(context, route, loop, request.timeout(), events);
        dial.begin();
        return dial;
    }

    @Override
    public void forget(Predicate<? super Endpoint> which) {
        context.tlsSettings().forgetSessions(which);
        context.proxyTlsSettings().forgetSessions(which);
    }

    @Override
    public @Nullable Executor currentEventLoop() {
        return loops.current();
    }

    @Override
    public CompletionStage<?> close() {
        return loops.close();
    }
}
