package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Calls of a thread whose stack is almost used up. A call may throw a {@link StackOverflowError}, but no connection is
 * lost. The test uses the real clock and the real garbage collector.
 */
class FaultsOfOverflowTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final int ROUNDS = 30;
    private static final int CONNECTIONS = 64;
    private static final int UNTIL_COMPILED = 20_000;

    private final FakeConnector connector = FakeConnector.prompt();
    private final ConnectionManager<FakeConnection> manager =
            ConnectionManager.builder(connector).maxOpenPerEndpoint(CONNECTIONS).build();

    @AfterEach
    void nothingIsLost() {
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            System.gc();
            Counts counts = manager.snapshot().all();
            assertThat(counts.leased() + counts.resetting() + counts.waiting())
                    .as("%s", counts)
                    .isZero();
        });
        List<Lease<FakeConnection>> all = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            all.add(manager.acquire(A).join());
        }
        assertThat(manager.tryAcquire(A)).isNull();
        all.forEach(Lease::release);
        LeakCheck.of(manager, connector)
                .limits(128, CONNECTIONS)
                .used(List.of(A))
                .check();
        manager.close();
    }

    @Test
    void theConnectionOfAReleaseThatOverflowsIsClosedWhenItsLeaseIsGarbage() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            AtomicReference<Lease<FakeConnection>> lease =
                    new AtomicReference<>(manager.acquire(A).join());
            atTheEndOfTheStack(round, () -> lease.get().release());
            lease.set(null);
        }
    }

    @Test
    void theConnectionOfAnInvalidateThatOverflowsIsClosedWhenItsLeaseIsGarbage() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            AtomicReference<Lease<FakeConnection>> lease =
                    new AtomicReference<>(manager.acquire(A).join());
            atTheEndOfTheStack(round, () -> lease.get().invalidate());
            lease.set(null);
        }
    }

    /** The calls are compiled first, since compiled calls need another amount of stack. */
    @Test
    void anAcquireThatOverflowsInTheWaitQueueCostsNoPermit() throws Exception {
        List<Lease<FakeConnection>> held = new ArrayList<>();
        for (int i = 0; i < CONNECTIONS; i++) {
            held.add(manager.acquire(A).join());
        }
        for (int i = 0; i < UNTIL_COMPILED; i += CONNECTIONS) {
            List<CompletableFuture<Lease<FakeConnection>>> waiting = new ArrayList<>();
            held.forEach(lease -> waiting.add(manager.acquire(A)));
            held.forEach(Lease::release);
            held.clear();
            waiting.forEach(next -> held.add(next.join()));
        }
        // A waiter whose acquire threw after it joined the wait queue leaves the queue by its timeout.
        AcquireRequest request = AcquireRequest.to(A).withTimeout(Duration.ofMillis(100));
        for (int round = 0; round < ROUNDS; round++) {
            atTheEndOfTheStack(round, () -> manager.acquire(request).thenAccept(Lease::release));
        }
        held.forEach(Lease::release);
    }

    /** Calls at the end of the stack, then from one frame less each time, until a call succeeds. */
    private static void atTheEndOfTheStack(int offset, Runnable call) throws InterruptedException {
        Thread thread = new Thread(null, () -> begin(offset, call), "deep", 256 * 1024);
        thread.start();
        thread.join();
    }

    /** Begins at another depth for each offset. */
    private static void begin(int offset, Runnable call) {
        if (offset > 0) {
            begin(offset - 1, call);
        } else {
            dive(call, 0, 0, 0);
        }
    }

    @SuppressWarnings("InfiniteRecursion") // it ends by an overflow
    private static boolean dive(Runnable call, long a, long b, long c) {
        try {
            if (dive(call, b, c, a + 1)) {
                return true;
            }
            call.run();
            return true;
        } catch (StackOverflowError overflow) {
            return false;
        }
    }
}
