package dev.keepalive.cli;

import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.netty.NettyConnector;
import dev.keepalive.netty.RequestResponse;
import dev.keepalive.netty.Requests;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.LineEncoder;
import io.netty.handler.codec.string.StringDecoder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The life of one connection: it is opened, leased three times in three ways, and expires. Each step is logged, and
 * each promise is checked on its own.
 */
final class ConnectionDemo {
    /** The longest wait for a step. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final RequestResponse<String, String> LINES = RequestResponse.of(
            String.class,
            pipeline -> pipeline.addLast(new LineBasedFrameDecoder(1024), new StringDecoder(), new LineEncoder()));

    private final StepLog log;
    private final int maxOpenPerEndpoint;
    private final Duration idleTimeout;

    /** Creates the demo. All its checks hold only with one connection per endpoint. */
    ConnectionDemo(StepLog log, int maxOpenPerEndpoint, Duration idleTimeout) {
        this.log = log;
        this.maxOpenPerEndpoint = maxOpenPerEndpoint;
        this.idleTimeout = idleTimeout;
    }

    /** Runs the demo; true if all checks hold. */
    boolean run() throws InterruptedException {
        ExpiryListener expiry = new ExpiryListener();
        try (LineServer server = LineServer.start();
                ConnectionManager<Requests<String, String>> connections = ConnectionManager.builder(
                                NettyConnector.builder().build(LINES))
                        .maxOpenPerEndpoint(maxOpenPerEndpoint)
                        .idleTimeout(idleTimeout)
                        .listener(expiry)
                        .build()) {
            Endpoint endpoint = Endpoint.of("line", "127.0.0.1", server.port());
            log.step("A server listens at " + endpoint + ". At most " + maxOpenPerEndpoint
                    + " connection to it may be open, an idle one is kept for " + idleTimeout.toMillis() + " ms.");
            theFirstIsNew(connections, endpoint);
            Lease<Requests<String, String>> second = theSecondIsImmediate(connections, endpoint);
            theThirdIsDeferred(connections, endpoint, second);
            theIdleConnectionExpires(expiry, server);
        } catch (IOException | ExecutionException | TimeoutException | IllegalStateException e) {
            log.broken(e);
        }
        return log.end();
    }

    private void theFirstIsNew(ConnectionManager<Requests<String, String>> connections, Endpoint endpoint)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Lease<Requests<String, String>>> acquired = connections.acquire(endpoint);
        log.step("First acquire: nothing is open. Connection is in progress.");
        Lease<Requests<String, String>> first = await(acquired);
        checkOrigin("First lease", LeaseOrigin.NEW, first);
        exchange(first, "first");
        first.release();
        log.step("First lease released: the connection is kept.");
    }

    private Lease<Requests<String, String>> theSecondIsImmediate(
            ConnectionManager<Requests<String, String>> connections, Endpoint endpoint)
            throws InterruptedException, ExecutionException, TimeoutException {
        Lease<Requests<String, String>> second = await(connections.acquire(endpoint));
        checkOrigin("Second lease", LeaseOrigin.IMMEDIATE, second);
        exchange(second, "second");
        return second;
    }

    private void theThirdIsDeferred(
            ConnectionManager<Requests<String, String>> connections,
            Endpoint endpoint,
            Lease<Requests<String, String>> second)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<Lease<Requests<String, String>>> acquired = connections.acquire(endpoint);
        log.step("Third acquire, while the second lease holds the connection.");
        log.check("It is answered at once", false, acquired.isDone());
        second.release();
        log.step("Second lease released: the connection goes to the waiter.");
        Lease<Requests<String, String>> third = await(acquired);
        checkOrigin("Third lease", LeaseOrigin.DEFERRED, third);
        exchange(third, "third");
        third.release();
        log.step("Third lease released: no caller waits for the connection.");
    }

    private void theIdleConnectionExpires(ExpiryListener expiry, LineServer server)
            throws InterruptedException, ExecutionException, TimeoutException {
        log.check("The connection was closed for", CloseReason.IDLE_TIMEOUT, await(expiry.reason));
        log.check("Leases that it had", 3, await(expiry.uses));
        log.check("The server saw its end", true, server.awaitEnd(PATIENCE));
        log.check("Connections that the server ever accepted", 1, server.accepted());
    }

    private void checkOrigin(String which, LeaseOrigin expected, Lease<Requests<String, String>> lease) {
        log.check(which + " (" + lease.timings() + "), origin", expected, lease.origin());
    }

    /** Sends a line over the leased connection and waits for the answer. */
    private void exchange(Lease<Requests<String, String>> lease, String line)
            throws InterruptedException, ExecutionException, TimeoutException {
        log.check(
                "Sent \"" + line + "\", received",
                "hello " + line,
                await(lease.connection().send(line)));
    }

    private static <T> T await(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Records how the first connection ends. */
    private static final class ExpiryListener implements ConnectionListener {
        final CompletableFuture<CloseReason> reason = new CompletableFuture<>();
        final CompletableFuture<Integer> uses = new CompletableFuture<>();

        @Override
        public void closed(Endpoint endpoint, CloseReason why, int leases, @Nullable Throwable cause) {
            reason.complete(why);
            uses.complete(leases);
        }
    }
}
