package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Leaked leases are taken back, and no others. With the real clock and the real garbage collector. */
class ManagerLeakedLeaseTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final FakeConnector connector = FakeConnector.prompt();
    private final ConnectionManager<FakeConnection> manager =
            ConnectionManager.builder(connector).maxOpenPerEndpoint(1).build();

    @AfterEach
    void noPermitIsLostOrInvented() {
        await().until(() -> {
            connector.links().forEach(FakeLink::peerResets);
            return manager.snapshot().endpoints().isEmpty();
        });
        LeakCheck.of(manager, connector).limits(128, 1).used(List.of(A)).check();
        manager.close();
    }

    @Test
    void aLeakedLeaseIsTakenBackAndAWaiterIsServed() {
        WeakReference<Lease<FakeConnection>> leaked = acquireAndLeak();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            return waiting.isDone();
        });
        assertThat(leaked.get()).isNull();
        assertThat(waiting.join().origin())
                .as("the old connection is not reused")
                .isEqualTo(LeaseOrigin.NEW);
        assertThat(manager.snapshot().totals().leaked()).isEqualTo(1);
    }

    private WeakReference<Lease<FakeConnection>> acquireAndLeak() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        await().until(acquired::isDone);
        return new WeakReference<>(acquired.join());
    }

    @Test
    void aLeakedLeaseIsTakenBackThoughAStageOfItsFutureIsReachable() {
        CompletableFuture<Integer> kept = manager.acquire(A).thenApply(Lease::uses);
        await().until(kept::isDone);
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            return waiting.isDone();
        });
        assertThat(kept.join()).isEqualTo(1);
    }

    @Test
    void aLeakedLeaseIsTakenBackThoughTheDialThatItCausedStillRuns() {
        FakeConnector scripted = FakeConnector.scripted();
        try (var two = ConnectionManager.builder(scripted).maxOpenPerEndpoint(2).build()) {
            serveLateAndLeak(two, scripted);
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                System.gc();
                return two.snapshot().totals().leaked() == 1;
            });
        }
    }

    /** The second acquire dials. The release of the first lease serves it, and it leaks while its dial still runs. */
    private static void serveLateAndLeak(ConnectionManager<FakeConnection> manager, FakeConnector connector) {
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        await().until(() -> connector.dials().size() == 1);
        connector.nextDial().succeed();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        await().until(() -> connector.dials().size() == 2);
        first.join().release();
        await().until(second::isDone);
    }

    @Test
    void aLeaseWhoseStageFailsAtItsDeliveryIsTakenBack() {
        Lease<FakeConnection> held = manager.acquire(A).join();
        deliverToARefusingExecutor(held);
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            return waiting.isDone();
        });
    }

    private void deliverToARefusingExecutor(Lease<FakeConnection> held) {
        CompletableFuture<Void> stage = manager.acquire(A).thenAcceptAsync(lease -> {}, task -> {
            throw new java.util.concurrent.RejectedExecutionException("full");
        });
        held.release();
        await().until(stage::isDone);
    }

    @Test
    void aLeaseWhoseConnectionIsUsedIsNotTakenBack() throws Exception {
        FakeConnection used = manager.acquire(A).get(30, SECONDS).connection();
        CompletableFuture<Lease<FakeConnection>> waiting =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofMillis(2500)));
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            System.gc();
            return waiting.isDone();
        });
        assertThatThrownBy(waiting::get).hasCauseInstanceOf(AcquireException.TimedOut.class);
        assertThat(used.link().isOpen()).isTrue();
        assertThat(used.endpoint()).isEqualTo(A);
    }
}
