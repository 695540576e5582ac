package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.keepalive.Lease;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, I: many more virtual threads wait than there are carrier threads. */
class FaultsOfVirtualThreadsTest extends ThreadedManagerRig {
    @Test
    @Tag("I12")
    void veryManyVirtualThreadsAreAllServed() throws Exception {
        int many = 30_000;
        replaceManager(FakeConnector.prompt(), 4, 4, options -> options);
        AtomicInteger served = new AtomicInteger();
        AtomicInteger failed = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(many);
        ExecutorService threads = virtualThreads();
        for (int i = 0; i < many; i++) {
            threads.execute(() -> {
                try (Lease<FakeConnection> lease = manager.blocking().acquire(A)) {
                    // The thread yields with a lease, so that the others wait.
                    Thread.yield();
                    lease.release();
                    served.incrementAndGet();
                } catch (Exception e) {
                    failed.incrementAndGet();
                } finally {
                    all.countDown();
                }
            });
        }
        assertThat(all.await(120, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
        assertThat(failed).hasValue(0);
        assertThat(served).hasValue(many);
        assertThat(connector.mostOpenLinks()).isLessThanOrEqualTo(4);
    }

    @Test
    @Tag("I12")
    void parkedVirtualThreadsWithLeasesDoNotOccupyTheirCarriers() throws Exception {
        int holders = 4 * Runtime.getRuntime().availableProcessors();
        replaceManager(FakeConnector.prompt(), holders, holders, options -> options);
        ExecutorService threads = virtualThreads();
        CountDownLatch allHold = new CountDownLatch(holders);
        CountDownLatch allWait = new CountDownLatch(2 * holders);
        CountDownLatch done = new CountDownLatch(2 * holders);
        for (int i = 0; i < 2 * holders; i++) {
            threads.execute(() -> {
                try {
                    allWait.countDown();
                    try (Lease<FakeConnection> lease = manager.blocking().acquire(A)) {
                        allHold.countDown();
                        allHold.await();
                        lease.release();
                    }
                    done.countDown();
                } catch (Exception e) {
                    // the latch never opens, and the test fails
                }
            });
        }
        assertThat(allWait.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        threads.shutdown();
    }

    private static ExecutorService virtualThreads() throws ReflectiveOperationException {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads need Java 21");
        return (ExecutorService)
                Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
    }
}
