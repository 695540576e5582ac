package dev.keepalive.http;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.NettyConnectorBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.InetAddress;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The options of a {@link KeepaliveHttpClient}: those of {@link HttpClient.Builder}, which mean what they mean there,
 * and those of its connections. All are optional. Each setter checks its value at once. Not safe for use by several
 * threads.
 */
public final class KeepaliveHttpClientBuilder implements HttpClient.Builder, LocalAddressOption {
    private static final int MAX_OPEN = 256;
    private static final int MAX_OPEN_PER_ENDPOINT = 64;
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(30);
    private static final int MOST_PRIORITY = 256;

    private @Nullable CookieHandler cookieHandler;
    private @Nullable Duration connectTimeout;
    private @Nullable SSLContext sslContext;
    private @Nullable SSLParameters sslParameters;
    private @Nullable Executor executor;
    private HttpClient.Redirect followRedirects = HttpClient.Redirect.NEVER;
    private HttpClient.Version version = HttpClient.Version.HTTP_2;
    private @Nullable ProxySelector proxy;
    private @Nullable Authenticator authenticator;
    private @Nullable InetAddress localAddress;
    private @Nullable HttpExchangeListener listener;
    private UnaryOperator<Endpoint> route = UnaryOperator.identity();
    private @Nullable Duration responseTimeout;
    private int maxRedirects = 5;
    private int maxAuthentications = 3;
    private final OptionsBuilder options = new OptionsBuilder();

    private final List<Consumer<? super ManagerBuilder<?>>> managerOptions = new ArrayList<>();
    private final List<Consumer<? super NettyConnectorBuilder>> connectorOptions = new ArrayList<>();

    KeepaliveHttpClientBuilder() {
        manager(builder -> builder.name("keepalive-http")
                .maxOpen(MAX_OPEN)
                .maxOpenPerEndpoint(MAX_OPEN_PER_ENDPOINT)
                .idleTimeout(IDLE_TIMEOUT));
    }

    // ---- of HttpClient.Builder

    @Override
    public KeepaliveHttpClientBuilder cookieHandler(CookieHandler handler) {
        this.cookieHandler = Objects.requireNonNull(handler, "cookieHandler");
        return this;
    }

    /**
     * How long the opening of a connection may take: lookup, connecting, proxies and TLS; more than zero. Default: 30
     * s.
     */
    @Override
    public KeepaliveHttpClientBuilder connectTimeout(Duration duration) {
        this.connectTimeout = OptionsBuilder.positive("connectTimeout", duration);
        return this;
    }

    @Override
    public KeepaliveHttpClientBuilder sslContext(SSLContext context) {
        this.sslContext = Objects.requireNonNull(context, "sslContext");
        return this;
    }

    /**
     * The parameters of TLS: cipher suites, versions, constraints. The client itself sets the protocols of ALPN, the
     * server name, and that the host's name is verified.
     */
    @Override
    public KeepaliveHttpClientBuilder sslParameters(SSLParameters parameters) {
        this.sslParameters = TlsOptions.copy(Objects.requireNonNull(parameters, "sslParameters"));
        return this;
    }

    /**
     * Where the program's objects are called, and futures complete. The client does not shut it down. It should have
     * room for callbacks that block. Default: daemon threads of the client's own, as many as are needed at a time.
     */
    @Override
    public KeepaliveHttpClientBuilder executor(Executor executor) {
        this.executor = Objects.requireNonNull(executor, "executor");
        return this;
    }

    @Override
    public KeepaliveHttpClientBuilder followRedirects(HttpClient.Redirect policy) {
        this.followRedirects = Objects.requireNonNull(policy, "followRedirects");
        return this;
    }

    @Override
    public KeepaliveHttpClientBuilder version(HttpClient.Version version) {
        this.version = Objects.requireNonNull(version, "version");
        return this;
    }

    /** Accepted and not used: priorities of HTTP/2 are deprecated (RFC 9113, section 5.3.2). */
    @Override
    public KeepaliveHttpClientBuilder priority(int priority) {
        if (priority < 1 || priority > MOST_PRIORITY) {
            throw new IllegalArgumentException("priority " + priority + " is not allowed: 1 to " + MOST_PRIORITY);
        }
        return this;
    }

    /**
     * Which proxies are used: none, HTTP or SOCKS 5. Default: what {@link ProxySelector#getDefault} is at the build.
     */
    @Override
    public KeepaliveHttpClientBuilder proxy(ProxySelector selector) {
        this.proxy = Objects.requireNonNull(selector, "proxy");
        return this;
    }

    /**
     * Who is asked for a user and a password, for the scheme Basic, if a request has no field {@code Authorization} of
     * its own: by a server (401); and by an HTTP proxy, for a request or for a tunnel (407), if it has no field
     * {@code Proxy-Authorization} of its own. What was accepted is sent at once with later requests.
     */
    @Override
    public KeepaliveHttpClientBuilder authenticator(Authenticator authenticator) {
        this.authenticator = Objects.requireNonNull(authenticator, "authenticator");
        return this;
    }

    /**
     * The local address of the connections; null if the system chooses it, as by default. On Java 19 and later, this is
     * a method of {@link HttpClient.Builder}.
     */
    @Override
    public KeepaliveHttpClientBuilder localAddress(@Nullable InetAddress address) {
        this.localAddress = address;
        return this;
    }

    // ---- of this client

    /** The name in messages and of threads. Default: {@code keepalive-http}. */
    public KeepaliveHttpClientBuilder name(String name) {
        Objects.requireNonNull(name, "name");
        return manager(builder -> builder.name(name));
    }

    /** Most connections to all servers together: {@link ManagerBuilder#maxOpen}. Default: 256. */
    public KeepaliveHttpClientBuilder maxOpen(int maxOpen) {
        OptionsBuilder.positive("maxOpen", maxOpen);
        return manager(builder -> builder.maxOpen(maxOpen));
    }

    /** Most connections to each server: {@link ManagerBuilder#maxOpenPerEndpoint}. Default: 64. */
    public KeepaliveHttpClientBuilder maxOpenPerEndpoint(int maxOpenPerEndpoint) {
        OptionsBuilder.positive("maxOpenPerEndpoint", maxOpenPerEndpoint);
        return manager(builder -> builder.maxOpenPerEndpoint(maxOpenPerEndpoint));
    }

    /** How long a connection may be idle: {@link ManagerBuilder#idleTimeout}. Default: 30 s. */
    public KeepaliveHttpClientBuilder idleTimeout(Duration idleTimeout) {
        OptionsBuilder.positive("idleTimeout", idleTimeout);
        return manager(builder -> builder.idleTimeout(idleTimeout));
    }

    /** How long a connection may live: {@link ManagerBuilder#maxLifetime}. Default: no limit. */
    public KeepaliveHttpClientBuilder maxLifetime(Duration maxLifetime) {
        OptionsBuilder.positive("maxLifetime", maxLifetime);
        return manager(builder -> builder.maxLifetime(maxLifetime));
    }

    /**
     * How long a request without a timeout of its own may wait for a connection: {@link ManagerBuilder#acquireTimeout}.
     * Default: 120 s.
     */
    public KeepaliveHttpClientBuilder acquireTimeout(Duration acquireTimeout) {
        OptionsBuilder.positive("acquireTimeout", acquireTimeout);
        return manager(builder -> builder.acquireTimeout(acquireTimeout));
    }

    /**
     * Most requests to each server that wait for a connection: {@link ManagerBuilder#maxWaitingPerEndpoint}. Default:
     * no limit.
     */
    public KeepaliveHttpClientBuilder maxWaitingPerEndpoint(int maxWaitingPerEndpoint) {
        OptionsBuilder.positive("maxWaitingPerEndpoint", maxWaitingPerEndpoint);
        return manager(builder -> builder.maxWaitingPerEndpoint(maxWaitingPerEndpoint));
    }

    /** All other options of the connection manager. Called by {@link #build}, in the order of the calls. */
    public KeepaliveHttpClientBuilder manager(Consumer<? super ManagerBuilder<?>> options) {
        managerOptions.add(Objects.requireNonNull(options, "manager"));
        return this;
    }

    /**
     * All other options of the connector: resolver, address filter, socket options, event loops. Called by
     * {@link #build}, in the order of the calls, after the client has set its own.
     */
    public KeepaliveHttpClientBuilder connector(Consumer<? super NettyConnectorBuilder> options) {
        connectorOptions.add(Objects.requireNonNull(options, "connector"));
        return this;
    }

    /**
     * The way to the servers that no {@link #proxy} leads to: what this makes of their endpoint is connected to. It may
     * add a chain of proxies ({@link Endpoint#withProxy}), a client's certificate ({@link Endpoint#withIdentity}),
     * protocols, or be a Unix-domain socket ({@link Endpoint#unix}). The request, its header {@code Host} included,
     * stays as it is. Called on the thread of the request; what it answers is kept, so the same endpoint must always
     * get the same way. Default: none, the server is connected to.
     */
    public KeepaliveHttpClientBuilder route(UnaryOperator<Endpoint> route) {
        this.route = Objects.requireNonNull(route, "route");
        return this;
    }

    /**
     * How long a response may take, from the moment at which the request has its connection to the last byte of the
     * body; more than zero. {@link java.net.http.HttpRequest.Builder#timeout} ends with the head of the response. After
     * it the exchange fails, and is not tried again. Default: no limit.
     */
    public KeepaliveHttpClientBuilder responseTimeout(Duration responseTimeout) {
        this.responseTimeout = OptionsBuilder.positive("responseTimeout", responseTimeout);
        return this;
    }

    /** Is told what comes of each exchange. Default: none. */
    public KeepaliveHttpClientBuilder listener(HttpExchangeListener listener) {
        this.listener = Objects.requireNonNull(listener, "listener");
        return this;
    }

    /** Most redirects that one call follows; 0 or more. The response after them is for the program. Default: 5. */
    public KeepaliveHttpClientBuilder maxRedirects(int maxRedirects) {
        this.maxRedirects = OptionsBuilder.notNegative("maxRedirects", maxRedirects);
        return this;
    }

    /** Most answers of the {@link #authenticator} that are tried for one request; at least 1. Default: 3. */
    public KeepaliveHttpClientBuilder maxAuthentications(int maxAuthentications) {
        this.maxAuthentications = OptionsBuilder.positive("maxAuthentications", maxAuthentications);
        return this;
    }

    /**
     * Whether servers of {@code http} are known to speak HTTP/2, so that requests of that version use it at once (RFC
     * 9113, section 3.3). Default: false; {@code http} means HTTP/1.1.
     */
    public KeepaliveHttpClientBuilder http2PriorKnowledge(boolean priorKnowledge) {
        options.priorKnowledge = priorKnowledge;
        return this;
    }

    /**
     * Most bytes of the header section of a response; also of its status line and its trailers; at least 1. Default: 64
     * KiB.
     */
    public KeepaliveHttpClientBuilder maxHeaderSize(int bytes) {
        options.maxHeaderSize = OptionsBuilder.positive("maxHeaderSize", bytes);
        return this;
    }

    /** Most fields of the header section of a response; at least 1. Default: 1,000. */
    public KeepaliveHttpClientBuilder maxHeaderFields(int fields) {
        options.maxHeaderFields = OptionsBuilder.positive("maxHeaderFields", fields);
        return this;
    }

    /** Most informational responses (1xx) before the final one; 0 or more. Default: 100. */
    public KeepaliveHttpClientBuilder maxInformational(int responses) {
        options.maxInformational = OptionsBuilder.notNegative("maxInformational", responses);
        return this;
    }

    /**
     * Most bytes of a body that nobody reads, for example that of a redirect, which are read and dropped to keep the
     * connection; 0 or more. Default: 64 KiB.
     */
    public KeepaliveHttpClientBuilder maxDrain(int bytes) {
        options.maxDrain = OptionsBuilder.notNegative("maxDrain", bytes);
        return this;
    }

    /** Most exchanges at a time on a connection with HTTP/2, if the server allows more; at least 1. Default: 100. */
    public KeepaliveHttpClientBuilder maxStreams(int streams) {
        options.maxStreams = OptionsBuilder.positive("maxStreams", streams);
        return this;
    }

    /**
     * Bytes of a response that are kept while nobody takes them: with HTTP/2 the flow-control window of each stream; at
     * least 65,535. Default: 1 MiB.
     */
    public KeepaliveHttpClientBuilder streamWindow(int bytes) {
        options.streamWindow = OptionsBuilder.atLeast("streamWindow", bytes, OptionsBuilder.LEAST_WINDOW);
        return this;
    }

    /** The same for all responses on a connection with HTTP/2 together; at least 65,535. Default: 16 MiB. */
    public KeepaliveHttpClientBuilder connectionWindow(int bytes) {
        options.connectionWindow = OptionsBuilder.atLeast("connectionWindow", bytes, OptionsBuilder.LEAST_WINDOW);
        return this;
    }

    /**
     * After which silence of a connection with HTTP/2 that has exchanges it is asked by a PING, and how long the answer
     * may take before the connection is closed; both more than zero. Default: 10 s and 5 s.
     */
    public KeepaliveHttpClientBuilder ping(Duration after, Duration timeout) {
        options.pingAfter = OptionsBuilder.positive("ping after", after);
        options.pingTimeout = OptionsBuilder.positive("ping timeout", timeout);
        return this;
    }

    /**
     * Builds the client. Later changes of this builder do not affect it. It opens no connection and starts no thread
     * until it is used.
     *
     * @throws IllegalArgumentException if an option of the manager or the connector is refused
     * @throws UncheckedIOException if no {@link #sslContext} is given and the JDK's default is not available
     */
    @Override
    public KeepaliveHttpClient build() {
        SSLContext context = sslContext == null ? defaultContext() : sslContext;
        ClientSettings settings = new ClientSettings(
                cookieHandler,
                connectTimeout,
                context,
                sslParameters,
                executor,
                followRedirects,
                version,
                proxy,
                route,
                responseTimeout,
                authenticator,
                maxRedirects,
                maxAuthentications,
                listener,
                options.build());
        TunnelCredentials tunnelCredentials = new TunnelCredentials();
        NettyConnectorBuilder connector = NettyConnector.builder()
                .tls(TlsOptions.of(context, sslParameters))
                .proxyAuthorization(tunnelCredentials::value);
        if (localAddress != null) {
            connector.bindAddress(localAddress);
        }
        connectorOptions.forEach(each -> each.accept(connector));
        ManagerBuilder<HttpConnection> manager =
                ConnectionManager.builder(connector.build(new HttpProtocol(settings.options())));
        managerOptions.forEach(each -> each.accept(manager));
        if (connectTimeout != null) {
            manager.dialTimeout(connectTimeout);
        }
        return new KeepaliveHttpClient(settings, new ClientCore(settings, manager.build(), tunnelCredentials));
    }

    private static SSLContext defaultContext() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new UncheckedIOException(
                    new IOException("the JDK's default TLS settings are not available: " + e.getMessage(), e));
        }
    }
}
