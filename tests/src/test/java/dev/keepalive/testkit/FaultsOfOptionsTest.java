package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue: full wait queues, failing endpoints, lifetimes, evictions, drains, reports, suspended hosts. */
class FaultsOfOptionsTest extends ManagerRig {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final List<String> closed = new ArrayList<>();
    private final List<String> leaked = new ArrayList<>();
    private final ConnectionListener listener = new ConnectionListener() {
        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            closed.add(endpoint.host() + " " + reason);
        }

        @Override
        public void leaseLeaked(AcquireRequest request, Duration held, @Nullable Throwable acquiredAt) {
            leaked.add(request + (wasMadeIn("leaseAndLeak", acquiredAt) ? " in leaseAndLeak" : " elsewhere"));
        }
    };

    private static boolean wasMadeIn(String method, @Nullable Throwable site) {
        return site != null
                && Stream.of(site.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().equals(method));
    }

    // ---- full wait queues, and dials that fail

    @Test
    @Tag("B09")
    void aWaitQueueThatOverflowsAgainAndAgainCostsNoPermit() {
        replaceManager(4, 2, options -> options.maxWaitingPerEndpoint(3));
        connector.answerAtOnce();
        Random random = new Random(9);
        List<CompletableFuture<Lease<FakeConnection>>> all = new ArrayList<>();
        for (int round = 0; round < 300; round++) {
            for (int i = random.nextInt(12); i > 0; i--) {
                all.add(manager.acquire(random.nextInt(3) == 0 ? B : A));
            }
            if (random.nextInt(4) > 0) {
                tasks.runAll();
            }
            all.stream().filter(one -> random.nextInt(3) == 0).forEach(one -> endOrCancel(one, random));
        }
        tasks.runAll();
        all.forEach(one -> endOrCancel(one, random));
        tasks.runAll();
        long full = all.stream().filter(FaultsOfOptionsTest::wasRefusedAsFull).count();
        assertThat(full).isGreaterThan(100);
        assertThat(manager.snapshot().all().waiting()).isZero();
        assertThat(manager.snapshot().totals().failed()).isEqualTo(full);
    }

    private static void endOrCancel(CompletableFuture<Lease<FakeConnection>> acquired, Random random) {
        if (!acquired.isDone()) {
            acquired.cancel(false);
        } else if (!acquired.isCompletedExceptionally()) {
            Lease<FakeConnection> lease = acquired.join();
            if (random.nextInt(5) == 0) {
                lease.invalidate();
            } else {
                lease.release();
            }
        }
    }

    private static boolean wasRefusedAsFull(CompletableFuture<Lease<FakeConnection>> acquired) {
        return acquired.isCompletedExceptionally()
                && !acquired.isCancelled()
                && failure(acquired) instanceof AcquireException.QueueFull;
    }

    @Test
    @Tag("C12")
    void anAcquireAboveTheBoundFailsAtOnceAndTheOthersKeepTheirPlaces() {
        replaceManager(128, 1, options -> options.maxWaitingPerEndpoint(2));
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> tooMany = manager.acquire(A);
        assertThat(failure(tooMany)).as("within the call").isInstanceOf(AcquireException.QueueFull.class);
        held.release();
        tasks.runAll();
        first.join().release();
        tasks.runAll();
        second.join().release();
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("C10")
    void twoFailuresInARowOfTheOnlyDialFailAllWaiters() {
        replaceManager(128, 4, options -> options.maxDialsPerEndpoint(1));
        List<CompletableFuture<Lease<FakeConnection>>> ten = tenWaiters();
        refuseOnlyDial();
        assertThat(ten).filteredOn(CompletableFuture::isDone).containsExactly(ten.get(0));
        refuseOnlyDial();
        assertThat(ten).allSatisfy(one -> assertThat(failure(one))
                .isInstanceOf(AcquireException.DialFailed.class)
                .hasMessageContaining("Connection refused"));
        assertThat(connector.dials()).hasSize(2);
    }

    @Test
    @Tag("C10")
    void aSuccessAfterAFailureOfTheOnlyDialServesAllOtherWaiters() {
        replaceManager(128, 4, options -> options.maxDialsPerEndpoint(1));
        List<CompletableFuture<Lease<FakeConnection>>> ten = tenWaiters();
        refuseOnlyDial();
        connector.answerAtOnce();
        for (CompletableFuture<Lease<FakeConnection>> one : ten.subList(1, 10)) {
            tasks.runAll();
            assertThat(one.join().release()).isTrue();
        }
    }

    private List<CompletableFuture<Lease<FakeConnection>>> tenWaiters() {
        List<CompletableFuture<Lease<FakeConnection>>> ten = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ten.add(manager.acquire(A));
        }
        return ten;
    }

    private void refuseOnlyDial() {
        tasks.runAll();
        connector.nextDial().refuse();
        tasks.runAll();
    }

    // ---- connections that are closed at their release

    @Test
    @Tag("C11")
    @Tag("G19")
    void aConnectionThatIsTooOldAtItsReleaseIsClosedAndTheWaiterGetsANewOne() {
        replaceManager(128, 1, options -> options.maxLifetime(MINUTE).listener(listener));
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        time.advance(MINUTE);
        assertThat(held.connection().link().isOpen())
                .as("a leased connection stays open")
                .isTrue();
        held.release();
        succeedDial();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(closed).containsExactly("a LIFETIME");
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
        waiting.join().release();
    }

    @Test
    @Tag("H11")
    void aConnectionThatIsEvictedWhileLeasedIsClosedAtItsRelease() {
        replaceManager(128, 1, options -> options.listener(listener));
        Lease<FakeConnection> held = lease();
        lease(B).release();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        manager.evict(endpoint -> true);
        tasks.runAll();
        assertThat(closed).as("an idle connection is closed at once").containsExactly("b RETIRED");
        assertThat(held.connection().link().isOpen()).isTrue();
        assertThat(held.release()).isTrue();
        succeedDial();
        assertThat(closed).containsExactly("b RETIRED", "a RETIRED");
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.NEW);
        waiting.join().release();
        assertThat(manager.acquire(A).join().origin())
                .as("a new connection is kept")
                .isEqualTo(LeaseOrigin.IMMEDIATE);
    }

    @Test
    @Tag("J03")
    void aDrainServesWaitersAndEndsWhenAllLeasesHaveEnded() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        CompletableFuture<Boolean> drained = manager.drain(MINUTE).toCompletableFuture();
        assertThat(failure(manager.acquire(A))).isInstanceOf(AcquireException.Closed.class);
        FakeLink link = held.connection().link();
        held.release();
        tasks.runAll();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
        assertThat(drained).isNotDone();
        waiting.join().release();
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThat(drained.join()).as("nothing was cut short").isTrue();
    }

    @Test
    @Tag("J03")
    void aDrainThatTakesTooLongClosesLeasedConnections() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        CompletableFuture<Boolean> drained = manager.drain(MINUTE).toCompletableFuture();
        time.advance(MINUTE);
        tasks.runAll();
        assertThat(held.connection().link().isOpen()).isFalse();
        assertThat(failure(waiting)).isInstanceOf(AcquireException.Closed.class);
        assertThat(drained.join()).as("cut short").isFalse();
        assertThat(held.release()).isTrue();
    }

    @Test
    @Tag("H05")
    void aLeakedLeaseIsReportedWithTheSiteOfItsAcquire() {
        replaceManager(128, 1, options -> options.listener(listener).sampleAcquireSites(1));
        leaseAndLeak();
        Awaitility.await().atMost(MINUTE).until(() -> {
            System.gc();
            time.advance(Duration.ofSeconds(1));
            tasks.runAll();
            return !leaked.isEmpty();
        });
        assertThat(leaked).containsExactly("line://a:1 (mail) in leaseAndLeak");
        assertThat(closed).containsExactly("a LEAKED");
    }

    private void leaseAndLeak() {
        CompletableFuture<Lease<FakeConnection>> acquired =
                manager.acquire(AcquireRequest.to(A).withLabel("mail"));
        succeedDial();
        assertThat(acquired).isCompleted();
    }

    // ---- clocks

    @Test
    @Tag("K01")
    void settingTheWallClockChangesNoTimeout() {
        for (Duration by : List.of(Duration.ofHours(-1), Duration.ofHours(1))) {
            replaceManager(128, 1);
            Lease<FakeConnection> held = lease();
            CompletableFuture<Lease<FakeConnection>> waiting =
                    manager.acquire(AcquireRequest.to(A).withTimeout(MINUTE));
            time.moveWallClock(by);
            time.advance(MINUTE.minusNanos(1));
            tasks.runAll();
            assertThat(waiting).as(by.toString()).isNotDone();
            assertThat(held.connection().link().isOpen()).isTrue();
            time.advance(Duration.ofNanos(1));
            tasks.runAll();
            assertThat(failure(waiting)).isInstanceOf(AcquireException.TimedOut.class);
            assertThat(held.release()).isTrue();
        }
    }

    @Test
    @Tag("K01")
    void settingTheWallClockBackDoesNotChangeTheIdleTimeout() {
        lease().release();
        time.moveWallClock(Duration.ofHours(-1));
        time.advance(Duration.ofSeconds(14));
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));
        assertThat(manager.snapshot().all().idle()).isZero();
    }

    @Test
    @Tag("K02")
    void afterTheHostWasSuspendedNoIdleConnectionIsHandedOut() {
        replaceManager(128, 1, options -> options.listener(listener));
        lease().release();
        Lease<FakeConnection> held = lease(B);
        time.moveWallClock(Duration.ofHours(1));
        time.advance(Duration.ofSeconds(1));
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        succeedDial();
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(closed).containsExactly("a RETIRED");
        assertThat(held.connection().link().isOpen())
                .as("a leased connection stays open")
                .isTrue();
        assertThat(held.release()).isTrue();
        tasks.runAll();
        assertThat(closed).as("it is not reused").containsExactly("a RETIRED", "b RETIRED");
        next.join().release();
    }

    @Test
    @Tag("K02")
    void afterTheHostWasSuspendedTryAcquireGetsNoIdleConnection() {
        lease().release();
        time.moveWallClock(Duration.ofHours(1));
        time.advance(Duration.ofSeconds(1));
        assertThat(manager.tryAcquire(A)).isNull();
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
    }
}
