package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.Phase;
import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, K: clocks that jump, stand still or step back, and very many timeouts at the same time. */
class FaultsOfClocksTest extends ManagerRig {
    private long offset;

    private TimeSource unsteadyClock() {
        return unsteadyClock(new AtomicBoolean());
    }

    /**
     * A clock that the test can set back. Setting its alarm throws while {@code broken} is true, as when the caller's
     * stack is used up.
     */
    private TimeSource unsteadyClock(AtomicBoolean broken) {
        return new TimeSource() {
            @Override
            public long nanoTime() {
                return time.nanoTime() + offset;
            }

            @Override
            public Alarm alarm(String name, Runnable onAlarm) {
                Alarm alarm = time.alarm(name, onAlarm);
                return new Alarm() {
                    @Override
                    public void set(long nanosFromNow) {
                        if (broken.get()) {
                            throw new StackOverflowError();
                        }
                        alarm.set(nanosFromNow);
                    }

                    @Override
                    public void close() {
                        alarm.close();
                    }
                };
            }
        };
    }

    @Test
    @Tag("K04")
    void aClockThatStepsBackMakesNoNegativeAgesAndLosesNothing() {
        replaceManager(4, 1, options -> options.time(unsteadyClock()));
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        offset -= Duration.ofMinutes(1).toNanos();
        held.release();
        tasks.runAll();
        assertThat(waiting.join().timings().get(Phase.QUEUE)).isEqualTo(Duration.ZERO);
        waiting.join().release();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        CompletableFuture<Lease<FakeConnection>> late =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1)));
        assertThat(late).as("its deadline has not passed").isCompleted();
        late.join().release();
    }

    @Test
    @Tag("K04")
    void aTimeoutEndsWhenTheClockHasCaughtUp() {
        replaceManager(4, 1, options -> options.time(unsteadyClock()));
        lease().release();
        offset -= Duration.ofSeconds(5).toNanos();
        time.advance(Duration.ofSeconds(15));
        tasks.runAll();
        time.advance(Duration.ofSeconds(5));
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
    }

    @Test
    void anAlarmThatCouldNotBeSetIsSetByTheNextAcquire() {
        AtomicBoolean broken = new AtomicBoolean(true);
        replaceManager(4, 1, options -> options.time(unsteadyClock(broken)));
        assertThatThrownBy(() -> manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1))))
                .isInstanceOf(StackOverflowError.class);
        broken.set(false);

        CompletableFuture<Lease<FakeConnection>> next =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(2)));
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();

        assertThat(failure(next)).isInstanceOf(AcquireException.TimedOut.class);
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    @Tag("K06")
    void anAlarmThatIsSetLateDoesNotReplaceAnEarlierOneThatWasRequestedAfterIt() {
        List<CompletableFuture<Lease<FakeConnection>>> hasty = new ArrayList<>();
        List<Runnable> meanwhile = new ArrayList<>();
        replaceManager(
                4,
                1,
                options -> options.callbackExecutor(task -> {
                    tasks.execute(task);
                    if (!meanwhile.isEmpty()) {
                        meanwhile.remove(0).run();
                    }
                }));
        // The first acquire begins a dial and sets an alarm.
        // Between the two, another acquire requests an earlier alarm.
        meanwhile.add(() -> hasty.add(manager.acquire(AcquireRequest.to(B).withTimeout(Duration.ofSeconds(1)))));
        manager.acquire(A);
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(failure(hasty.get(0))).isInstanceOf(AcquireException.TimedOut.class);
    }

    @Test
    @Tag("K06")
    void manyTimeoutsAtOnceNeedOneAlarmAndAreToldInTasksOfTheirOwn() {
        int many = 10_000;
        Lease<FakeConnection> held = lease();
        List<CompletableFuture<Lease<FakeConnection>>> waiting = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            waiting.add(manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1))));
        }
        assertThat(time.alarmsSet()).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));
        assertThat(manager.snapshot().totals().timedOut()).isEqualTo(many);
        assertThat(tasks.size())
                .as("the alarm's thread completes no future itself")
                .isEqualTo(many);
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        tasks.runAll();
        assertThat(waiting).allMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(failure(waiting.get(many - 1))).isInstanceOf(AcquireException.TimedOut.class);
        held.release();
    }

    @Test
    @Tag("K06")
    void manyConnectionsThatExpireTogetherAreClosedByTasksOfTheirOwn() {
        replaceManager(1_000, 1_000);
        connector.answerAtOnce();
        List<CompletableFuture<Lease<FakeConnection>>> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(manager.acquire(A));
        }
        tasks.runAll();
        all.forEach(lease -> lease.join().release());
        time.advance(Duration.ofSeconds(15));
        assertThat(manager.snapshot().all().closing()).isEqualTo(1_000);
        assertThat(connector.openLinks()).isEqualTo(1_000);
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
    }
}
