package dev.keepalive.http;

import dev.keepalive.ConnectionManager;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.lang.ref.Reference;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A {@link HttpClient} whose connections are those of a {@link ConnectionManager}: with limits for each server, a fair
 * wait queue, a watch of idle connections, and retries where they are safe. It speaks HTTP/1.1 and HTTP/2. Immutable;
 * safe from any thread. Only {@code send}, {@link #close} and {@link #awaitTermination} block.
 *
 * <p>A request waits for a connection within its timeout ({@link HttpRequest.Builder#timeout}), which is the time until
 * the head of the final response: all attempts, redirects and demands for credentials are included.
 *
 * <p>A request is sent again if the server has not processed it, or if it is of an idempotent method and a connection
 * that had been used before has ended before any part of the response came (RFC 9110, section 9.2.2): then at most
 * twice, and the second time on a fresh connection. For a body, the publisher is subscribed again.
 *
 * <p>The program's objects (handlers, subscribers, publishers, cookie handler, authenticator) are called on the
 * executor, or on the thread that calls {@code send} or {@code sendAsync}; the callbacks of one response one after the
 * other. The future of {@code sendAsync} completes there. If the exchange goes on and the program has given an
 * executor, it completes on the common pool.
 *
 * <p>A pushed response is declined, so a {@link PushPromiseHandler} is never called. There is no WebSocket.
 *
 * <p>A client that is no longer reachable is shut down; the calls that are under way go on.
 */
public final class KeepaliveHttpClient extends HttpClient implements AutoCloseable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final ClientSettings settings;
    private final ClientCore core;

    KeepaliveHttpClient(ClientSettings settings, ClientCore core) {
        this.settings = settings;
        this.core = core;
        CLEANER.register(this, core::shutdown);
    }

    /** A client with the default options. */
    public static KeepaliveHttpClient newHttpClient() {
        return newBuilder().build();
    }

    /** A builder for a client with other options. */
    public static KeepaliveHttpClientBuilder newBuilder() {
        return new KeepaliveHttpClientBuilder();
    }

    /**
     * The connections of this client: to look at them, to change limits, to close those to a server. Keep the client as
     * long as you use it. Its own end is that of the client.
     */
    public ConnectionManager<?> connections() {
        return core.manager();
    }

    // ---- options

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.ofNullable(settings.cookieHandler());
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return Optional.ofNullable(settings.connectTimeout());
    }

    @Override
    public Redirect followRedirects() {
        return settings.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return Optional.ofNullable(settings.proxy());
    }

    @Override
    public SSLContext sslContext() {
        return settings.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        SSLParameters own = settings.sslParameters();
        return own == null ? settings.sslContext().getDefaultSSLParameters() : TlsOptions.copy(own);
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return Optional.ofNullable(settings.authenticator());
    }

    @Override
    public Version version() {
        return settings.version();
    }

    @Override
    public Optional<Executor> executor() {
        return Optional.ofNullable(settings.executor());
    }

    // ---- calls

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
            throws IOException, InterruptedException {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(handler, "responseBodyHandler");
        CallerThread caller = new CallerThread(core.executor());
        Call<T> call = begin(request, handler, caller);
        try {
            caller.runTasks();
            return call.future().get();
        } catch (InterruptedException e) {
            call.cancel();
            throw e;
        } catch (ExecutionException e) {
            throw SendFailures.of(e.getCause() == null ? e : e.getCause());
        } finally {
            caller.close();
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        return sendAsync(request, handler, null);
    }

    /**
     * Sends a request, as the other methods do.
     *
     * @param pushPromiseHandler never called, since pushed responses are declined; may be null
     */
    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushPromiseHandler) {
        Objects.requireNonNull(request, "request");
        Objects.requireNonNull(handler, "responseBodyHandler");
        return begin(request, handler, null).future();
    }

    private <T> Call<T> begin(HttpRequest request, BodyHandler<T> handler, @Nullable CallerThread caller) {
        ClientRequest copy = ClientRequest.of(request);
        // What is wrong with the URI is told to the caller at once.
        core.destination(copy, null, null);
        Call<T> call = new Call<>(core, copy, handler, caller);
        if (core.begin(call)) {
            call.begin(copy);
        } else {
            call.refuse(new IOException("closed: the client is shut down"));
        }
        return call;
    }

    /**
     * Refused: this client speaks no WebSocket.
     *
     * @throws UnsupportedOperationException always
     */
    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        throw new UnsupportedOperationException(
                "this client speaks no WebSocket: use HttpClient.newHttpClient().newWebSocketBuilder()");
    }

    // ---- the end: on Java 21 and later, these are methods of HttpClient

    /** Lets no further calls begin; those that are under way go on. Never blocks. */
    public void shutdown() {
        core.shutdown();
    }

    /** Lets no further calls begin, and cancels those that are under way. Never blocks. */
    public void shutdownNow() {
        core.shutdownNow();
    }

    /**
     * Whether the client is shut down, all calls are over, and all connections are closed.
     *
     * @return false while {@link #shutdown} was not called
     */
    public boolean isTerminated() {
        return core.terminated().isDone();
    }

    /**
     * Waits until {@link #isTerminated} is true.
     *
     * @return false if the time has passed before
     */
    public boolean awaitTermination(Duration duration) throws InterruptedException {
        try {
            core.terminated().get(Math.max(0, Deadline.nanos(duration)), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Shuts down, and waits until all calls are over. If the thread is interrupted, the calls are cancelled. */
    @Override
    public void close() {
        core.shutdown();
        boolean interrupted = false;
        while (!core.terminated().isDone()) {
            try {
                core.terminated().get();
            } catch (InterruptedException e) {
                interrupted = true;
                core.shutdownNow();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "KeepaliveHttpClient(" + core.manager().name() + ")";
    }
}
