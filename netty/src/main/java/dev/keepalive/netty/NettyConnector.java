package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.Phase;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import io.netty.channel.EventLoop;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections over TCP, on Netty: by host name or address, with TLS for {@code https} and for what the builder names, all of it without
 * blocking. Belongs to one manager, which opens and closes it. Safe from any thread.
 *
 * <p>A name is looked up once for all dials that ask for it at one time. Its addresses are tried in turn, each for its share of the dial's
 * timeout, the last for the rest. The first error is what a failed dial tells; those of other addresses are suppressed exceptions of it.
 *
 * <p>A scheme other than {@code https} is free text and means a connection in the clear, unless {@link Endpoint#withTls} asks for TLS or {@link
 * NettyConnectorBuilder#tls(String, io.netty.handler.ssl.SslContext)} says that the scheme does. Refused are those by which everybody
 * understands something else, like {@code wss} or {@code unix}. A TLS session is resumed between connections of equal endpoints only; to
 * that end its peer port is a number of the connector's.
 *
 * <p>An idle connection is watched: when the peer ends or breaks it, or sends anything, it is closed. With TLS, what counts is what comes out
 * of it.
 */
public final class NettyConnector implements Connector<NettyConnection> {
    private final EventLoops loops;
    private final TlsSchemes schemes;
    private final NettyDial.Setting setting;
    /** Ours to close, or null if the user brought one. */
    private final @Nullable AddressResolverGroup<?> ownResolver;

    private final AtomicBoolean opened = new AtomicBoolean();

    NettyConnector(NettyConnectorBuilder options) {
        AddressResolverGroup<? extends InetSocketAddress> resolver = options.resolver;
        if (resolver == null) {
            resolver = new DnsResolvers();
            ownResolver = resolver;
        } else {
            ownResolver = null;
        }
        loops = new EventLoops(options.eventLoopGroup);
        schemes = new TlsSchemes(options.tls, options.identities, options.verifyHosts);
        setting = new NettyDial.Setting(new SharedLookups(resolver), schemes, options.bindAddress);
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
    public void open() {
        if (!opened.compareAndSet(false, true)) {
            throw new IllegalStateException("the connector belongs to a manager already: make one for each");
        }
    }

    @Override
    public void check(Endpoint endpoint) {
        schemes.check(endpoint);
        refuse("a Unix-domain socket", endpoint.socket());
        refuse("a proxy", endpoint.proxy());
        refuse("credentials", endpoint.credentials());
        refuse("a local address of its own", endpoint.localAddress());
    }

    private static void refuse(String what, @Nullable Object value) {
        if (value != null) {
            throw new IllegalArgumentException(what + " (" + value + ") is not allowed: this connector knows none");
        }
    }

    @Override
    public Dial connect(DialRequest request, LinkEvents<NettyConnection> events) {
        EventLoop loop = loops.next();
        try {
            schemes.prepare(request.endpoint());
        } catch (SSLException e) {
            events.failed(new DialException(Phase.TLS, 0, "no TLS settings can be had: " + e.getMessage(), e));
            return () -> {};
        }
        NettyDial dial = new NettyDial(setting, request.endpoint(), request.timeout(), loop, events);
        dial.begin();
        return dial;
    }

    @Override
    public @Nullable Executor callerLoop() {
        return loops.current();
    }

    @Override
    public CompletionStage<?> close() {
        if (ownResolver != null) {
            ownResolver.close();
        }
        return loops.close();
    }
}
