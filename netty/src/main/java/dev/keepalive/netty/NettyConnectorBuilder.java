package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.VisibleText;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link NettyConnector}. All are optional. Each setter checks its value at once, and throws a
 * {@link NullPointerException} for null. Not safe for use by several threads.
 */
public final class NettyConnectorBuilder {
    private static final Duration MAX_REFRESH = Duration.ofDays(365);
    /** So long the JDK keeps a session, unless an SSLContext says otherwise. */
    private static final Duration MAX_SESSION_TIMEOUT = Duration.ofDays(1);

    final Map<String, ProxyHandlers.Credentials> credentials = new HashMap<>();
    final List<Function<? super String, @Nullable String>> proxyAuthorizations = new ArrayList<>();
    private Duration addressRefresh = Duration.ofSeconds(30);
    private Duration tlsSessionTimeout = Duration.ofHours(1);
    private @Nullable Duration tcpUserTimeout;
    private ConnectorContext.@Nullable Probes probes;
    final Map<String, SslContext> identities = new HashMap<>();
    final Map<String, SslContext> tls = new HashMap<>();
    final Map<String, SslContext> proxyTls = new HashMap<>();
    boolean verifyHosts = true;
    boolean allowsHalfClosure;

    @Nullable
    EventLoopGroup eventLoopGroup;

    @Nullable
    InetAddress bindAddress;

    @Nullable
    Predicate<? super InetAddress> addressFilter;

    private final ChannelOptions channelOptions = new ChannelOptions();

    @Nullable
    Consumer<? super Channel> channelInitializer;

    private @Nullable AddressResolverGroup<? extends InetSocketAddress> resolver;
    private @Nullable HostNameResolver hostNameResolver;

    NettyConnectorBuilder() {}

    /**
     * The event loops that carry the connections. They are shared: the connector does not shut them down. Default: the
     * connector's own daemon threads, at most one per processor, started as they are needed and ended when the
     * connector is closed. They use a native transport (epoll, else io_uring) if its classes and library are on the
     * class path, else NIO.
     *
     * <p>With Netty's local transport ({@link io.netty.channel.local.LocalIoHandler}), for tests, no socket is opened:
     * an endpoint leads to the server that is bound to {@code new LocalAddress("host:port")}, and no name is looked up.
     *
     * @param eventLoopGroup a group of Netty's NIO, epoll, io_uring or local transport
     * @throws IllegalArgumentException if it is of another transport
     */
    public NettyConnectorBuilder eventLoopGroup(EventLoopGroup eventLoopGroup) {
        Transport.of(Objects.requireNonNull(eventLoopGroup, "eventLoopGroup"));
        this.eventLoopGroup = eventLoopGroup;
        return this;
    }

    /**
     * The local address that connections over TCP are bound to if their endpoint names none. Addresses of a host name
     * that are of the other family are not tried. With epoll the system chooses the local port when the socket connects
     * ({@code IP_BIND_ADDRESS_NO_PORT}), so each destination can use all ports; without it, all destinations share
     * them. Default: the system chooses the address.
     */
    public NettyConnectorBuilder bindAddress(InetAddress bindAddress) {
        this.bindAddress = Objects.requireNonNull(bindAddress, "bindAddress");
        return this;
    }

    /**
     * Sets {@link #bindAddress(InetAddress)} from text.
     *
     * @throws IllegalArgumentException if the text is not a numeric address: a name would have to be looked up, which
     *     blocks
     */
    public NettyConnectorBuilder bindAddress(String bindAddress) {
        return bindAddress(BindAddress.parse(Objects.requireNonNull(bindAddress, "bindAddress")));
    }

    /**
     * Which addresses may be dialed. Asked for each address right before it is tried, whether it was found by a lookup
     * or stands in the endpoint or its proxy; so a name server cannot lead a program into its own network (SSRF). A
     * name behind a proxy is looked up by the proxy, which has to refuse by itself; Unix-domain sockets have no
     * address. Called on event loops: it must be fast, and safe from any thread. If it throws, the address is refused.
     * If no address is left, the dial fails with error number 13. Default: every address.
     */
    public NettyConnectorBuilder addressFilter(Predicate<? super InetAddress> addressFilter) {
        this.addressFilter = Objects.requireNonNull(addressFilter, "addressFilter");
        return this;
    }

    /**
     * The resolver that looks host names up; only the addresses of its answers are used. Several connectors may share
     * one: none of them closes it. Default: the hosts file of this host, then the name servers of its resolv.conf. Both
     * files are read again when they change. IPv6 and IPv4 are asked for at once. An answer is kept for its time to
     * live, but for ten minutes at most.
     */
    public NettyConnectorBuilder resolver(AddressResolverGroup<? extends InetSocketAddress> resolver) {
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        return this;
    }

    /**
     * The TLS settings for every endpoint that has TLS ({@link Endpoint#tls}) and whose scheme has no settings of its
     * own: trust, keys, versions. Host names are verified nevertheless, unless {@link #withoutHostVerification} is
     * called. Default: the JDK's settings.
     *
     * @throws IllegalArgumentException if the settings are for a server
     */
    public NettyConnectorBuilder tls(SslContext context) {
        return tls(TlsSettings.HTTPS, context);
    }

    /**
     * The TLS settings of one scheme, for example {@code tls("rediss", context)}. A scheme that does not mean TLS by
     * itself then does, on this connector. Host names are verified nevertheless, unless
     * {@link #withoutHostVerification} is called.
     *
     * @throws IllegalArgumentException if the settings are for a server, the scheme is not in the grammar of RFC 3986,
     *     or it is known to mean another transport
     */
    public NettyConnectorBuilder tls(String scheme, SslContext context) {
        String lower = Endpoint.of(scheme, "any", 1).scheme();
        TlsSettings.checkMayUseTls(lower);
        tls.put(lower, requireClient("tls for", lower, context));
        return this;
    }

    /**
     * TLS settings with a name: trust, client certificate, versions. Endpoints of any scheme ask for them by
     * {@link Endpoint#withIdentity}; an endpoint with a name that the connector does not know is refused. Host names
     * are verified nevertheless, unless {@link #withoutHostVerification} is called.
     *
     * @throws IllegalArgumentException if the name is blank, or the settings are for a server
     */
    public NettyConnectorBuilder identity(String name, SslContext context) {
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "identity '" + VisibleText.of(name) + "' is not allowed: a name that is not blank");
        }
        identities.put(name, requireClient("identity", name, context));
        return this;
    }

    private static SslContext requireClient(String what, String name, SslContext context) {
        if (!context.isClient()) {
            throw new IllegalArgumentException(
                    what + " '" + name + "' is not allowed to be a server's: use SslContextBuilder.forClient()");
        }
        return context;
    }

    /**
     * The TLS settings for proxies of scheme {@code https} whose endpoints name no identity
     * ({@link dev.keepalive.Endpoint#withIdentity}): trust, keys, versions. What {@link #tls} says is not for proxies:
     * a client certificate or an authority that is meant for the endpoint would be shown to, or trusted at, another
     * owner's host. The names of proxies are always verified. Default: the JDK's settings.
     *
     * @throws IllegalArgumentException if the settings are for a server
     */
    public NettyConnectorBuilder proxyTls(SslContext context) {
        proxyTls.put(TlsSettings.HTTPS, requireClient("proxyTls", TlsSettings.HTTPS, context));
        return this;
    }

    /**
     * How long TLS sessions of an endpoint may be resumed, those with proxies too, counted from the first handshake. A
     * resumed session is not verified again: it brings the trust, the client certificate and the server name of the
     * full handshake in which it was made. When the time is over, the next handshake is a full one: the trust manager
     * and the key manager are asked. {@link dev.keepalive.ConnectionManager#evict} has that done at once. Default: 1 h.
     *
     * @param tlsSessionTimeout at most a day; zero: every handshake is a full one
     * @throws IllegalArgumentException if it is not in this range
     */
    public NettyConnectorBuilder tlsSessionTimeout(Duration tlsSessionTimeout) {
        if (tlsSessionTimeout.isNegative() || tlsSessionTimeout.compareTo(MAX_SESSION_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    "tlsSessionTimeout " + tlsSessionTimeout + " is not allowed: zero to " + MAX_SESSION_TIMEOUT);
        }
        this.tlsSessionTimeout = tlsSessionTimeout;
        return this;
    }

    long tlsSessionTimeoutNanos() {
        return tlsSessionTimeout.toNanos();
    }

    /**
     * Accepts a server certificate for any name, on all connections with TLS except those to proxies. The certificate
     * must still be trusted; but the owner of any trusted certificate can pass for any host. Default: host names are
     * verified.
     */
    public NettyConnectorBuilder withoutHostVerification() {
        verifyHosts = false;
        return this;
    }

    /**
     * How often a name is looked up again while connections to it are open. Connections whose address has left the
     * answer retire. An answer that may be kept for longer is not asked for sooner. Default: 30 s.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public NettyConnectorBuilder addressRefresh(Duration addressRefresh) {
        if (addressRefresh.isNegative() || addressRefresh.isZero()) {
            throw new IllegalArgumentException("addressRefresh " + addressRefresh + " is not allowed: more than zero");
        }
        this.addressRefresh = addressRefresh;
        return this;
    }

    /** The lookups of host names, for tests. */
    NettyConnectorBuilder nameLookup(HostNameResolver hostNameResolver) {
        this.hostNameResolver = hostNameResolver;
        return this;
    }

    HostNameResolver nameLookup(Transport transport) {
        if (hostNameResolver != null) {
            return hostNameResolver;
        }
        return resolver == null
                ? HostNameResolver.byDns(transport, addressRefreshNanos())
                : HostNameResolver.by(resolver);
    }

    long addressRefreshNanos() {
        return addressRefresh.compareTo(MAX_REFRESH) >= 0 ? MAX_REFRESH.toNanos() : addressRefresh.toNanos();
    }

    /**
     * A user and a password, for proxies whose endpoints name them:
     * {@code endpoint.withProxy(proxy.withCredentials("name"))}. They are sent to such a proxy in the clear, unless the
     * connection to the proxy has TLS.
     *
     * @param user not empty, without a colon or control characters, at most 255 bytes in UTF-8 (RFC 7617, RFC 1929)
     * @param password without control characters, at most 255 bytes in UTF-8
     * @throws IllegalArgumentException if they are not as described; neither of them is in the message
     */
    public NettyConnectorBuilder credentials(String name, String user, String password) {
        Objects.requireNonNull(name, "name");
        credentials.put(name, new ProxyHandlers.Credentials(user, password));
        return this;
    }

    /**
     * Whole values of the field {@code Proxy-Authorization} (RFC 9110, section 11.7.2), for HTTP proxies whose
     * endpoints name credentials that {@link #credentials} does not have: credentials that come and go, or of another
     * scheme than {@code Basic}. Called several times, each function is asked, in this order, until one knows the name.
     *
     * @param byName answers visible ASCII characters and spaces, or null if it does not know the name; called on any
     *     thread when a connection is asked for, and again when it is opened; must not block
     */
    public NettyConnectorBuilder proxyAuthorization(Function<? super String, @Nullable String> byName) {
        proxyAuthorizations.add(Objects.requireNonNull(byName, "proxyAuthorization"));
        return this;
    }

    /**
     * How long data that was sent may stay unacknowledged before the connection is broken (RFC 5482,
     * {@code TCP_USER_TIMEOUT}). Default: the system's time, which is a quarter of an hour on Linux.
     *
     * @param tcpUserTimeout at least a millisecond, at most some 24 days; only with a native transport, which
     *     {@link #build} checks
     * @throws IllegalArgumentException if it is not in this range
     */
    public NettyConnectorBuilder tcpUserTimeout(Duration tcpUserTimeout) {
        long millis = tcpUserTimeout.toMillis();
        if (millis < 1 || millis > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "tcpUserTimeout " + tcpUserTimeout + " is not allowed: 1 ms to " + Integer.MAX_VALUE + " ms");
        }
        this.tcpUserTimeout = tcpUserTimeout;
        return this;
    }

    /**
     * When the system probes a silent connection, so that a peer that has vanished is noticed while the connection is
     * idle (RFC 9293, section 3.8.4). Default: the system's times, which begin after two hours on Linux.
     *
     * @param idle the silence before the first probe, 1 to 32,767 s
     * @param interval the time for the answer to each probe, 1 to 32,767 s
     * @param probes how many probes go unanswered before the connection is broken, 1 to 127
     * @throws IllegalArgumentException if one is not in its range
     */
    public NettyConnectorBuilder tcpKeepAlive(Duration idle, Duration interval, int probes) {
        this.probes = new ConnectorContext.Probes(idle, interval, probes);
        return this;
    }

    /**
     * Lets a peer end its stream without closing the connection, while handlers are attached to it
     * ({@link NettyConnection#attach}): they are told of the end by a
     * {@link io.netty.channel.socket.ChannelInputShutdownEvent}, and must end the lease themselves. A connection that
     * is {@linkplain NettyConnection#start started} is told of the end and stays open in any case. Not for connectors
     * of a {@link Protocol}, which says so itself ({@link ProtocolContext#allowHalfClosure}). Default: the end of the
     * peer's stream closes the connection, and {@code channelInactive} tells the handlers.
     */
    public NettyConnectorBuilder allowHalfClosure() {
        allowsHalfClosure = true;
        return this;
    }

    /**
     * An option of Netty for each channel, set before it connects; for a socket over TCP, a Unix-domain socket gets
     * those that it has. It takes precedence over what the connector sets by itself, such as {@code TCP_NODELAY}.
     *
     * @param value not null; {@link #build} checks that the sockets of the transport take it
     * @throws IllegalArgumentException if the connector needs the option for itself: {@code AUTO_READ},
     *     {@code ALLOW_HALF_CLOSURE} and {@code CONNECT_TIMEOUT_MILLIS}
     */
    public <T> NettyConnectorBuilder option(ChannelOption<T> option, T value) {
        channelOptions.put(Objects.requireNonNull(option, "option"), Objects.requireNonNull(value, "value"));
        return this;
    }

    /** @throws IllegalArgumentException if the sockets of the transport do not have one of the options */
    ChannelOptions channelOptions(Transport transport) {
        channelOptions.check(transport);
        return channelOptions.copy();
    }

    /**
     * Is given each channel before it connects, to add handlers for as long as it is open: to log what is sent and
     * received ({@code LoggingHandler}), to count bytes, to notice silence ({@code IdleStateHandler}), to send a
     * header. They stand nearest to the network, in front of those of proxies and TLS, so with TLS they see what is
     * encrypted. Their events are passed on to the handlers of a lease or a {@link Protocol}. They must pass on all
     * input at once, and may not have an executor of their own.
     *
     * <p>Called on the event loop of the channel, for each address that a dial tries; must not block. If it throws,
     * that attempt fails. Called again, it replaces the one before.
     */
    public NettyConnectorBuilder channelInitializer(Consumer<? super Channel> channelInitializer) {
        this.channelInitializer = Objects.requireNonNull(channelInitializer, "channelInitializer");
        return this;
    }

    /** @throws IllegalArgumentException if the transport does not support one of the options */
    ConnectorContext.SocketOptions socketOptions(Transport transport) {
        if (tcpUserTimeout != null && transport.userTimeout() == null) {
            throw new IllegalArgumentException("tcpUserTimeout " + tcpUserTimeout + " is not allowed with "
                    + transport.name() + ": only with a native transport, epoll or io_uring");
        }
        return new ConnectorContext.SocketOptions(tcpUserTimeout, probes);
    }

    /**
     * Builds the connector. It holds no thread and no descriptor until the first dial. May be called several times:
     * each connector belongs to one manager.
     *
     * @throws IllegalArgumentException if the transport does not support one of the options
     */
    public NettyConnector build() {
        return CallerThread.withoutThreadLocals(() -> new NettyConnector(this));
    }

    /**
     * Builds a connector whose connections speak a protocol: its handlers are installed once per connection, and a
     * lease gives its holder what the protocol makes. Otherwise like {@link #build()}.
     *
     * @throws IllegalArgumentException if the transport does not support one of the options, or
     *     {@link #allowHalfClosure} was called
     */
    public <C> Connector<C> build(Protocol<C> protocol) {
        if (allowsHalfClosure) {
            throw new IllegalArgumentException("allowHalfClosure is not allowed with a protocol: the protocol calls"
                    + " ProtocolContext.allowHalfClosure within install");
        }
        return new ProtocolConnector<>(build(), Objects.requireNonNull(protocol, "protocol"));
    }
}
