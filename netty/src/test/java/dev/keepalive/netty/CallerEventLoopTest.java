package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A caller on an event loop gets a connection on that event loop. */
class CallerEventLoopTest {
    private static final int LOOPS = 4;

    private EventLoopGroup group;
    private ScriptedServer server;
    private ConnectionManager<NettyConnection> manager;
    private Endpoint endpoint;

    @BeforeEach
    void start() {
        group = new MultiThreadIoEventLoopGroup(LOOPS, NioIoHandler.newFactory());
        server = ScriptedServer.start();
        endpoint = Endpoint.of("test", "127.0.0.1", server.port());
        manager = ConnectionManager.builder(
                        NettyConnector.builder().eventLoopGroup(group).build())
                .maxOpenPerEndpoint(2 * LOOPS)
                .build();
    }

    @AfterEach
    void stop() throws Exception {
        if (manager != null) {
            manager.close();
            manager.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        Closeables.closeAll(server);
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).get(20, TimeUnit.SECONDS);
    }

    /** Acquires on this event loop, and waits for the lease. */
    private Lease<NettyConnection> acquiredOn(EventLoop loop) throws Exception {
        CompletableFuture<Lease<NettyConnection>> acquired = new CompletableFuture<>();
        loop.execute(() -> manager.acquire(endpoint).whenComplete((lease, failure) -> {
            if (failure == null) {
                acquired.complete(lease);
            } else {
                acquired.completeExceptionally(failure);
            }
        }));
        return acquired.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aNewConnectionIsOpenedOnTheCallersEventLoopAndReusedThere() throws Exception {
        List<Lease<NettyConnection>> leases = new ArrayList<>();
        for (EventExecutor each : group) {
            EventLoop loop = (EventLoop) each;
            Lease<NettyConnection> lease = acquiredOn(loop);
            assertThat(lease.connection().channel().eventLoop()).isSameAs(loop);
            leases.add(lease);
            server.accept();
        }
        leases.forEach(Lease::release);
        await().until(() -> manager.snapshot().all().idle() == LOOPS);
        for (EventExecutor each : group) {
            Lease<NettyConnection> lease = acquiredOn((EventLoop) each);
            assertThat(lease.connection().channel().eventLoop()).isSameAs(each);
            assertThat(lease.uses()).isEqualTo(2);
        }
        assertThat(server.connections()).isEqualTo(LOOPS);
    }

    @Test
    void connectionsOfACallerOnNoEventLoopAreSpreadEvenlyOverTheEventLoops() throws Exception {
        List<Lease<NettyConnection>> leases = new ArrayList<>();
        Map<EventExecutor, Integer> spread = new HashMap<>();
        for (int i = 0; i < 2 * LOOPS; i++) {
            Lease<NettyConnection> lease = manager.acquire(endpoint).get(20, TimeUnit.SECONDS);
            spread.merge(lease.connection().channel().eventLoop(), 1, Integer::sum);
            leases.add(lease);
        }

        assertThat(spread).hasSize(LOOPS).allSatisfy((loop, connections) -> assertThat(connections)
                .isEqualTo(2));
        leases.forEach(Lease::release);
    }
}
