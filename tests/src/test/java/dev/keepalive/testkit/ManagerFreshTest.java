package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests for a connection that was never used before, in each way to acquire. */
class ManagerFreshTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final AcquireRequest FRESH = AcquireRequest.to(A).fresh();

    private final FakeConnector connector = FakeConnector.scripted();
    private final ManualExecutor tasks = new ManualExecutor();
    private final ConnectionManager<FakeConnection> manager = ConnectionManager.builder(connector)
            .callbackExecutor(tasks)
            .time(new FakeTime())
            .build();

    @BeforeEach
    void oneConnectionIsIdle() {
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        succeed();
        first.join().release();
    }

    @AfterEach
    void close() {
        manager.close();
        tasks.runAll();
    }

    private void succeed() {
        tasks.runAll();
        connector.nextDial().succeed();
        tasks.runAll();
    }

    private static void requireFresh(Lease<FakeConnection> lease) {
        assertThat(lease.uses()).isOne();
        assertThat(lease.origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(lease.request().isFresh()).isTrue();
        lease.release();
    }

    @Test
    void aFutureIsOfANewConnectionWhileOneIsIdle() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(FRESH);
        assertThat(acquired).isNotDone();
        succeed();
        requireFresh(acquired.join());
        assertThat(manager.snapshot().all().idle()).isEqualTo(2);
    }

    @Test
    void aCallbackGetsANewConnectionWhileOneIsIdle() {
        List<Lease<FakeConnection>> leases = new ArrayList<>();
        manager.acquire(FRESH, tasks, leases::add, failure -> {});
        succeed();
        assertThat(leases).hasSize(1);
        requireFresh(leases.get(0));
    }

    @Test
    void aTryGetsNothingWhileOneIsIdle() {
        assertThat(manager.tryAcquire(FRESH)).isNull();
        assertThat(manager.blocking().tryAcquire(FRESH)).isNull();
        Lease<FakeConnection> idle = manager.tryAcquire(AcquireRequest.to(A));
        assertThat(idle).isNotNull();
        idle.release();
    }

    @Test
    void theOtherPartsOfARequestAreKept() {
        AcquireRequest request = FRESH.withLabel("l").withContext("c").withTimeout(Duration.ofSeconds(1));
        assertThat(request.isFresh()).isTrue();
        assertThat(request.fresh().label()).isEqualTo("l");
        assertThat(request.fresh().context()).isEqualTo("c");
        assertThat(request.fresh().timeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(AcquireRequest.to(A).isFresh()).isFalse();
    }
}
