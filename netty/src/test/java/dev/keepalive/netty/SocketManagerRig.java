package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.testkit.LeakCheck;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * A test with a manager on real sockets and a server that counts connections. At the end the manager must be at rest,
 * also by the count of the server ({@link LeakCheck}). When the manager is closed, there may be no more sockets and
 * threads than before. Sockets are counted on Linux only.
 */
abstract class SocketManagerRig {
    private static final int PATIENCE_SECONDS = 20;

    CountingServer server;
    Endpoint endpoint;
    ConnectionManager<NettyConnection> manager;
    private long socketsBefore;
    private Set<String> threadsBefore;
    private int maxOpen;
    private int maxOpenPerEndpoint;

    /** The JDK opens a socket of its own at the first close, and keeps it. */
    @BeforeAll
    static void closeOnce() throws IOException {
        SocketChannel.open().close();
        ServerSocketChannel.open().close();
    }

    @BeforeEach
    void startServer() throws Exception {
        socketsBefore = SocketStats.open();
        threadsBefore = threads();
        server = new CountingServer();
        endpoint = server.endpoint();
    }

    ConnectionManager<NettyConnection> manager(int maxOpen, int maxOpenPerEndpoint) {
        return manager(NettyConnector.builder(), maxOpen, maxOpenPerEndpoint, options -> options);
    }

    ConnectionManager<NettyConnection> manager(
            NettyConnectorBuilder connector,
            int maxOpen,
            int maxOpenPerEndpoint,
            UnaryOperator<ManagerBuilder<NettyConnection>> options) {
        this.maxOpen = maxOpen;
        this.maxOpenPerEndpoint = maxOpenPerEndpoint;
        manager = options.apply(ConnectionManager.builder(connector.build())
                        .name("counted")
                        .maxOpen(maxOpen)
                        .maxOpenPerEndpoint(maxOpenPerEndpoint))
                .build();
        return manager;
    }

    LeakCheck<NettyConnection> leakCheck() {
        return LeakCheck.of(manager)
                .limits(maxOpen, maxOpenPerEndpoint)
                .endpoints(i -> server.endpoint(100 + i))
                .used(List.of(endpoint))
                .countedBy("the server", server::open)
                .highWater(server::mostOpen);
    }

    @AfterEach
    void nothingIsLostOrLeftOpen() throws Exception {
        // A skipped test has made no manager.
        if (manager != null) {
            managerIsAtRestAndCloses();
        }
        Closeables.closeAll(server);
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS)).untilAsserted(() -> {
            assertThat(SocketStats.open()).as("sockets").isLessThanOrEqualTo(socketsBefore);
            assertThat(threads()).as("threads").isSubsetOf(threadsBefore);
        });
    }

    private void managerIsAtRestAndCloses() {
        if (!manager.closed().toCompletableFuture().isDone()) {
            leakCheck().check();
        }
        manager.close();
        leakCheck().checkClosed();
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("counted") || name.startsWith("keepalive-netty"))
                .collect(Collectors.toSet());
    }

    Lease<NettyConnection> got(CompletableFuture<Lease<NettyConnection>> acquired) throws Exception {
        return acquired.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Lease<NettyConnection> acquired() throws Exception {
        return got(manager.acquire(endpoint));
    }

    /** Sends a line and waits for its echo. */
    static void exchange(Lease<NettyConnection> lease) throws Exception {
        RecordingListener<String> replies = new RecordingListener<>();
        lease.connection().start(replies).send("echo ping");
        assertThat(replies.next()).isEqualTo("echo ping");
    }

    static AcquireException failed(CompletableFuture<?> acquired) throws Exception {
        try {
            throw new AssertionError("succeeded with " + acquired.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(AcquireException.class);
            return (AcquireException) e.getCause();
        }
    }
}
