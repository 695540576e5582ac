package dev.keepalive.http;

import dev.keepalive.ConnectionManager;
import java.io.IOException;
import java.lang.System.Logger;
import java.net.CookieHandler;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient.Version;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * What the calls of a client share. It does not refer to the client, so that a client that the program has forgotten is
 * shut down. Safe from any thread.
 */
final class ClientCore {
    private static final Logger LOGGER = System.getLogger(KeepaliveHttpClient.class.getName());

    private static final Duration LAST_MOMENT = Duration.ofSeconds(2);

    private final ClientSettings settings;
    private final ConnectionManager<HttpConnection> manager;
    private final RequestEndpoints endpoints;
    private final RedirectRules redirects;
    private final BasicAuthentication authentication;
    private final ProxyChoice proxies;
    private final @Nullable ExecutorService ownExecutor;
    private final Executor executor;

    private final Set<Call<?>> calls = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean terminating = new AtomicBoolean();
    private final CompletableFuture<@Nullable Void> terminated = new CompletableFuture<>();
    private volatile boolean shutdown;

    ClientCore(
            ClientSettings settings, ConnectionManager<HttpConnection> manager, TunnelCredentials tunnelCredentials) {
        this.settings = settings;
        this.manager = manager;
        this.endpoints = new RequestEndpoints(settings.options().priorKnowledge(), settings.route(), tunnelCredentials);
        this.redirects = new RedirectRules(settings.followRedirects());
        this.authentication = new BasicAuthentication(settings.authenticator(), settings.maxAuthentications());
        ProxySelector selector = settings.proxy() == null ? ProxySelector.getDefault() : settings.proxy();
        this.proxies = new ProxyChoice(selector);
        this.ownExecutor = settings.executor() == null ? WorkerThreads.executor(manager.name()) : null;
        this.executor = settings.executor() == null ? Objects.requireNonNull(ownExecutor) : settings.executor();
    }

    // ---- for calls

    ConnectionManager<HttpConnection> manager() {
        return manager;
    }

    Executor executor() {
        return executor;
    }

    RedirectRules redirects() {
        return redirects;
    }

    int maxRedirects() {
        return settings.maxRedirects();
    }

    int maxDrain() {
        return settings.options().maxDrain();
    }

    BasicAuthentication authentication() {
        return authentication;
    }

    ProxyChoice proxies() {
        return proxies;
    }

    /** How long an exchange may take on its connection; null for no limit. */
    @Nullable
    Duration responseTimeout() {
        return settings.responseTimeout();
    }

    @Nullable
    CookieHandler cookies() {
        return settings.cookieHandler();
    }

    void storeCookies(URI uri, ResponseHead response) throws IOException {
        CookieHandler cookies = settings.cookieHandler();
        if (cookies != null) {
            cookies.put(uri, response.headers().map());
        }
    }

    /**
     * Where a request goes by this proxy.
     *
     * @param authorization with which Proxy-Authorization the proxy is asked for a tunnel; null for none
     * @throws IllegalArgumentException if there is no such destination
     */
    Destination destination(ClientRequest request, @Nullable Proxy proxy, @Nullable String authorization) {
        boolean http2 = request.version().orElse(settings.version()) != Version.HTTP_1_1;
        return endpoints.of(request.uri(), http2, proxy, authorization);
    }

    void tellListener(Hop ended, @Nullable Throwable failure) {
        HttpExchangeListener listener = settings.listener();
        if (listener == null) {
            return;
        }
        try {
            listener.exchangeEnded(ended.report(failure));
        } catch (RuntimeException e) {
            LOGGER.log(Logger.Level.WARNING, "the listener of " + manager.name() + " has thrown", e);
        }
    }

    /**
     * Completes the future of a call whose exchange goes on. What depends on the future may block until there is more
     * of the response. That takes a thread of the program's executor, which may have no other.
     */
    void complete(Runnable completion, boolean awaited) {
        if (awaited || ownExecutor != null) {
            completion.run();
        } else {
            ForkJoinPool.commonPool().execute(completion);
        }
    }

    /** Whether a new call may begin; if so, {@link #ended} is to be called for it. */
    boolean begin(Call<?> call) {
        calls.add(call);
        if (shutdown) {
            ended(call);
            return false;
        }
        return true;
    }

    /** Nothing of this call is under way any more. */
    void ended(Call<?> call) {
        calls.remove(call);
        if (shutdown) {
            terminateIfIdle();
        }
    }

    // ---- the end

    /** No further calls; those that are under way go on. */
    void shutdown() {
        shutdown = true;
        terminateIfIdle();
    }

    /** Ends what is under way, too. */
    void shutdownNow() {
        shutdown();
        calls.forEach(Call::cancel);
    }

    private void terminateIfIdle() {
        if (calls.isEmpty() && terminating.compareAndSet(false, true)) {
            // The calls are over, but the connections may still be told so.
            manager.drain(LAST_MOMENT);
            manager.closed().whenComplete((done, failure) -> {
                if (ownExecutor != null) {
                    ownExecutor.shutdown();
                }
                terminated.complete(null);
            });
        }
    }

    /** Completes when all calls are over, and all connections and threads are gone or about to go. */
    CompletableFuture<@Nullable Void> terminated() {
        return terminated;
    }
}
