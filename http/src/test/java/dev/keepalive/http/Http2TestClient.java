package dev.keepalive.http;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.netty.NettyConnector;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Exchanges over HTTP/2 in the clear with a server on this machine, without the client above. */
final class Http2TestClient implements AutoCloseable {
    static final int PATIENCE_SECONDS = 60;

    final ConnectionManager<HttpConnection> manager;
    final Endpoint endpoint;

    Http2TestClient(int port) {
        this(port, HttpOptions.DEFAULTS, 1);
    }

    Http2TestClient(int port, HttpOptions options, int maxOpen) {
        this(port, options, builder -> builder.maxOpen(maxOpen).maxOpenPerEndpoint(maxOpen));
    }

    Http2TestClient(int port, HttpOptions options, UnaryOperator<ManagerBuilder<HttpConnection>> manager) {
        this.endpoint = Endpoint.of(HttpProtocol.H2_SCHEME, "127.0.0.1", port);
        this.manager = manager.apply(
                        ConnectionManager.builder(NettyConnector.builder().build(new HttpProtocol(options)))
                                .acquireTimeout(Duration.ofSeconds(PATIENCE_SECONDS)))
                .build();
    }

    static HttpOptions options(int maxStreams, int streamWindow, int connectionWindow) {
        return options(maxStreams, streamWindow, connectionWindow, Duration.ofDays(1), Duration.ofDays(1));
    }

    static HttpOptions pings(int maxStreams, Duration after, Duration timeout) {
        return options(maxStreams, 1 << 20, 16 << 20, after, timeout);
    }

    private static HttpOptions options(
            int maxStreams, int streamWindow, int connectionWindow, Duration pingAfter, Duration pingTimeout) {
        HttpOptions all = HttpOptions.DEFAULTS;
        return new HttpOptions(
                all.priorKnowledge(),
                all.maxHeaderSize(),
                all.maxHeaderFields(),
                all.maxInformational(),
                all.maxDrain(),
                maxStreams,
                streamWindow,
                connectionWindow,
                pingAfter,
                pingTimeout);
    }

    Lease<HttpConnection> lease() throws Exception {
        return manager.acquire(endpoint).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    TestExchange get(String target) {
        return send(request("GET", target, false), TestBody.NONE, new TestExchange());
    }

    /** The same, again and again while the connection that it got has just ended. */
    TestExchange getProcessed(String target) throws Exception {
        while (true) {
            TestExchange exchange = get(target);
            exchange.body.handle((body, failure) -> body).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (exchange.safety != RetrySafety.UNPROCESSED) {
                return exchange;
            }
        }
    }

    TestExchange post(String target, TestBody body) {
        return send(request("POST", target, false), body, new TestExchange());
    }

    /** Acquires, and begins the exchange then. */
    TestExchange send(RequestHead head, RequestBody body, TestExchange exchange) {
        manager.acquire(endpoint).whenComplete((lease, failure) -> {
            if (lease == null) {
                exchange.failed(failure, RetrySafety.UNPROCESSED);
            } else {
                exchange.begin(lease, head, body);
            }
        });
        return exchange;
    }

    RequestHead request(String method, String target, boolean expectContinue, String... fields) {
        HeaderFields all = new HeaderFields();
        for (int i = 0; i < fields.length; i += 2) {
            all.add(fields[i], fields[i + 1]);
        }
        return new RequestHead(method, "http", "127.0.0.1:" + endpoint.port(), target, all, expectContinue);
    }

    @Override
    public void close() {
        manager.close();
    }

    static <T> @Nullable T get(CompletableFuture<T> future) throws Exception {
        return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
}
