package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue: pairs of events at the same moment, many times, on real threads. */
class FaultsUnderRacesTest extends ThreadedManagerRig {
    private static final int ROUNDS = 2_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final FakeTime time = new FakeTime();

    @Test
    @Tag("A01")
    void aCancelThatRacesWithAReleaseLosesNothing() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = leaseOf(manager.acquire(A));
            CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            runTogether(held::release, () -> cancelled.cancel(false));
            if (!cancelled.isCancelled()) {
                assertThat(leaseOf(cancelled).release()).isTrue();
            }
            assertThat(leaseOf(next).release()).isTrue();
        }
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("A01")
    void cancellingAUseThatRacesWithAReleaseLosesNothing() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = leaseOf(manager.acquire(A));
            CompletableFuture<Integer> use = manager.use(A, lease -> CompletableFuture.completedFuture(lease.uses()));
            runTogether(held::release, () -> use.cancel(true));
            assertThat(use).isDone();
            assertThat(leaseOf(manager.acquire(A)).release()).isTrue();
        }
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("A02")
    void aTimeoutThatRacesWithAReleaseLosesNothing() throws Exception {
        replaceManager(FakeConnector.prompt(), 128, 1, options -> options.time(time));
        int timedOut = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = leaseOf(manager.acquire(A));
            CompletableFuture<Lease<FakeConnection>> late =
                    manager.acquire(AcquireRequest.to(A).withTimeout(SECOND));
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            runTogether(held::release, () -> {
                time.advance(SECOND);
                return true;
            });
            timedOut += servedOrTimedOut(late);
            assertThat(leaseOf(next).release()).isTrue();
        }
        assertThat(manager.snapshot().totals().timedOut()).isEqualTo(timedOut);
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("A03")
    void aTimeoutThatRacesWithADialLosesNothing() throws Exception {
        replaceManager(
                FakeConnector.scripted(), 128, 1, options -> options.time(time).callbackExecutor(Runnable::run));
        int timedOut = 0;
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<Lease<FakeConnection>> late =
                    manager.acquire(AcquireRequest.to(A).withTimeout(SECOND));
            FakeDial dial = connector.nextDial();
            runTogether(dial::succeed, () -> {
                time.advance(SECOND);
                return true;
            });
            timedOut += servedOrTimedOut(late);
            assertThat(manager.snapshot().all().idle()).isEqualTo(1);
            leaseOf(manager.acquire(A)).invalidate();
        }
        assertThat(manager.snapshot().totals().timedOut()).isEqualTo(timedOut);
        assertThat(connector.dials()).hasSize(ROUNDS);
    }

    private static int servedOrTimedOut(CompletableFuture<Lease<FakeConnection>> acquired) throws Exception {
        try {
            assertThat(leaseOf(acquired).release()).isTrue();
            return 0;
        } catch (java.util.concurrent.ExecutionException failed) {
            assertThat(failed).hasCauseInstanceOf(AcquireException.TimedOut.class);
            return 1;
        }
    }

    @Test
    @Tag("B15")
    @Tag("H01")
    @Tag("H09")
    void exactlyOneEndOfALeaseCounts() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> lease = leaseOf(manager.acquire(A));
            AtomicInteger first = new AtomicInteger();
            Callable<Boolean> release = () -> lease.release() && first.incrementAndGet() > 0;
            Callable<Boolean> invalidate = () -> lease.invalidate() && first.incrementAndGet() > 0;
            Callable<Boolean> close = () -> {
                lease.close();
                return true;
            };
            runTogether(round % 2 == 0 ? List.of(release, invalidate, release) : List.of(close, release, close));
            assertThat(first.get()).isLessThanOrEqualTo(1);
            assertThat(round % 2 != 0 || first.get() == 1)
                    .as("exactly one end counts")
                    .isTrue();
        }
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("C08")
    void anAcquireThatRacesWithTheLastReleaseDoesNotWaitWhileOneIsIdle() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = leaseOf(manager.acquire(A));
            List<CompletableFuture<Lease<FakeConnection>>> acquired = new ArrayList<>();
            runTogether(held::release, () -> acquired.add(manager.acquire(A)));
            assertThat(leaseOf(acquired.get(0)).release()).isTrue();
        }
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("C08")
    @Tag("F06")
    void anAcquireThatRacesWithTheEndOfTheLastConnectionDoesNotWaitBelowTheLimit() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = leaseOf(manager.acquire(A));
            FakeLink link = held.connection().link();
            List<CompletableFuture<Lease<FakeConnection>>> acquired = new ArrayList<>();
            runTogether(held::release, () -> acquired.add(manager.acquire(A)), () -> {
                link.peerResets();
                return true;
            });
            assertThat(leaseOf(acquired.get(0)).invalidate()).isTrue();
        }
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    /** The machine removes an endpoint with its last dial or connection, at the moment of a new acquire. */
    @Test
    @Tag("F06")
    void anAcquireThatRacesWithTheRemovalOfItsEndpointIsServed() throws Exception {
        replaceManager(FakeConnector.scripted(), 128, 1, options -> options.callbackExecutor(Runnable::run));
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<Lease<FakeConnection>> refused = manager.acquire(A);
            FakeDial dial = connector.nextDial();
            List<CompletableFuture<Lease<FakeConnection>>> acquired = new ArrayList<>();
            runTogether(() -> acquired.add(manager.acquire(A)), () -> {
                dial.refuse();
                return true;
            });
            assertThatThrownBy(() -> leaseOf(refused)).hasCauseInstanceOf(AcquireException.DialFailed.class);
            connector.nextDial().succeed();
            Lease<FakeConnection> lease = leaseOf(acquired.get(0));
            runTogether(lease::invalidate, () -> acquired.add(manager.acquire(A)));
            connector.nextDial().succeed();
            assertThat(leaseOf(acquired.get(1)).invalidate()).isTrue();
        }
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("G17")
    void anIdleTimeoutThatRacesWithAnAcquireClosesNoLeasedConnection() throws Exception {
        replaceManager(FakeConnector.prompt(), 128, 1, options -> options.time(time));
        int reused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            leaseOf(manager.acquire(A)).release();
            List<CompletableFuture<Lease<FakeConnection>>> acquired = new ArrayList<>();
            runTogether(() -> acquired.add(manager.acquire(A)), () -> {
                time.advance(Duration.ofSeconds(15));
                return true;
            });
            Lease<FakeConnection> lease = leaseOf(acquired.get(0));
            assertThat(lease.connection().link().isOpen()).isTrue();
            reused += lease.uses() > 1 ? 1 : 0;
            assertThat(lease.invalidate()).isTrue();
        }
        assertThat(reused).as("rounds in which the acquire was first").isStrictlyBetween(0, ROUNDS);
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("C06")
    void aBusyEndpointDoesNotStarveAnother() throws Exception {
        replaceManager(FakeConnector.prompt(), 2, 2, options -> options);
        AtomicInteger servedB = new AtomicInteger();
        List<Callable<?>> all = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            all.add(() -> {
                while (servedB.get() < 5) {
                    manager.blocking().acquire(A).release();
                }
                return true;
            });
        }
        all.add(() -> {
            for (int i = 0; i < 5; i++) {
                Lease<FakeConnection> lease = manager.acquire(B).get(30, SECONDS);
                servedB.incrementAndGet();
                lease.invalidate();
            }
            return true;
        });
        runTogether(all);
        assertThat(servedB).hasValue(5);
        assertThat(connector.mostOpenLinks()).isLessThanOrEqualTo(2);
    }

    @Test
    @Tag("C09")
    @Tag("C18")
    void noWaiterIsServedAfterMoreCallersThanWereBeforeIt() throws Exception {
        int callers = 10;
        AtomicInteger served = new AtomicInteger();
        List<Callable<?>> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            all.add(() -> {
                for (int turn = 0; turn < 300; turn++) {
                    CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
                    int before = served.get();
                    Lease<FakeConnection> lease = leaseOf(acquired);
                    int others = served.getAndIncrement() - before;
                    lease.release();
                    assertThat(others).isLessThan(callers);
                }
                return true;
            });
        }
        runTogether(all);
        assertThat(served).hasValue(callers * 300);
    }

    @Test
    @Tag("J06")
    void concurrentClosesEndOnceAndAnswerEachAcquireOnce() throws Exception {
        for (int round = 0; round < 100; round++) {
            replaceManager(
                    FakeConnector.prompt(), 4, 1, options -> options.time(time).callbackExecutor(Runnable::run));
            Lease<FakeConnection> held = leaseOf(manager.acquire(A));
            AtomicInteger answers = new AtomicInteger();
            for (int i = 0; i < 10; i++) {
                manager.acquire(
                        AcquireRequest.to(A),
                        Runnable::run,
                        lease -> answers.addAndGet(1_000),
                        failure -> answers.incrementAndGet());
            }
            Callable<?> close = () -> {
                manager.close();
                return true;
            };
            runTogether(close, close, close);
            assertThat(answers).hasValue(10);
            assertThat(manager.closed().toCompletableFuture()).isCompleted();
            assertThat(held.release()).isTrue();
        }
    }

    @Test
    @Tag("J05")
    @Tag("J07")
    void aCloseThatRacesWithAcquireReleaseAndDialLeavesNothingOpenAndAnswersAll() throws Exception {
        for (int round = 0; round < 500; round++) {
            replaceManager(FakeConnector.scripted(), 3, 2, options -> options.time(time)
                    .callbackExecutor(Runnable::run));
            CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
            connector.nextDial().succeed();
            Lease<FakeConnection> held = leaseOf(first);
            CompletableFuture<Lease<FakeConnection>> dialing = manager.acquire(B);
            FakeDial dial = connector.nextDial();
            List<CompletableFuture<Lease<FakeConnection>>> late = new ArrayList<>();
            runTogether(
                    () -> {
                        manager.close();
                        return true;
                    },
                    held::release,
                    dial::succeed,
                    () -> late.add(manager.acquire(A)));
            connector.answerAtOnce();
            manager.closed().toCompletableFuture().get(30, SECONDS);
            assertThat(connector.openLinks()).isZero();
            assertThat(dialing).isDone();
            assertThat(late.get(0)).isDone();
            int dials = connector.dials().size();
            assertThatThrownBy(() -> manager.acquire(A).join()).hasCauseInstanceOf(AcquireException.Closed.class);
            assertThat(connector.dials()).hasSize(dials);
        }
    }
}
