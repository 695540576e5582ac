package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many threads share a few connections: no connection ever has more leases than it takes, and none is lost. */
class ManagerSharedThreadsTest extends ThreadedManagerRig {
    private static final int THREADS = 8;
    private static final int CYCLES = 300;
    private static final int CAPACITY = 3;

    @Test
    void noConnectionHasMoreLeasesThanItTakes() throws Exception {
        replaceManager(FakeConnector.prompt().sharing(CAPACITY).expecting(CAPACITY), 2, 2, options -> options);
        AtomicInteger held = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Callable<?>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(() -> {
                for (int cycle = 0; cycle < CYCLES; cycle++) {
                    Lease<FakeConnection> lease = manager.blocking().acquire(A);
                    most.accumulateAndGet(held.incrementAndGet(), Math::max);
                    assertThat(lease.connection().link().isOpen()).isTrue();
                    held.decrementAndGet();
                    assertThat(end(lease)).isTrue();
                }
                return null;
            });
        }
        runTogether(all);
        assertThat(most.get()).as("leases at a time").isLessThanOrEqualTo(2 * CAPACITY);
        assertThat(connector.mostOpenLinks()).isLessThanOrEqualTo(2);
        long resets = connector.links().stream()
                .mapToLong(link -> link.resets().size())
                .sum();
        assertThat(resets).as("each lease was cleaned up once").isEqualTo(THREADS * CYCLES);
        assertThat(manager.snapshot().all().leases()).isZero();
    }

    private static boolean end(Lease<FakeConnection> lease) {
        return ThreadLocalRandom.current().nextBoolean() ? lease.release() : lease.invalidate();
    }

    @Test
    void aBlockedCallerGetsThePlaceThatAnotherOneFrees() throws Exception {
        replaceManager(FakeConnector.prompt().sharing(1).expecting(1), 1, 1, options -> options);
        Lease<FakeConnection> first = manager.blocking().acquire(A);
        runTogether(
                () -> {
                    try (Lease<FakeConnection> second = manager.blocking().acquire(A)) {
                        assertThat(second.connection().link())
                                .isSameAs(connector.links().get(0));
                        second.release();
                    }
                    return null;
                },
                first::release);
    }
}
