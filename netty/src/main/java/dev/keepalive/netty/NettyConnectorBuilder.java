package dev.keepalive.netty;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.nio.NioIoHandle;
import io.netty.handler.ssl.SslContext;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link NettyConnector}. All are optional. Each setter checks its value at once. Not safe for several threads.
 */
public final class NettyConnectorBuilder {
    final Map<String, SslContext> tls = new HashMap<>();
    final Map<String, SslContext> identities = new HashMap<>();
    boolean verifyHosts = true;

    @Nullable
    EventLoopGroup eventLoopGroup;

    @Nullable
    InetAddress bindAddress;

    @Nullable
    AddressResolverGroup<? extends InetSocketAddress> resolver;

    NettyConnectorBuilder() {}

    /**
     * The event loops that carry the connections. Shared: the connector does not shut them down. Default: daemon threads of the connector's
     * own, one per processor at most, made as they are needed and ended with it.
     *
     * @param eventLoopGroup of Netty's NIO transport
     * @throws IllegalArgumentException if it is of another transport
     */
    public NettyConnectorBuilder eventLoopGroup(EventLoopGroup eventLoopGroup) {
        Objects.requireNonNull(eventLoopGroup, "eventLoopGroup");
        if (!(eventLoopGroup instanceof IoEventLoopGroup group) || !group.isCompatible(NioIoHandle.class)) {
            throw new IllegalArgumentException(
                    "eventLoopGroup " + eventLoopGroup.getClass().getName()
                            + " is not allowed: a MultiThreadIoEventLoopGroup with NioIoHandler.newFactory()");
        }
        this.eventLoopGroup = eventLoopGroup;
        return this;
    }

    /**
     * The local address that connections are bound to; addresses of a name that are of the other family are not tried. Default: the system
     * chooses. The seed's {@code bind_address}.
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
            if (TlsSchemes.isAddress(bindAddress)) {
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
     * Who looks host names up; only the addresses of its answers are used, in their order. May be shared by several connectors: none of them
     * closes it. Default: Netty's DNS client with the system's name servers and hosts file, which keeps answers as long as they allow.
     */
    public NettyConnectorBuilder resolver(AddressResolverGroup<? extends InetSocketAddress> resolver) {
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        return this;
    }

    /**
     * TLS settings for {@code https}, and for {@link dev.keepalive.Endpoint#withTls} with a scheme that has none of its own: trust, keys, versions. Host names are verified nevertheless, unless {@link #withoutHostVerification} is
     * called. Default: the JDK's.
     *
     * @throws IllegalArgumentException if the settings are a server's
     */
    public NettyConnectorBuilder tls(SslContext context) {
        return tls(TlsSchemes.HTTPS, context);
    }

    /**
     * Makes a scheme mean TLS, with these settings: {@code tls("rediss", context)}. Host names are verified nevertheless, unless
     * {@link #withoutHostVerification} is called.
     *
     * @throws IllegalArgumentException if the settings are a server's, or the scheme is known to mean something else
     */
    public NettyConnectorBuilder tls(String scheme, SslContext context) {
        String lower = scheme.toLowerCase(Locale.ROOT);
        TlsSchemes.checkMayMeanTls(lower);
        tls.put(lower, ofClient("tls for", lower, context));
        return this;
    }

    /**
     * TLS settings with a name: trust, client certificate, versions. For endpoints that ask for them by {@link
     * dev.keepalive.Endpoint#withIdentity}, whatever their scheme; a name that the connector does not know is refused. Host names are verified
     * nevertheless, unless {@link #withoutHostVerification} is called.
     *
     * @throws IllegalArgumentException if the name is blank, or the settings are a server's
     */
    public NettyConnectorBuilder identity(String name, SslContext context) {
        if (name.isBlank()) {
            throw new IllegalArgumentException("identity '" + name + "' is not allowed: a name that is not blank");
        }
        identities.put(name, ofClient("identity", name, context));
        return this;
    }

    private static SslContext ofClient(String what, String name, SslContext context) {
        if (!context.isClient()) {
            throw new IllegalArgumentException(
                    what + " '" + name + "' is not allowed to be a server's: use SslContextBuilder.forClient()");
        }
        return context;
    }

    /**
     * Lets a server's certificate be of any name, for all connections with TLS, those to proxies included. It must be trusted nevertheless; but whoever has any certificate
     * that is, can pass for any host.
     */
    public NettyConnectorBuilder withoutHostVerification() {
        verifyHosts = false;
        return this;
    }

    /** Builds the connector. It holds no thread and no descriptor until the first dial. */
    public NettyConnector build() {
        return new NettyConnector(this);
    }
}
