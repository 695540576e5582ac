package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, C and I: interrupts, and locks of the user, on real threads. */
class FaultsOfThreadsTest extends ThreadedManagerRig {
    @Test
    @Tag("I10")
    void anInterruptedThreadThatAcquiresDoesNotWaitAndLosesNothing() throws Exception {
        Lease<FakeConnection> held = manager.blocking().acquire(A);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> manager.blocking().acquire(A)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted())
                .as("the exception cleared the interrupt flag")
                .isFalse();
        assertThat(manager.snapshot().all().waiting()).isZero();
        assertThat(held.release()).isTrue();
    }

    @Test
    @Tag("I10")
    void anInterruptedThreadThatAcquiresLeasesNoIdleConnection() throws Exception {
        manager.blocking().acquire(A).release();
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> manager.blocking().acquire(A)).isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(manager.blocking().acquire(A).release()).isTrue();
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("I10")
    void anInterruptAtTheMomentOfTheAnswerLosesNothing() throws Exception {
        for (int round = 0; round < 1_000; round++) {
            Lease<FakeConnection> held = leaseOf(manager.acquire(A));
            CompletableFuture<Thread> waiter = new CompletableFuture<>();
            AtomicInteger ends = new AtomicInteger();
            runTogether(
                    () -> {
                        waiter.complete(Thread.currentThread());
                        try {
                            ends.addAndGet(manager.blocking().acquire(A).release() ? 1 : 0);
                        } catch (InterruptedException cancelled) {
                            ends.incrementAndGet();
                        }
                        return Thread.interrupted();
                    },
                    () -> {
                        waiter.get(30, SECONDS).interrupt();
                        return true;
                    },
                    held::release);
            assertThat(ends).hasValue(1);
            assertThat(leaseOf(manager.acquire(A)).release()).isTrue();
        }
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("C13")
    @Tag("I16")
    void callbacksThatTakeALockUnderWhichTheManagerIsCalledDoNotDeadlock() throws Exception {
        ReentrantLock userLock = new ReentrantLock();
        int times = 2_000;
        CountDownLatch answered = new CountDownLatch(2 * times);
        Runnable use = () -> {
            userLock.lock();
            try {
                manager.acquire(
                        AcquireRequest.to(A),
                        Runnable::run,
                        lease -> {
                            userLock.lock();
                            try {
                                lease.release();
                            } finally {
                                userLock.unlock();
                            }
                            answered.countDown();
                        },
                        failure -> {});
                Lease<FakeConnection> lease = manager.tryAcquire(B);
                if (lease != null) {
                    lease.release();
                }
                manager.snapshot();
            } finally {
                userLock.unlock();
            }
        };
        runTogether(() -> repeat(times, use), () -> repeat(times, use));
        assertThat(answered.await(60, SECONDS)).isTrue();
    }

    private static boolean repeat(int times, Runnable task) {
        for (int i = 0; i < times; i++) {
            task.run();
        }
        return true;
    }
}
