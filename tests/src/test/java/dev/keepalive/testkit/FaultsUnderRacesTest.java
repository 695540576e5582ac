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

/** Fault catalogue: pairs of events that come at the same moment, again and again, on real threads. */
class FaultsUnderRacesTest extends ThreadsRig {
    private static final int ROUNDS = 2_000;
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final FakeTime time = new FakeTime();

    @Test
    @Tag("A01")
    void cancelAgainstReleaseServesOneAndLosesNothing() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = got(manager.acquire(A));
            CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            together(held::release, () -> cancelled.cancel(false));
            if (!cancelled.isCancelled()) {
                assertThat(got(cancelled).release()).isTrue();
            }
            assertThat(got(next).release()).isTrue();
        }
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("A01")
    void aUseThatIsCancelledAgainstTheReleaseThatServesItLosesNothing() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = got(manager.acquire(A));
            CompletableFuture<Integer> use = manager.use(A, lease -> CompletableFuture.completedFuture(lease.uses()));
            together(held::release, () -> use.cancel(true));
            assertThat(use).isDone();
            assertThat(got(manager.acquire(A)).release()).isTrue();
        }
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("A02")
    void timeoutAgainstReleaseServesOneAndLosesNothing() throws Exception {
        with(FakeConnector.prompt(), 128, 1, options -> options.time(time));
        int timedOut = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = got(manager.acquire(A));
            CompletableFuture<Lease<FakeConnection>> late =
                    manager.acquire(AcquireRequest.to(A).withTimeout(SECOND));
            CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
            together(held::release, () -> {
                time.advance(SECOND);
                return true;
            });
            timedOut += servedOrTimedOut(late);
            assertThat(got(next).release()).isTrue();
        }
        assertThat(manager.snapshot().totals().timedOut()).isEqualTo(timedOut);
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("A03")
    void timeoutAgainstTheSuccessOfTheDialServesOneAndLosesNothing() throws Exception {
        with(FakeConnector.scripted(), 128, 1, options -> options.time(time).callbackExecutor(Runnable::run));
        int timedOut = 0;
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<Lease<FakeConnection>> late =
                    manager.acquire(AcquireRequest.to(A).withTimeout(SECOND));
            FakeDial dial = connector.nextDial();
            together(dial::succeed, () -> {
                time.advance(SECOND);
                return true;
            });
            timedOut += servedOrTimedOut(late);
            assertThat(manager.snapshot().all().idle()).isEqualTo(1);
            got(manager.acquire(A)).invalidate();
        }
        assertThat(manager.snapshot().totals().timedOut()).isEqualTo(timedOut);
        assertThat(connector.dials()).hasSize(ROUNDS);
    }

    private static int servedOrTimedOut(CompletableFuture<Lease<FakeConnection>> acquired) throws Exception {
        try {
            assertThat(got(acquired).release()).isTrue();
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
    void ofTheEndsOfOneLeaseExactlyOneCounts() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> lease = got(manager.acquire(A));
            AtomicInteger first = new AtomicInteger();
            Callable<Boolean> release = () -> lease.release() && first.incrementAndGet() > 0;
            Callable<Boolean> invalidate = () -> lease.invalidate() && first.incrementAndGet() > 0;
            Callable<Boolean> close = () -> {
                lease.close();
                return true;
            };
            together(round % 2 == 0 ? List.of(release, invalidate, release) : List.of(close, release, close));
            assertThat(first.get()).isLessThanOrEqualTo(1);
            assertThat(round % 2 != 0 || first.get() == 1)
                    .as("one of them was first")
                    .isTrue();
        }
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("C08")
    void whoAsksAsTheLastConnectionIsReleasedDoesNotSleepWithOneIdle() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = got(manager.acquire(A));
            List<CompletableFuture<Lease<FakeConnection>>> asked = new ArrayList<>();
            together(held::release, () -> asked.add(manager.acquire(A)));
            assertThat(got(asked.get(0)).release()).isTrue();
        }
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("C08")
    @Tag("F06")
    void whoAsksAsTheLastConnectionDiesDoesNotSleepWithRoomFree() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Lease<FakeConnection> held = got(manager.acquire(A));
            FakeLink link = held.connection().link();
            List<CompletableFuture<Lease<FakeConnection>>> asked = new ArrayList<>();
            together(held::release, () -> asked.add(manager.acquire(A)), () -> {
                link.peerResets();
                return true;
            });
            assertThat(got(asked.get(0)).invalidate()).isTrue();
        }
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    /** The endpoint is forgotten with its last dial or connection, at the moment when somebody asks for it. */
    @Test
    @Tag("F06")
    void whoAsksAsTheEndpointIsForgottenIsServed() throws Exception {
        with(FakeConnector.scripted(), 128, 1, options -> options.callbackExecutor(Runnable::run));
        for (int round = 0; round < ROUNDS; round++) {
            CompletableFuture<Lease<FakeConnection>> refused = manager.acquire(A);
            FakeDial dial = connector.nextDial();
            List<CompletableFuture<Lease<FakeConnection>>> asked = new ArrayList<>();
            together(() -> asked.add(manager.acquire(A)), () -> {
                dial.refuse();
                return true;
            });
            assertThatThrownBy(() -> got(refused)).hasCauseInstanceOf(AcquireException.DialFailed.class);
            connector.nextDial().succeed();
            Lease<FakeConnection> lease = got(asked.get(0));
            together(lease::invalidate, () -> asked.add(manager.acquire(A)));
            connector.nextDial().succeed();
            assertThat(got(asked.get(1)).invalidate()).isTrue();
        }
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("G17")
    void theIdleTimeoutAgainstAnAcquireClosesNothingThatIsInHand() throws Exception {
        with(FakeConnector.prompt(), 128, 1, options -> options.time(time));
        int reused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            got(manager.acquire(A)).release();
            List<CompletableFuture<Lease<FakeConnection>>> asked = new ArrayList<>();
            together(() -> asked.add(manager.acquire(A)), () -> {
                time.advance(Duration.ofSeconds(15));
                return true;
            });
            Lease<FakeConnection> lease = got(asked.get(0));
            assertThat(lease.connection().link().isOpen()).isTrue();
            reused += lease.uses() > 1 ? 1 : 0;
            assertThat(lease.invalidate()).isTrue();
        }
        assertThat(reused).as("each of the two was first").isStrictlyBetween(0, ROUNDS);
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("C06")
    void anEndpointThatIsAlwaysBusyKeepsNobodyOutForEver() throws Exception {
        with(FakeConnector.prompt(), 2, 2, options -> options);
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
        together(all);
        assertThat(servedB).hasValue(5);
        assertThat(connector.mostOpenLinks()).isLessThanOrEqualTo(2);
    }

    @Test
    @Tag("C09")
    @Tag("C18")
    void nobodyIsOvertakenByMoreThanWereThereBeforeHim() throws Exception {
        int callers = 10;
        AtomicInteger served = new AtomicInteger();
        List<Callable<?>> all = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            all.add(() -> {
                for (int turn = 0; turn < 300; turn++) {
                    CompletableFuture<Lease<FakeConnection>> asked = manager.acquire(A);
                    int before = served.get();
                    Lease<FakeConnection> lease = got(asked);
                    int others = served.getAndIncrement() - before;
                    lease.release();
                    assertThat(others).isLessThan(callers);
                }
                return true;
            });
        }
        together(all);
        assertThat(served).hasValue(callers * 300);
    }

    @Test
    @Tag("J06")
    void closedByManyAtOnceItEndsOnceAndAnswersOnce() throws Exception {
        for (int round = 0; round < 100; round++) {
            with(FakeConnector.prompt(), 4, 1, options -> options.time(time).callbackExecutor(Runnable::run));
            Lease<FakeConnection> held = got(manager.acquire(A));
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
            together(close, close, close);
            assertThat(answers).hasValue(10);
            assertThat(manager.closed().toCompletableFuture()).isCompleted();
            assertThat(held.release()).isTrue();
        }
    }

    @Test
    @Tag("J05")
    @Tag("J07")
    void closedAgainstAcquireReleaseAndDialNothingStaysOpenAndEverybodyIsAnswered() throws Exception {
        for (int round = 0; round < 500; round++) {
            with(FakeConnector.scripted(), 3, 2, options -> options.time(time).callbackExecutor(Runnable::run));
            CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
            connector.nextDial().succeed();
            Lease<FakeConnection> held = got(first);
            CompletableFuture<Lease<FakeConnection>> dialling = manager.acquire(B);
            FakeDial dial = connector.nextDial();
            List<CompletableFuture<Lease<FakeConnection>>> late = new ArrayList<>();
            together(
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
            assertThat(dialling).isDone();
            assertThat(late.get(0)).isDone();
            int dials = connector.dials().size();
            assertThatThrownBy(() -> manager.acquire(A).join()).hasCauseInstanceOf(AcquireException.Closed.class);
            assertThat(connector.dials()).hasSize(dials);
        }
    }
}
