package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Timings;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fault catalogue, I: what callbacks may do, and on which thread they run. */
class FaultsOfCallbacksTest extends ManagerRig {
    /** What a callback throws. */
    enum Thrown {
        EXCEPTION(() -> new IllegalStateException("mine")),
        ERROR(() -> new AssertionError("mine")),
        OVERFLOW(() -> new StackOverflowError("mine"));

        private final Supplier<Throwable> made;

        Thrown(Supplier<Throwable> made) {
            this.made = made;
        }

        @SuppressWarnings("unchecked") // T is inferred as an unchecked exception
        private <T extends Throwable> void raise() throws T {
            throw (T) made.get();
        }
    }

    @ParameterizedTest
    @EnumSource
    @Tag("I01")
    void whatACallbackThrowsIsReportedAndTheCallerKeepsItsLease(Thrown thrown) {
        List<String> reported = new ArrayList<>();
        replaceManager(
                4,
                1,
                options -> options.listener(new ConnectionListener() {
                    @Override
                    public void userCodeThrew(String origin, Throwable thrown) {
                        reported.add(origin + ": " + thrown.getMessage());
                    }
                }));
        List<Lease<FakeConnection>> kept = new ArrayList<>();
        manager.acquire(
                AcquireRequest.to(A),
                tasks,
                lease -> {
                    kept.add(lease);
                    thrown.raise();
                },
                failure -> {});
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        succeedDial();
        assertThat(reported).containsExactly("the callback of line://a:1: mine");
        assertThat(next).isNotDone();
        assertThat(kept.get(0).release()).isTrue();
        tasks.runAll();
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
        next.join().release();
    }

    @ParameterizedTest
    @EnumSource
    @Tag("I01")
    void whatTheCallbackOfAFailureThrowsHarmsNoOtherCaller(Thrown thrown) {
        manager.acquire(AcquireRequest.to(A), tasks, lease -> {}, failure -> thrown.raise());
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        tasks.runAll();
        connector.nextDial().refuse();
        succeedDial();
        next.join().release();
    }

    @Test
    @Tag("I02")
    void aCallbackThatBlocksHoldsUpNoTaskButItsOwn() {
        Lease<FakeConnection> held = lease();
        ManualExecutor blocked = new ManualExecutor();
        manager.acquire(AcquireRequest.to(A), blocked, lease -> {}, failure -> {});
        CompletableFuture<Lease<FakeConnection>> other = manager.acquire(B);
        held.release();
        succeedDial();
        assertThat(blocked.size()).as("its executor runs no task").isEqualTo(1);
        assertThat(other.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    @Tag("I03")
    void acquiringInACallbackKeepsTheOrderAndDoesNotBlock() {
        List<String> order = new ArrayList<>();
        manager.acquire(
                AcquireRequest.to(A),
                tasks,
                lease -> {
                    manager.acquire(A).thenAccept(again -> order.add("again"));
                    manager.acquire(B).thenAccept(other -> order.add("other"));
                    order.add("callback ends");
                    lease.release();
                },
                failure -> {});
        manager.acquire(A).thenAccept(lease -> {
            order.add("second");
            lease.release();
        });
        succeedDial();
        succeedDial();
        assertThat(order).containsExactly("callback ends", "second", "again", "other");
    }

    @Test
    @Tag("I03")
    @Tag("J06")
    void closingInACallbackAnswersTheOthersOnceAndDoesNotBlock() {
        List<String> answers = new ArrayList<>();
        manager.acquire(
                AcquireRequest.to(A),
                tasks,
                lease -> {
                    manager.close();
                    manager.close();
                    answers.add("callback ends, closed: "
                            + manager.closed().toCompletableFuture().isDone());
                },
                failure -> answers.add("failed"));
        manager.acquire(AcquireRequest.to(A), tasks, lease -> answers.add("served"), failure -> {
            manager.close();
            answers.add(failure.getClass().getSimpleName());
        });
        succeedDial();
        assertThat(answers).containsExactly("callback ends, closed: false", "Closed");
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    @Tag("I06")
    void releasingInTheCallbackServesTheNextAfterItNotInsideIt() {
        List<String> order = new ArrayList<>();
        manager.acquire(
                AcquireRequest.to(A),
                Runnable::run,
                lease -> {
                    order.add("first begins");
                    lease.release();
                    order.add("first ends");
                },
                failure -> {});
        manager.acquire(
                AcquireRequest.to(A),
                Runnable::run,
                lease -> {
                    order.add("second");
                    lease.release();
                },
                failure -> {});
        succeedDial();
        assertThat(order).containsExactly("first begins", "first ends", "second");
    }

    @Test
    @Tag("I06")
    void cancellingInTheCallbackIsTooLateAndTheCallerKeepsItsLease() {
        List<Future<?>> self = new ArrayList<>();
        List<Lease<FakeConnection>> got = new ArrayList<>();
        self.add(manager.acquire(
                AcquireRequest.to(A),
                tasks,
                lease -> {
                    assertThat(self.get(0).cancel(true)).isFalse();
                    got.add(lease);
                },
                failure -> {}));
        succeedDial();
        assertThat(got.get(0).connection().link().isOpen()).isTrue();
        assertThat(got.get(0).release()).isTrue();
    }

    @Test
    @Tag("C13")
    @Tag("I16")
    void aCallUnderALockOfTheUserRunsNoCallbackUnderThatLock() throws Exception {
        ReentrantLock users = new ReentrantLock();
        List<String> order = new ArrayList<>();
        Lease<FakeConnection> held = lease();
        manager.acquire(
                AcquireRequest.to(A),
                Runnable::run,
                lease -> {
                    order.add(users.isHeldByCurrentThread() ? "under the user's lock" : "without the lock");
                    lease.release();
                },
                failure -> {});
        users.lock();
        try {
            held.release();
            manager.acquire(B).cancel(false);
            manager.snapshot();
        } finally {
            users.unlock();
        }
        order.add("unlocked");
        tasks.runAll();
        assertThat(order).containsExactly("unlocked", "without the lock");
    }

    @Test
    @Tag("C13")
    void theManagerIsUnlockedWheneverForeignCodeIsCalled() {
        List<Boolean> unlocked = new ArrayList<>();
        AtomicBoolean looking = new AtomicBoolean();
        Runnable look = () -> {
            if (looking.get()) {
                unlocked.add(isUnlocked());
            }
        };
        replaceManager(
                4,
                1,
                options -> options.callbackExecutor(task -> {
                    look.run();
                    tasks.execute(task);
                }));
        lease().release();
        looking.set(true);
        manager.acquire(
                AcquireRequest.to(A),
                task -> {
                    look.run();
                    task.run();
                },
                lease -> {
                    look.run();
                    lease.invalidate();
                },
                failure -> {});
        looking.set(false);
        assertThat(unlocked)
                .as("in the caller's executor, in the callback, and in the manager's executor, which gets the close")
                .containsExactly(true, true, true);
    }

    private boolean isUnlocked() {
        return CompletableFuture.supplyAsync(manager::snapshot)
                .completeOnTimeout(null, 10, TimeUnit.SECONDS)
                .thenApply(snapshot -> snapshot != null)
                .join();
    }

    @Test
    @Tag("I17")
    void aListenerThatThrowsIsIgnoredAndASlowOneIsToldHowManyEventsItMissed() {
        List<Long> missed = new ArrayList<>();
        List<LeaseOrigin> heard = new ArrayList<>();
        replaceManager(
                4,
                1,
                options -> options.listener(new ConnectionListener() {
                    @Override
                    public void acquired(AcquireRequest request, LeaseOrigin origin, Timings timings) {
                        heard.add(origin);
                        if (origin == LeaseOrigin.NEW) {
                            throw new IllegalStateException("thrown on purpose");
                        }
                    }

                    @Override
                    public void eventsDropped(long events) {
                        missed.add(events);
                    }
                }));
        lease().release();
        for (int i = 0; i < 10_005; i++) {
            manager.acquire(A).join().release();
        }
        tasks.runAll();
        assertThat(missed).containsExactly(5L);
        assertThat(heard)
                .as("the new connection, and as many events as the queue holds")
                .hasSize(1 + 10_000);
        assertThat(manager.snapshot().totals().immediate()).isEqualTo(10_005);
    }

    @Test
    @Tag("I17")
    void aListenerMayCallTheManager() {
        List<Integer> open = new ArrayList<>();
        replaceManager(
                4,
                1,
                options -> options.listener(new ConnectionListener() {
                    @Override
                    public void opened(Endpoint endpoint, Timings dial) {
                        open.add(manager.snapshot().all().open());
                    }

                    @Override
                    public void failed(AcquireException failure) {
                        manager.close();
                    }
                }));
        lease().release();
        assertThat(open).containsExactly(1);
        CompletableFuture<Lease<FakeConnection>> refused = manager.acquire(B);
        tasks.runAll();
        connector.nextDial().refuse();
        tasks.runAll();
        assertThat(failure(refused)).isInstanceOf(AcquireException.DialFailed.class);
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }
}
