package dev.keepalive.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Servers that accept connections and never shake hands, beside a server that works. */
class UnprovenEndpointsTest {
    private static final int MAX_OPEN = 16;
    private static final int PER_ENDPOINT = 4;
    private static final int SILENT_ENDPOINTS = 40;

    /**
     * Longer than the test waits for anything: a waiter that needs a dial of a silent endpoint to end is not served.
     */
    private static final Duration DIAL_TIMEOUT = Duration.ofMinutes(5);

    @Test
    void theyDisturbNeitherIdleConnectionsNorDialsOfAnEndpointThatWorks() throws Exception {
        try (ScriptedServer silent = ScriptedServer.start();
                ScriptedServer server = ScriptedServer.start();
                ConnectionManager<NettyConnection> manager = ConnectionManager.builder(NettyConnector.create())
                        .maxOpen(MAX_OPEN)
                        .maxOpenPerEndpoint(PER_ENDPOINT)
                        .dialTimeout(DIAL_TIMEOUT)
                        .acquireTimeout(DIAL_TIMEOUT)
                        .idleTimeout(DIAL_TIMEOUT)
                        .build()) {
            Endpoint works = Endpoint.of("test", "127.0.0.1", server.port());
            releaseAll(acquireAll(manager, works));
            for (int i = 0; i < SILENT_ENDPOINTS * PER_ENDPOINT; i++) {
                manager.acquire(Endpoint.of("test", "127.0.0.1", silent.port())
                        .withTls("host" + i % SILENT_ENDPOINTS + ".test"));
            }
            await().until(() -> silent.connections() == MAX_OPEN / 2);
            assertThat(manager.snapshot().endpoints().get(works).idle()).isEqualTo(PER_ENDPOINT);

            List<Lease<NettyConnection>> leases = acquireAll(manager, works);
            assertThat(leases).allMatch(lease -> lease.origin() == LeaseOrigin.IMMEDIATE);
            leases.forEach(Lease::invalidate);
            await().until(() -> !manager.snapshot().endpoints().containsKey(works));
            leases = acquireAll(manager, works);
            assertThat(leases).allMatch(lease -> lease.origin() == LeaseOrigin.NEW);
            releaseAll(leases);
            // The server counts a connection a moment after it is open here.
            await().until(() -> server.connections() >= 2 * PER_ENDPOINT);
            assertThat(server.connections()).as("nothing was evicted").isEqualTo(2 * PER_ENDPOINT);
            assertThat(silent.connections()).isEqualTo(MAX_OPEN / 2);
        }
    }

    private static List<Lease<NettyConnection>> acquireAll(ConnectionManager<NettyConnection> manager, Endpoint from)
            throws Exception {
        List<CompletableFuture<Lease<NettyConnection>>> acquired = new ArrayList<>();
        for (int i = 0; i < PER_ENDPOINT; i++) {
            acquired.add(manager.acquire(from));
        }
        List<Lease<NettyConnection>> leases = new ArrayList<>();
        for (CompletableFuture<Lease<NettyConnection>> lease : acquired) {
            leases.add(lease.get(20, TimeUnit.SECONDS));
        }
        return leases;
    }

    private static void releaseAll(List<Lease<NettyConnection>> leases) {
        leases.forEach(lease -> assertThat(lease.release()).isTrue());
    }
}
