package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.ManagerBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, C: which waiter is served, in which order, and which connection is evicted for it. */
class FaultsOfFairnessTest extends ManagerRig {
    @Test
    @Tag("C01")
    void aHundredWaitersAreServedFirstComeFirstServed() {
        Lease<FakeConnection> held = lease();
        List<Integer> served = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            int number = i;
            manager.acquire(A).thenAccept(lease -> {
                assertThat(lease.origin()).isEqualTo(LeaseOrigin.DEFERRED);
                served.add(number);
                lease.release();
            });
        }
        held.release();
        tasks.runAll();
        assertThat(served)
                .containsExactlyElementsOf(IntStream.range(0, 100).boxed().toList());
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    void dialsToEndpointsThatNeverConnectTakeHalfOfThePlacesUnlessAnOptionSaysOtherwise() {
        assertThat(dialsToUnprovenEndpoints(options -> options)).isEqualTo(3);
        assertThat(dialsToUnprovenEndpoints(options -> options.maxUnprovenPercent(100)))
                .isEqualTo(6);
        assertThat(dialsToUnprovenEndpoints(options -> options.maxUnprovenPercent(1)))
                .isEqualTo(1);
    }

    private int dialsToUnprovenEndpoints(UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        replaceManager(6, 4, options);
        for (int i = 1; i <= 10; i++) {
            manager.acquire(Endpoint.of("line", "unproven" + i, 1));
        }
        tasks.runAll();
        return connector.dials().size();
    }

    @Test
    @Tag("C02")
    void aFailedDialWakesTheNextWaiterWithoutAnyRelease() {
        replaceManager(1, 1);
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        tasks.runAll();
        connector.nextDial().refuse();
        tasks.runAll();
        assertThat(failure(first)).isInstanceOf(AcquireException.DialFailed.class);
        succeedDial();
        assertThat(second.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    @Tag("C02")
    void aFailedDialWakesAWaiterOfAnotherEndpoint() {
        replaceManager(1, 1);
        manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> other = manager.acquire(B);
        tasks.runAll();
        connector.nextDial().refuse();
        succeedDial();
        assertThat(other.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    @Tag("C02")
    void aDialThatTakesTooLongWakesTheNextWaiter() {
        replaceManager(1, 1);
        manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> other = manager.acquire(B);
        tasks.runAll();
        FakeDial slow = connector.nextDial();
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        slow.refuse();
        succeedDial();
        assertThat(other.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    @Tag("C05")
    void onlyTheLeastRecentlyUsedConnectionOfAnotherEndpointIsEvicted() {
        replaceManager(128, 128);
        List<Lease<FakeConnection>> all = new ArrayList<>();
        for (int i = 0; i < 128; i++) {
            all.add(lease());
        }
        all.forEach(Lease::release);
        FakeLink leastRecent = connector.links().get(0);
        CompletableFuture<Lease<FakeConnection>> other = manager.acquire(B);
        succeedDial();
        assertThat(other.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(leastRecent.isOpen()).isFalse();
        assertThat(connector.openLinks()).isEqualTo(128);
        assertThat(connector.mostOpenLinks()).isEqualTo(128);
    }

    @Test
    @Tag("C06")
    void aWaiterBesideABusyEndpointIsServedAfterPatienceAndARelease() {
        replaceManager(1, 1);
        Lease<FakeConnection> busy = lease();
        CompletableFuture<Lease<FakeConnection>> other = manager.acquire(B);
        int rounds = 0;
        for (; manager.snapshot().endpoints().get(B).dialing() == 0 && rounds < 100; rounds++) {
            CompletableFuture<Lease<FakeConnection>> again = manager.acquire(A);
            time.advance(Duration.ofMillis(10));
            busy.release();
            tasks.runAll();
            if (again.isDone()) {
                busy = again.join();
            }
        }
        succeedDial();
        assertThat(other.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(rounds).as("patience is 50 ms").isEqualTo(5);
    }

    @Test
    @Tag("C09")
    void aNewAcquireDoesNotOvertakeAWaiterWhoseConnectionIsJustReleased() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        held.release();
        CompletableFuture<Lease<FakeConnection>> newcomer = manager.acquire(A);
        assertThat(manager.tryAcquire(A)).isNull();
        tasks.runAll();
        assertThat(waiting.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
        assertThat(newcomer).isNotDone();
        waiting.join().release();
        tasks.runAll();
        newcomer.join().release();
    }

    @Test
    @Tag("C09")
    @Tag("C18")
    void aCallerThatAcquiresAndReleasesInALoopWaitsItsTurnEachTime() {
        Lease<FakeConnection> held = lease();
        List<Integer> served = new ArrayList<>();
        for (int caller = 0; caller < 10; caller++) {
            acquireInALoop(caller, 20, served);
        }
        held.release();
        tasks.runAll();
        assertThat(served).hasSize(200);
        for (int round = 0; round < 20; round++) {
            assertThat(served.subList(10 * round, 10 * round + 10))
                    .as("each caller once per round")
                    .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        }
    }

    private void acquireInALoop(int caller, int times, List<Integer> served) {
        if (times > 0) {
            manager.acquire(
                    AcquireRequest.to(A),
                    tasks,
                    lease -> {
                        served.add(caller);
                        acquireInALoop(caller, times - 1, served);
                        lease.release();
                    },
                    failure -> {});
        }
    }

    @Test
    @Tag("C14")
    void aHolderOfAllConnectionsThatAcquiresOneMoreIsToldHowManyAreLeased() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> second =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1)));
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(failure(second)).isInstanceOfSatisfying(AcquireException.TimedOut.class, failure -> assertThat(
                        failure)
                .hasMessageContaining("endpoint: 1 open (0 dialing, 0 idle, 1 leased, 0 resetting, 0 closing)"));
        assertThat(held.release()).isTrue();
    }

    @Test
    @Tag("C15")
    @Tag("F11")
    void fewCallersKeepOnlyAsManyConnectionsAsTheyNeed() {
        replaceManager(4, 4);
        List<Lease<FakeConnection>> four = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            four.add(lease());
        }
        four.forEach(Lease::release);
        for (int second = 0; second < 20; second++) {
            manager.acquire(A).join().release();
            time.advance(Duration.ofSeconds(1));
            tasks.runAll();
        }
        assertThat(connector.openLinks()).isEqualTo(1);
        assertThat(connector.dials()).hasSize(4);
    }

    @Test
    @Tag("C16")
    void anIdleConnectionIsNotClosedBeforeItsTimeoutWhileThereIsRoom() {
        replaceManager(10, 2);
        List<Endpoint> kept = IntStream.range(0, 4)
                .mapToObj(i -> Endpoint.of("line", "few-" + i, 1))
                .toList();
        kept.forEach(endpoint -> lease(endpoint).release());
        for (int second = 0; second < 14; second++) {
            time.advance(Duration.ofSeconds(1));
            Lease<FakeConnection> other = lease(Endpoint.of("line", "other-" + second % 4, 1));
            other.invalidate();
            tasks.runAll();
        }
        for (Endpoint endpoint : kept) {
            assertThat(manager.acquire(endpoint).join().origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        }
    }
}
