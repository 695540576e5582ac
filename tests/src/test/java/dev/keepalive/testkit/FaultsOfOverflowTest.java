package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Calls of who has hardly any stack left: whatever they throw, no connection is lost. With the real clock and the real
 * collector.
 */
class FaultsOfOverflowTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final int ROUNDS = 30;
    private static final int PLACES = 64;
    private static final int UNTIL_COMPILED = 20_000;

    private final FakeConnector connector = FakeConnector.prompt();
    private final ConnectionManager<FakeConnection> manager =
            ConnectionManager.builder(connector).maxOpenPerEndpoint(PLACES).build();

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
        for (int i = 0; i < PLACES; i++) {
            all.add(manager.acquire(A).join());
        }
        assertThat(manager.tryAcquire(A)).isNull();
        all.forEach(Lease::release);
        LeakCheck.of(manager, connector).limits(128, PLACES).used(List.of(A)).check();
        manager.close();
    }

    @Test
    void aReleaseThatOverflowsIsMadeUpForWhenItsLeaseIsGarbage() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            AtomicReference<Lease<FakeConnection>> lease =
                    new AtomicReference<>(manager.acquire(A).join());
            atTheEndOfTheStack(round, () -> lease.get().release());
            lease.set(null);
        }
    }

    @Test
    void anInvalidateThatOverflowsIsMadeUpForWhenItsLeaseIsGarbage() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            AtomicReference<Lease<FakeConnection>> lease =
                    new AtomicReference<>(manager.acquire(A).join());
            atTheEndOfTheStack(round, () -> lease.get().invalidate());
            lease.set(null);
        }
    }

    /** Compiled, a call needs other amounts of stack than before. */
    @Test
    void anAcquireThatOverflowsInLineLosesNobodysPlace() throws Exception {
        Deque<Lease<FakeConnection>> held = new ArrayDeque<>();
        for (int i = 0; i < PLACES; i++) {
            held.add(manager.acquire(A).join());
        }
        for (int i = 0; i < UNTIL_COMPILED; i++) {
            CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
            held.remove().release();
            held.add(waiting.join());
        }
        // Who overflows after he has come into the line waits there for nothing.
        AcquireRequest request = AcquireRequest.to(A).withTimeout(Duration.ofMillis(100));
        for (int round = 0; round < ROUNDS; round++) {
            atTheEndOfTheStack(round, () -> manager.acquire(request).thenAccept(Lease::release));
        }
        held.forEach(Lease::release);
    }

    /** Calls from as deep as the stack goes, then from ever less deep, until a call succeeds. */
    private static void atTheEndOfTheStack(int offset, Runnable call) throws InterruptedException {
        Thread thread = new Thread(null, () -> begin(offset, call), "deep", 256 * 1024);
        thread.start();
        thread.join();
    }

    /** The bottom is a little elsewhere each time. */
    private static void begin(int offset, Runnable call) {
        if (offset > 0) {
            begin(offset - 1, call);
        } else {
            dive(call, 0, 0, 0);
        }
    }

    @SuppressWarnings("InfiniteRecursion") // that is the point
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
