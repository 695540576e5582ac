package dev.keepalive.netty;

import dev.keepalive.Endpoint;
import dev.keepalive.spi.VisibleText;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Decides which endpoints have TLS, and with which settings. An endpoint has TLS if it says so itself
 * ({@link Endpoint#tls}), or if the builder was given settings for its scheme. Every other scheme means a connection in
 * the clear, except schemes of other transports, which are refused. Safe from any thread.
 */
final class TlsSettings {
    static final String HTTPS = "https";

    private static final int CLOSE_NOTIFY_MILLIS = 1000;
    private static final String[] PROBE_PROTOCOLS = {"h2"};

    private static final Set<String> SCHEMES_OF_OTHER_TRANSPORTS = Set.of("unix", "udp", "coaps", "dtls", "quic");

    private final Map<String, SslContext> contexts;
    private final Map<String, SslContext> identities;
    private final boolean verifyHosts;
    private final TlsSessionKeys sessions;
    private final Map<SslContext, Boolean> protocolSupport = new ConcurrentHashMap<>();
    private volatile @Nullable SslContext defaultContext;
    /** Completes when a thread has read the JDK's default settings; null if none reads. */
    private final AtomicReference<@Nullable CompletableFuture<Void>> loading = new AtomicReference<>();

    /**
     * @param contexts by scheme; {@code https} may be left out, and has the JDK's defaults then
     * @param identities by the name that endpoints give
     * @param sessionTimeoutNanos how long a session may be resumed
     */
    TlsSettings(
            Map<String, SslContext> contexts,
            Map<String, SslContext> identities,
            boolean verifyHosts,
            long sessionTimeoutNanos) {
        this.contexts = Map.copyOf(contexts);
        this.identities = Map.copyOf(identities);
        this.verifyHosts = verifyHosts;
        this.sessions = new TlsSessionKeys(sessionTimeoutNanos);
    }

    /** @throws IllegalArgumentException if this scheme cannot mean TLS over TCP */
    static void checkMayUseTls(String scheme) {
        if (SCHEMES_OF_OTHER_TRANSPORTS.contains(scheme)) {
            throw new IllegalArgumentException("scheme '" + scheme
                    + "' is not allowed: it is not TLS over TCP, which is all that this connector supports");
        }
    }

    /** @throws IllegalArgumentException if this connector does not support exactly what this endpoint says about TLS */
    void check(Endpoint endpoint) {
        checkMayUseTls(endpoint.scheme());
        checkIdentity(endpoint.identity());
        if (!endpoint.protocols().isEmpty() && !supportsProtocols(endpoint)) {
            throw new IllegalArgumentException("protocols " + endpoint.protocols()
                    + " are not allowed: the TLS settings are not of the JDK's engine,"
                    + " so they must name the protocols themselves");
        }
    }

    private void checkIdentity(@Nullable String name) {
        if (name != null && !identities.containsKey(name)) {
            String known = identities.isEmpty()
                    ? "this connector knows none"
                    : "this connector knows " + String.join(", ", new TreeSet<>(identities.keySet()));
            String shown = VisibleText.of(name);
            throw new IllegalArgumentException("identity '" + shown + "' is not allowed: " + known
                    + "; name it with builder().identity(\"" + shown + "\", sslContext)");
        }
    }

    /**
     * Whether the engine of the endpoint's settings applies protocols that it is given. Some engines ignore them
     * silently.
     */
    private boolean supportsProtocols(Endpoint endpoint) {
        SslContext context = namedContext(endpoint);
        if (context == null) {
            return true;
        }
        Boolean known = protocolSupport.get(context);
        if (known == null) {
            // Settings are foreign code, so they are not asked within computeIfAbsent, which locks a part of the map.
            // Two threads may ask at the same time, and get the same answer.
            known = supportsProtocols(context);
            protocolSupport.put(context, known);
        }
        return known;
    }

    private static boolean supportsProtocols(SslContext context) {
        SSLEngine engine = context.newEngine(UnpooledByteBufAllocator.DEFAULT);
        try {
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setApplicationProtocols(PROBE_PROTOCOLS);
            engine.setSSLParameters(parameters);
            return Arrays.equals(engine.getSSLParameters().getApplicationProtocols(), PROBE_PROTOCOLS);
        } finally {
            ReferenceCountUtil.release(engine);
        }
    }

    /** Whether connections to this endpoint have TLS. */
    boolean usesTls(Endpoint endpoint) {
        return endpoint.tls() || contexts.containsKey(endpoint.scheme());
    }

    /** Whether a handshake for one endpoint would be the same as a handshake for the other. */
    boolean haveSameTls(Endpoint one, Endpoint other) {
        return usesTls(one) == usesTls(other)
                && namedContext(one) == namedContext(other)
                && Objects.equals(one.identity(), other.identity())
                && one.serverName().equals(other.serverName())
                && one.host().equals(other.host())
                && one.port() == other.port()
                && one.protocols().equals(other.protocols());
    }

    /**
     * Loads what {@link #handlerFor} needs for this endpoint, without its proxies. The first call may read the system's
     * certificates, and so may block.
     *
     * @throws SSLException if the JDK's default settings are not available
     */
    void prepare(Endpoint endpoint) throws SSLException {
        contextOf(endpoint);
    }

    /**
     * Does what {@link #prepare} does for this endpoint, without blocking: on a thread of its own, if there is
     * something to read. Other executors, such as the common pool, may be busy.
     *
     * @return fails with an {@link SSLException} if the JDK's default settings are not available
     */
    CompletableFuture<Void> prepareAsync(Endpoint endpoint) {
        if (namedContext(endpoint) != null || defaultContext != null) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> own = new CompletableFuture<>();
        CompletableFuture<Void> present = loading.compareAndExchange(null, own);
        if (present != null) {
            return present;
        }
        try {
            Thread thread = new Thread(null, () -> load(own), "keepalive-netty-tls-settings", 0, false);
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            thread.start();
        } catch (Throwable e) {
            // For example, the process may start no more threads.
            loading.set(null);
            own.completeExceptionally(e);
        }
        return own;
    }

    private void load(CompletableFuture<Void> loaded) {
        Throwable failure = null;
        try {
            defaultContext();
        } catch (Throwable e) {
            failure = e;
        }
        // Before the future completes: after a failure the next caller tries again.
        loading.set(null);
        if (failure == null) {
            loaded.complete(null);
        } else {
            loaded.completeExceptionally(failure);
        }
    }

    /**
     * A new handler that makes the handshake with this endpoint and verifies its identity; or null if the endpoint
     * means no TLS. The handshake has no timeout of its own.
     *
     * @param user the endpoint that the connection leads to
     * @param channel registered with its event loop
     * @throws IllegalStateException if the JDK's default settings are needed and not available
     */
    @Nullable
    SslHandler handlerFor(Endpoint endpoint, Endpoint user, Channel channel) {
        try {
            SslContext context = contextOf(endpoint);
            if (context == null) {
                return null;
            }
            long now = channel.eventLoop().ticker().nanoTime();
            return newHandler(context, endpoint, sessions.of(endpoint, user, now), channel.alloc());
        } catch (SSLException e) {
            throw new IllegalStateException("there are no TLS settings: " + e.getMessage(), e);
        }
    }

    private SslHandler newHandler(SslContext context, Endpoint endpoint, int sessionKey, ByteBufAllocator allocator) {
        String name = withoutFinalDot(endpoint.serverName());
        SslHandler handler = context.newHandler(allocator, name, sessionKey);
        SSLParameters parameters = handler.engine().getSSLParameters();
        // Null would keep the value of the context; the empty string means no verification.
        parameters.setEndpointIdentificationAlgorithm(verifyHosts ? "HTTPS" : "");
        // Always set: a name in the settings is not the name of this endpoint.
        parameters.setServerNames(isAddress(name) ? List.of() : serverNames(name));
        if (!endpoint.protocols().isEmpty()) {
            parameters.setApplicationProtocols(endpoint.protocols().toArray(String[]::new));
        }
        handler.engine().setSSLParameters(parameters);
        // The manager stops a dial that takes too long, this step included.
        handler.setHandshakeTimeoutMillis(0);
        // The longest time for which a peer that does not read can delay the close of its connection.
        handler.setCloseNotifyFlushTimeoutMillis(CLOSE_NOTIFY_MILLIS);
        return handler;
    }

    /**
     * Makes the next handshakes with the endpoints that match full ones, as well as those that their connections make
     * with other endpoints.
     */
    void forgetSessions(Predicate<? super Endpoint> which) {
        sessions.forget(which);
    }

    /**
     * Verifies that the certificate is of the endpoint's name, whatever the trust manager has verified; for a handler
     * whose handshake is done.
     *
     * @throws SSLPeerUnverifiedException if it is of other names
     */
    void verifyName(SslHandler handler, Endpoint endpoint) throws SSLPeerUnverifiedException {
        if (verifyHosts) {
            PeerNames.verify(handler.engine().getSession(), withoutFinalDot(endpoint.serverName()));
        }
    }

    /**
     * The protocol that the peer has chosen from those that were offered, or null. For a handler whose handshake is
     * done.
     */
    static @Nullable String applicationProtocol(SslHandler handler) {
        String chosen = handler.applicationProtocol();
        if (chosen == null) {
            try {
                chosen = handler.engine().getApplicationProtocol();
            } catch (UnsupportedOperationException e) {
                return null;
            }
        }
        return chosen == null || chosen.isEmpty() ? null : chosen;
    }

    private @Nullable SslContext contextOf(Endpoint endpoint) throws SSLException {
        SslContext named = namedContext(endpoint);
        return named == null && endpoint.tls() ? defaultContext() : named;
    }

    /**
     * Parses a numeric address; no name is looked up.
     *
     * @throws IOException if its zone is not an interface of this host
     */
    static InetAddress parseAddress(String host) throws IOException {
        try {
            return InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new IOException("No such device: " + host + " names no network interface of this host", e);
        }
    }

    /** The settings that the builder was given for this endpoint, or null. */
    private @Nullable SslContext namedContext(Endpoint endpoint) {
        if (endpoint.identity() != null) {
            // Callers check the endpoint before. If one has not, this fails, so that no connection has another identity
            // than asked for.
            return Objects.requireNonNull(identities.get(endpoint.identity()), "identity");
        }
        SslContext ofScheme = contexts.get(endpoint.scheme());
        return ofScheme == null && endpoint.tls() ? contexts.get(HTTPS) : ofScheme;
    }

    static boolean isAddress(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    private synchronized SslContext defaultContext() throws SSLException {
        SslContext context = defaultContext;
        if (context == null) {
            context = SslContextBuilder.forClient().sslProvider(SslProvider.JDK).build();
            defaultContext = context;
        }
        return context;
    }

    /**
     * The server names to send (SNI). By itself the JDK sends only names with a dot. None is sent for a name with an
     * underscore, since that is not a valid host name.
     */
    private static List<SNIServerName> serverNames(String host) {
        try {
            return List.of(new SNIHostName(host));
        } catch (IllegalArgumentException e) {
            return List.of();
        }
    }

    private static String withoutFinalDot(String host) {
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }
}
