package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Acquires that go on waiting while a server is down. */
class RetryDialsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static ConnectionManager<NettyConnection> manager(boolean retryDials) {
        return ConnectionManager.builder(NettyConnector.create())
                .dialBackOff(Duration.ofMillis(20), Duration.ofMillis(100))
                .retryDials(retryDials)
                .build();
    }

    @Test
    @Tag("D22")
    void anAcquireIsServedWhenTheServerIsBack() throws Exception {
        int port = freePort();
        Endpoint endpoint = Endpoint.of("line", "127.0.0.1", port);
        AcquireRequest patient = AcquireRequest.to(endpoint).withTimeout(LONG).withRetryDials(true);
        try (ConnectionManager<NettyConnection> manager = manager(false)) {
            CompletableFuture<Lease<NettyConnection>> waiting = manager.acquire(patient);
            await().atMost(LONG).until(() -> manager.snapshot().totals().dialsFailed() >= 4);
            assertThat(waiting).isNotDone();
            try (CountingServer server = new CountingServer(port)) {
                Lease<NettyConnection> lease = waiting.get(60, TimeUnit.SECONDS);
                SocketManagerRig.exchange(lease);
                assertThat(lease.release()).isTrue();
                assertThat(server.total()).isEqualTo(1);
            }
        }
    }

    @Test
    @Tag("D22")
    void aRequestMayFailAtOnceThoughTheManagerRetries() throws Exception {
        Endpoint endpoint = Endpoint.of("line", "127.0.0.1", freePort());
        try (ConnectionManager<NettyConnection> manager = manager(true)) {
            CompletableFuture<Lease<NettyConnection>> waiting =
                    manager.acquire(AcquireRequest.to(endpoint).withTimeout(Duration.ofMillis(300)));
            AcquireRequest hasty = AcquireRequest.to(endpoint).withRetryDials(false);
            assertThat(failure(manager.acquire(hasty))).isInstanceOf(AcquireException.DialFailed.class);
            AcquireException timedOut = failure(waiting);
            assertThat(timedOut)
                    .isInstanceOf(AcquireException.TimedOut.class)
                    .hasMessageContaining("the request's timeout PT0.3S is over");
            assertThat(manager.snapshot().totals().dialsFailed()).isGreaterThan(1);
        }
    }

    private static AcquireException failure(CompletableFuture<?> acquired) throws Exception {
        try {
            throw new AssertionError("succeeded with " + acquired.get(60, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return (AcquireException) e.getCause();
        }
    }
}
