package dev.keepalive.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link NettyConnector}. All are optional. Each setter checks its value at once. Not safe for several
 * threads.
 */
public final class NettyConnectorBuilder {
    /** Of the system's fields for them. */
    private static final long MAX_KEEPALIVE_SECONDS = 32_767;

    private static final int MAX_PROBES = 127;
    private static final Duration MAX_REFRESH = Duration.ofDays(365);

    final Map<String, ProxyHandlers.Credentials> credentials = new HashMap<>();
    private Duration addressRefresh = Duration.ofSeconds(30);
    private @Nullable Duration tcpUserTimeout;
    private DialContext.@Nullable Probes probes;
    final Map<String, SslContext> identities = new HashMap<>();
    final Map<String, SslContext> tls = new HashMap<>();
    boolean verifyHosts = true;

    @Nullable
    EventLoopGroup eventLoopGroup;

    @Nullable
    InetAddress bindAddress;

    private @Nullable AddressResolverGroup<? extends InetSocketAddress> resolver;
    private @Nullable NameLookup nameLookup;

    NettyConnectorBuilder() {}

    /**
     * The event loops that carry the connections. Shared: the connector does not shut them down. Default: daemon
     * threads of the connector's own, one per processor at most, made as they are needed and ended with it; of the
     * native transport (epoll, else io_uring) if its classes and library are on the class path, else of NIO.
     *
     * @param eventLoopGroup of Netty's NIO, epoll or io_uring transport
     * @throws IllegalArgumentException if it is of another transport
     */
    public NettyConnectorBuilder eventLoopGroup(EventLoopGroup eventLoopGroup) {
        Transport.of(Objects.requireNonNull(eventLoopGroup, "eventLoopGroup"));
        this.eventLoopGroup = eventLoopGroup;
        return this;
    }

    /**
     * The local address that connections over TCP are bound to if their endpoint names none; addresses of a name that
     * are of the other family are not tried. With epoll the system chooses the local port as late as it can
     * ({@code IP_BIND_ADDRESS_NO_PORT}), so that each destination has all ports; else all destinations share them.
     * Default: the system chooses. The seed's {@code bind_address}.
     */
    public NettyConnectorBuilder bindAddress(InetAddress bindAddress) {
        this.bindAddress = Objects.requireNonNull(bindAddress, "bindAddress");
        return this;
    }

    /**
     * {@link #bindAddress(InetAddress)} from its text.
     *
     * @throws IllegalArgumentException if it is not numeric: a name would have to be looked up, which blocks
     */
    public NettyConnectorBuilder bindAddress(String bindAddress) {
        Objects.requireNonNull(bindAddress, "bindAddress");
        try {
            if (TlsSettings.isAddress(bindAddress)) {
                return bindAddress(InetAddress.getByName(bindAddress));
            }
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    "bindAddress '" + bindAddress + "' is not allowed: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException(
                "bindAddress '" + bindAddress + "' is not allowed: a numeric IPv4 or IPv6 address");
    }

    /**
     * Who looks host names up; only the addresses of its answers are used. May be shared by several connectors: none of
     * them closes it. Default: Netty's DNS client with the system's name servers and hosts file, asked for IPv6 and
     * IPv4 at once, which keeps answers as long as they allow, for ten minutes at most.
     */
    public NettyConnectorBuilder resolver(AddressResolverGroup<? extends InetSocketAddress> resolver) {
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        return this;
    }

    /**
     * TLS settings for {@code https}, and for {@link dev.keepalive.Endpoint#withTls} with a scheme that has none of its
     * own: trust, keys, versions. Host names are verified nevertheless, unless {@link #withoutHostVerification} is
     * called. Default: the JDK's.
     *
     * @throws IllegalArgumentException if the settings are a server's
     */
    public NettyConnectorBuilder tls(SslContext context) {
        return tls(TlsSettings.HTTPS, context);
    }

    /**
     * Makes a scheme mean TLS, with these settings: {@code tls("rediss", context)}. Host names are verified
     * nevertheless, unless {@link #withoutHostVerification} is called.
     *
     * @throws IllegalArgumentException if the settings are a server's, or the scheme is known to mean something else
     */
    public NettyConnectorBuilder tls(String scheme, SslContext context) {
        String lower = scheme.toLowerCase(Locale.ROOT);
        TlsSettings.checkMayUseTls(lower);
        tls.put(lower, requireClient("tls for", lower, context));
        return this;
    }

    /**
     * TLS settings with a name: trust, client certificate, versions. For endpoints that ask for them by
     * {@link dev.keepalive.Endpoint#withIdentity}, whatever their scheme; a name that the connector does not know is
     * refused. Host names are verified nevertheless, unless {@link #withoutHostVerification} is called.
     *
     * @throws IllegalArgumentException if the name is blank, or the settings are a server's
     */
    public NettyConnectorBuilder identity(String name, SslContext context) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("identity '" + name + "' is not allowed: a name that is not blank");
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
     * Lets a server's certificate be of any name, for all connections with TLS, those to proxies included. It must be
     * trusted nevertheless; but whoever has any certificate that is, can pass for any host.
     */
    public NettyConnectorBuilder withoutHostVerification() {
        verifyHosts = false;
        return this;
    }

    /**
     * How often a name is looked up again while connections to it are open, so that those can retire whose address has
     * left the answer. An answer that may be kept for longer is not asked for sooner. Default: 30 s.
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

    /** Who looks host names up; closed with the connector. */
    NettyConnectorBuilder nameLookup(NameLookup nameLookup) {
        this.nameLookup = nameLookup;
        return this;
    }

    NameLookup nameLookup(Transport transport) {
        if (nameLookup != null) {
            return nameLookup;
        }
        return resolver == null ? NameLookup.byDns(transport) : NameLookup.by(resolver);
    }

    long addressRefreshNanos() {
        return addressRefresh.compareTo(MAX_REFRESH) >= 0 ? MAX_REFRESH.toNanos() : addressRefresh.toNanos();
    }

    /**
     * A user and his password, for proxies whose endpoints name them:
     * {@code endpoint.withProxy(proxy.withCredentials("name"))}. They are sent to such a proxy in the clear, unless it
     * is spoken to over TLS.
     *
     * @param user not empty, without a colon or control characters, at most 255 bytes in UTF-8, as is the password (RFC
     *     7617, RFC 1929)
     * @throws IllegalArgumentException if they are not as described; the password is not in the message
     */
    public NettyConnectorBuilder credentials(String name, String user, String password) {
        Objects.requireNonNull(name, "name");
        credentials.put(name, new ProxyHandlers.Credentials(user, password));
        return this;
    }

    /**
     * How long data that was sent may stay unacknowledged before the connection is broken (RFC 5482,
     * {@code TCP_USER_TIMEOUT}). Default: the system's, which is a quarter of an hour on Linux.
     *
     * @param tcpUserTimeout at least a millisecond, at most some 24 days; only with a native transport, which
     *     {@link #build} checks
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
     * When a silent connection is probed by the system, so that a peer that is gone without a word is noticed while the
     * connection is idle (RFC 9293, section 3.8.4). Default: the system's times, two hours on Linux.
     *
     * @param idle how long it is silent before, 1 to 32,767 s
     * @param interval how long each probe has for its answer, 1 to 32,767 s
     * @param probes how many go unanswered before the connection is broken, 1 to 127
     * @throws IllegalArgumentException if one is not in its range
     */
    public NettyConnectorBuilder tcpKeepAlive(Duration idle, Duration interval, int probes) {
        requireSeconds("idle", idle);
        requireSeconds("interval", interval);
        if (probes < 1 || probes > MAX_PROBES) {
            throw new IllegalArgumentException("probes " + probes + " is not allowed: 1 to " + MAX_PROBES);
        }
        this.probes = new DialContext.Probes(idle, interval, probes);
        return this;
    }

    private static void requireSeconds(String what, Duration time) {
        if (time.toSeconds() < 1 || time.toSeconds() > MAX_KEEPALIVE_SECONDS) {
            throw new IllegalArgumentException(
                    what + " " + time + " is not allowed: 1 s to " + MAX_KEEPALIVE_SECONDS + " s, in whole seconds");
        }
    }

    /** @throws IllegalArgumentException if the transport does not know one of them */
    DialContext.SocketOptions socketOptions(Transport transport) {
        if (tcpUserTimeout != null && transport.userTimeout() == null) {
            throw new IllegalArgumentException("tcpUserTimeout " + tcpUserTimeout + " is not allowed with "
                    + transport.name() + ": only with a native transport, epoll or io_uring");
        }
        return new DialContext.SocketOptions(tcpUserTimeout, probes);
    }

    /** Builds the connector. It holds no thread and no descriptor until the first dial. */
    public NettyConnector build() {
        return new NettyConnector(this);
    }
}
