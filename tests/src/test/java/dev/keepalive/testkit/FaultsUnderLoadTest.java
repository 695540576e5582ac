package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue: many threads at once. The tests assert counts and orders, never times. */
class FaultsUnderLoadTest extends ThreadedManagerRig {
    private final Map<FakeLink, AtomicBoolean> inUse = new ConcurrentHashMap<>();
    private final AtomicInteger heldTwice = new AtomicInteger();

    @Test
    @Tag("B05")
    void sixtyFourThreadsNeverOpenOneTooMany() throws Exception {
        replaceManager(FakeConnector.prompt(), 4, 3, options -> options);
        AtomicLong leases = new AtomicLong();
        AtomicLong failures = new AtomicLong();
        List<Callable<?>> all = new ArrayList<>();
        for (int t = 0; t < 64; t++) {
            Random random = new Random(t);
            all.add(() -> {
                for (int i = 0; i < 400; i++) {
                    Endpoint endpoint = random.nextInt(4) == 0 ? B : A;
                    try {
                        use(endpoint, random);
                        leases.incrementAndGet();
                    } catch (AcquireException failed) {
                        failures.incrementAndGet();
                    }
                }
                return true;
            });
        }
        runTogether(all);
        assertThat(connector.mostOpenLinks()).isLessThanOrEqualTo(4);
        assertThat(heldTwice)
                .as("connections with two holders at the same time")
                .hasValue(0);
        var totals = manager.snapshot().totals();
        assertThat(totals.immediate() + totals.deferred() + totals.created()).isEqualTo(leases.get());
        assertThat(totals.timedOut()).isEqualTo(failures.get());
        assertThat(leases.get() + failures.get()).isEqualTo(64 * 400);
    }

    private void use(Endpoint endpoint, Random random) throws AcquireException, InterruptedException {
        AcquireRequest request = AcquireRequest.to(endpoint);
        if (random.nextInt(20) == 0) {
            request = request.withTimeout(Duration.ofNanos(1 + random.nextInt(200_000)));
        }
        Lease<FakeConnection> lease = manager.blocking().acquire(request);
        FakeLink link = lease.connection().link();
        AtomicBoolean mark = inUse.computeIfAbsent(link, made -> new AtomicBoolean());
        if (!mark.compareAndSet(false, true)) {
            heldTwice.incrementAndGet();
        }
        mark.set(false);
        switch (random.nextInt(20)) {
            case 0 -> lease.invalidate();
            case 1 -> {
                link.peerResets();
                lease.release();
            }
            default -> lease.release();
        }
    }

    @Test
    @Tag("I18")
    void thePlainWritesOfAHolderAreVisibleToTheNextHolder() throws Exception {
        replaceManager(FakeConnector.prompt(), 2, 2, options -> options);
        Map<FakeLink, int[]> plain = new ConcurrentHashMap<>();
        int threads = 8;
        int times = 3_000;
        List<Callable<?>> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            all.add(() -> {
                for (int i = 0; i < times; i++) {
                    int[] context = {0};
                    AcquireRequest request = AcquireRequest.to(A).withContext(context);
                    context[0] = i;
                    CompletableFuture<Void> used = manager.acquire(request).thenAccept(lease -> {
                        assertThat(((int[]) lease.request().context())[0]).isEqualTo(context[0]);
                        plain.computeIfAbsent(lease.connection().link(), made -> new int[1])[0]++;
                        lease.release();
                    });
                    used.get();
                }
                return true;
            });
        }
        runTogether(all);
        assertThat(plain.values().stream().mapToInt(count -> count[0]).sum()).isEqualTo(threads * times);
    }

    @Test
    @Tag("H06")
    void aLeaseWhoseLastUseIsItsEndIsNeverTakenForLeaked() throws Exception {
        // The manager looks for leaked leases eight times per idle timeout.
        replaceManager(FakeConnector.prompt(), 1, 1, options -> options.idleTimeout(Duration.ofMillis(80)));
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger acquired = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        runTogether(
                () -> {
                    while (!over.get()) {
                        acquired.incrementAndGet();
                        ended.addAndGet(manager.blocking().acquire(A).release() ? 1 : 0);
                    }
                    return true;
                },
                () -> {
                    for (int i = 0; i < 40; i++) {
                        System.gc();
                    }
                    over.set(true);
                    return true;
                });
        assertThat(ended.get()).isPositive().isEqualTo(acquired.get());
        assertThat(manager.snapshot().totals().leaked()).isZero();
    }
}
