package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fault catalogue, A: an acquire times out before, while or after a connection comes for it. */
class FaultsOfTimeoutsTest extends ManagerRig {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final AcquireRequest oneSecond = AcquireRequest.to(A).withTimeout(SECOND);

    @Test
    @Tag("A02")
    void aReleaseAtTheMomentOfATimeoutServesTheNextWaiter() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> late = manager.acquire(oneSecond);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        time.advance(SECOND);
        held.release();
        tasks.runAll();
        assertThat(failure(late)).isInstanceOf(AcquireException.TimedOut.class);
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
        next.join().release();
    }

    @Test
    @Tag("A02")
    void aWaiterThatIsServedInTimeStaysServedThoughItsTimeIsUpBeforeItsAnswer() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> served = manager.acquire(oneSecond);
        held.release();
        time.advance(SECOND.multipliedBy(2));
        tasks.runAll();
        assertThat(served.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
        assertThat(manager.snapshot().totals().timedOut()).isZero();
        served.join().release();
    }

    @Test
    @Tag("A03")
    void aDialThatSucceedsAtTheMomentOfATimeoutServesTheNextWaiter() {
        CompletableFuture<Lease<FakeConnection>> late = manager.acquire(oneSecond);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        time.advance(SECOND);
        FakeLink link = dial.succeed();
        tasks.runAll();
        assertThat(failure(late)).isInstanceOf(AcquireException.TimedOut.class);
        assertThat(next.join().connection().link()).isSameAs(link);
        assertThat(connector.dials()).hasSize(1);
        next.join().release();
    }

    @Test
    @Tag("A03")
    void aDialThatSucceedsJustBeforeTheTimeoutServesItsWaiter() {
        CompletableFuture<Lease<FakeConnection>> served = manager.acquire(oneSecond);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        time.advance(SECOND.minusNanos(1));
        dial.succeed();
        time.advance(SECOND);
        tasks.runAll();
        assertThat(served.join().origin()).isEqualTo(LeaseOrigin.NEW);
        served.join().release();
    }

    @Test
    @Tag("A04")
    void aDialThatSucceedsLongAfterTheTimeoutGoesIdleAndServesTheNextAcquire() {
        CompletableFuture<Lease<FakeConnection>> late = manager.acquire(oneSecond);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        time.advance(Duration.ofSeconds(20));
        tasks.runAll();
        assertThat(failure(late)).isInstanceOf(AcquireException.TimedOut.class);
        dial.succeed();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        assertThat(manager.acquire(A).join().origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
    }

    @Test
    @Tag("A04")
    void aDialThatSucceedsAfterTheDialTimeoutIsClosed() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        assertThat(failure(acquired)).isInstanceOf(AcquireException.DialFailed.class);
        assertThat(dial.isStopped()).isTrue();
        FakeLink late = dial.succeed();
        tasks.runAll();
        assertThat(late.isOpen()).isFalse();
        assertThat(manager.snapshot().all().open()).isZero();
    }

    @Test
    @Tag("A10")
    void aTimeoutAfterTheAnswerIsNotTold() {
        List<String> reports = new ArrayList<>();
        replaceManager(
                4,
                1,
                options -> options.listener(new ConnectionListener() {
                    @Override
                    public void failed(AcquireException failure) {
                        reports.add("failed");
                    }

                    @Override
                    public void userCodeThrew(String who, Throwable thrown) {
                        reports.add(who);
                    }
                }));
        List<String> answers = new ArrayList<>();
        List<Lease<FakeConnection>> leases = new ArrayList<>();
        manager.acquire(oneSecond, tasks, leases::add, failure -> answers.add("failure"));
        succeedDial();
        time.advance(Duration.ofMinutes(1));
        tasks.runAll();
        assertThat(leases).hasSize(1);
        assertThat(answers).isEmpty();
        assertThat(reports).isEmpty();
        assertThat(leases.get(0).release()).isTrue();
        assertThat(manager.snapshot().totals().timedOut()).isZero();
    }

    @Test
    @Tag("A11")
    void anAnsweredAcquireLeavesNoTimerAndNoMemory() {
        lease().release();
        List<WeakReference<Object>> contexts = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            Object context = new Object();
            if (i % 1_000 == 0) {
                contexts.add(new WeakReference<>(context));
            }
            AcquireRequest request =
                    AcquireRequest.to(A).withTimeout(Duration.ofSeconds(120)).withContext(context);
            manager.acquire(request).join().release();
        }
        assertThat(time.alarmsSet()).isEqualTo(1);
        await().untilAsserted(() -> {
            System.gc();
            assertThat(contexts)
                    .extracting(WeakReference::get)
                    .filteredOn(context -> context != null)
                    .as("contexts, except the last, whose lease the connection may still refer to")
                    .hasSizeLessThanOrEqualTo(1);
        });
        assertThat(manager.snapshot().totals().immediate()).isEqualTo(100_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"in order", "in reverse", "at random"})
    @Tag("A14")
    void veryManyWaitersAreCancelledInAnyOrder(String order) {
        int many = 30_000;
        Lease<FakeConnection> held = lease();
        List<CompletableFuture<Lease<FakeConnection>>> waiting = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            waiting.add(manager.acquire(A));
        }
        if (order.equals("in reverse")) {
            Collections.reverse(waiting);
        } else if (order.equals("at random")) {
            Collections.shuffle(waiting, new Random(14));
        }
        waiting.forEach(waiter -> waiter.cancel(false));
        assertThat(manager.snapshot().all().waiting()).isZero();
        assertThat(manager.snapshot().totals().cancelled()).isEqualTo(many);
        held.release();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    @Tag("A16")
    void oneTimeoutCoversWaitingLookupConnectingAndTls() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> late = manager.acquire(oneSecond);
        time.advance(Duration.ofMillis(400));
        held.invalidate();
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        dial.enter(Phase.RESOLVE);
        time.advance(Duration.ofMillis(200));
        dial.enter(Phase.CONNECT);
        time.advance(Duration.ofMillis(200));
        dial.enter(Phase.TLS);
        time.advance(Duration.ofMillis(199));
        tasks.runAll();
        assertThat(late).isNotDone();
        time.advance(Duration.ofMillis(1));
        tasks.runAll();
        assertThat(failure(late)).isInstanceOfSatisfying(AcquireException.TimedOut.class, failure -> {
            assertThat(failure.timings().get(Phase.QUEUE)).isEqualTo(SECOND);
            assertThat(failure.phase()).isEqualTo(Phase.TLS);
        });
        dial.refuse();
    }

    @Test
    @Tag("A17")
    @SuppressWarnings("NullAway")
    void invalidTimeoutsAreRefusedBeforeAnythingHappens() {
        AcquireRequest request = AcquireRequest.to(A);
        for (Duration invalid : List.of(Duration.ZERO, Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))) {
            assertThatThrownBy(() -> request.withTimeout(invalid))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("timeout " + invalid);
        }
        assertThatThrownBy(() -> request.withTimeout(null)).isInstanceOf(NullPointerException.class);
        assertThat(manager.snapshot().all().waiting()).isZero();
        assertThat(connector.dials()).isEmpty();
    }

    @Test
    @Tag("A17")
    void theLongestTimeoutNeverComes() {
        Lease<FakeConnection> held = lease();
        for (Duration longest : List.of(Duration.ofNanos(Long.MAX_VALUE), Duration.ofSeconds(Long.MAX_VALUE))) {
            CompletableFuture<Lease<FakeConnection>> patient =
                    manager.acquire(AcquireRequest.to(A).withTimeout(longest));
            time.advance(Duration.ofDays(1));
            tasks.runAll();
            assertThat(patient).as(longest.toString()).isNotDone();
            held.release();
            tasks.runAll();
            held = patient.join();
        }
        held.release();
    }
}
