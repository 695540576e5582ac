package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Budget;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several leases of one connection: each has its own handle and its own end, and none ends the connection. */
class ManagerSharedTest extends ManagerSharedRig {
    @BeforeEach
    void shareAmongThree() {
        share(3);
    }

    @Test
    void asManyAcquiresAsAreExpectedWaitForOneDialAndAreServedByIt() {
        List<Lease<FakeConnection>> leases = leases(3);
        assertThat(connector.dials()).hasSize(1);
        assertThat(leases).extracting(Lease::origin).containsOnly(LeaseOrigin.NEW);
        assertThat(leases).extracting(Lease::uses).containsExactly(1, 2, 3);
        assertThat(leases).extracting(lease -> lease.connection().link()).containsOnly(link());
        assertThat(leases).extracting(Lease::connection).doesNotHaveDuplicates();
        assertThat(counts().leased()).as("connections in use").isEqualTo(1);
        assertThat(counts().leases()).isEqualTo(3);
        assertThat(counts().room()).isZero();
    }

    @Test
    void aPlaceThatIsFreeAgainServesTheOldestWaiter() {
        List<Lease<FakeConnection>> leases = leases(3);
        List<CompletableFuture<Lease<FakeConnection>>> waiting = acquire(2);
        leases.get(1).release();
        tasks.runAll();
        Lease<FakeConnection> served = waiting.get(0).join();
        assertThat(served.origin()).isEqualTo(LeaseOrigin.DEFERRED);
        assertThat(served.uses()).isEqualTo(4);
        assertThat(waiting.get(1)).isNotDone();
        leases.get(0).release();
        tasks.runAll();
        assertThat(waiting.get(1)).isCompleted();
        assertThat(connector.dials()).hasSize(1);
    }

    /** The ways in which a holder ends a lease. */
    enum End {
        RELEASE(Lease::release),
        RELEASE_AS(lease -> lease.releaseAs(A)),
        INVALIDATE(Lease::invalidate),
        CLOSE(lease -> {
            boolean held = !lease.isEnded();
            lease.close();
            return held;
        });

        private final Predicate<Lease<FakeConnection>> call;

        End(Predicate<Lease<FakeConnection>> call) {
            this.call = call;
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLeaseEndsOnceAndAlone(End first) {
        List<Lease<FakeConnection>> leases = leases(3);
        FakeConnection handle = leases.get(0).connection();
        Lease<FakeConnection> ended = leases.get(1);
        assertThat(first.call.test(ended)).isTrue();
        for (End second : End.values()) {
            assertThat(second.call.test(ended)).as("%s after %s", second, first).isFalse();
        }
        tasks.runAll();
        assertThat(ended.isEnded()).isTrue();
        assertThatThrownBy(ended::connection)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the lease of line://a:1 (2) has ended");
        assertThat(link().resets()).as("cleaned up once").containsExactly(2L);
        assertThat(link().isOpen()).isTrue();
        assertThat(counts().leases()).isEqualTo(2);
        assertThat(counts().room()).isEqualTo(1);
        assertThat(leases.get(0).isEnded()).isFalse();
        assertThat(leases.get(0).connection()).isSameAs(handle);
    }

    @Test
    void theListenerIsToldWhyALeaseWasInvalidated() {
        List<Lease<FakeConnection>> leases = leases(2);
        leases.get(0).invalidate(new IllegalStateException("no answer"));
        leases.get(1).close();
        leases.get(1).invalidate(new IllegalStateException("too late"));
        tasks.runAll();
        assertThat(told).containsExactly("invalidated line://a:1 (1): no answer", "invalidated line://a:1 (2)");
    }

    @Test
    void aSharedConnectionDoesNotBecomeAnotherEndpoints() {
        Lease<FakeConnection> lease = leases(2).get(0);
        assertThatThrownBy(() -> lease.releaseAs(B))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("endpoint line://b:1 is not allowed: the connection is one to line://a:1, and stays one, "
                        + "since it takes several leases at a time");
        assertThat(lease.isEnded()).isFalse();
        assertThat(lease.release()).isTrue();
        assertThat(lease.releaseAs(B)).as("after its end").isFalse();
        assertThat(link().endpoint()).isEqualTo(A);
    }

    @Test
    void aPlaceIsTakenUntilItsLeaseIsCleanedUp() {
        List<Lease<FakeConnection>> leases = leases(3);
        link().holdResets();
        leases.get(2).release();
        leases.get(0).invalidate();
        CompletableFuture<Lease<FakeConnection>> waiting = acquire(1).get(0);
        assertThat(waiting).isNotDone();
        assertThat(counts().leases()).as("held").isEqualTo(1);
        assertThat(link().heldResets()).containsExactly(1L, 3L);
        link().answerReset(3, true);
        tasks.runAll();
        assertThat(waiting.join().uses()).isEqualTo(4);
        link().answerReset(1, true);
        assertThat(counts().room()).isEqualTo(1);
    }

    @Test
    void aLeaseThatCannotBeCleanedUpRetiresItsConnectionAndTheOthersGoOn() {
        List<Lease<FakeConnection>> leases = leases(3);
        link().holdResets();
        leases.get(1).release();
        link().answerReset(2, false);
        tasks.runAll();
        CompletableFuture<Lease<FakeConnection>> next = acquire(1).get(0);
        assertThat(next).as("it takes no new leases").isNotDone();
        assertThat(counts().leaving()).isEqualTo(1);
        assertThat(leases.get(0).connection().link().isOpen()).isTrue();
        FakeLink link = link();
        leases.get(0).release();
        leases.get(2).release();
        link.answerReset(true);
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThat(told).containsExactly("closed RETIRED after 3 uses");
    }

    @Test
    void aCleanUpThatTakesTooLongRetiresTheConnection() {
        List<Lease<FakeConnection>> leases = leases(2);
        link().holdResets();
        leases.get(0).invalidate();
        time.advance(Duration.ofSeconds(5));
        assertThat(counts().leaving()).isEqualTo(1);
        link().answerReset(1, true);
        assertThat(leases.get(1).release()).isTrue();
        link().answerReset(2, true);
        tasks.runAll();
        assertThat(told).contains("closed RETIRED after 2 uses");
    }

    @Test
    void anAnswerThatNothingWaitsForIsIgnored() {
        List<Lease<FakeConnection>> leases = leases(3);
        link().answerReset(1, true); // still held
        link().answerReset(99, false); // never granted
        leases.get(0).release();
        link().answerReset(1, false); // answered before
        assertThat(counts().leases()).isEqualTo(2);
        assertThat(counts().room()).isEqualTo(1);
        assertThat(counts().leaving()).isZero();
    }

    @Test
    void thePeersEndLeavesTheLeasesToTheirHolders() {
        List<Lease<FakeConnection>> leases = leases(3);
        FakeLink link = link();
        CompletableFuture<Lease<FakeConnection>> waiting = acquire(1).get(0);
        link.peerResets();
        tasks.runAll();
        assertThat(told).containsExactly("closed PEER_CLOSED after 3 uses");
        assertThat(leases.get(0).isEnded()).isFalse();
        assertThat(leases.get(0).connection().link().isOpen()).isFalse();
        assertThat(leases.get(0).release()).isTrue();
        assertThat(leases.get(1).invalidate()).isTrue();
        assertThat(leases.get(1).release()).isFalse();
        assertThat(link.resets()).as("nothing is left to clean up").isEmpty();
        succeedDial();
        assertThat(waiting.join().uses()).isEqualTo(1);
        assertThat(leases.get(2).release()).isTrue();
        assertThat(counts().leases()).isEqualTo(1);
    }

    @Test
    void tryAcquireGetsAPlaceOfAConnectionInUse() {
        leases(2);
        Lease<FakeConnection> third = manager.tryAcquire(A);
        assertThat(third).isNotNull();
        assertThat(third.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(manager.tryAcquire(AcquireRequest.to(A).fresh())).isNull();
        third.release();
        assertThat(manager.tryAcquire(A)).isNotNull();
    }

    @Test
    void freshAcquiresAreServedWithTheDialOnly() {
        CompletableFuture<Lease<FakeConnection>> ordinary = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> fresh =
                manager.acquire(AcquireRequest.to(A).fresh());
        succeedDial();
        assertThat(ordinary.join().uses()).isEqualTo(1);
        assertThat(fresh.join().uses()).isEqualTo(2);
        assertThat(fresh.join().origin()).isEqualTo(LeaseOrigin.NEW);
        CompletableFuture<Lease<FakeConnection>> late =
                manager.acquire(AcquireRequest.to(A).fresh());
        tasks.runAll();
        assertThat(late).as("room of a connection that was used").isNotDone();
        late.cancel(false);
    }

    @Test
    void aUseThatFailsEndsItsLeaseAlone() {
        List<Lease<FakeConnection>> leases = leases(2);
        CompletableFuture<String> work = new CompletableFuture<>();
        CompletableFuture<String> use = manager.use(A, lease -> work);
        work.completeExceptionally(new IllegalStateException("failed"));
        tasks.runAll();
        assertThat(failure(use)).hasMessageContaining("failed");
        assertThat(told).containsExactly("invalidated line://a:1: failed");
        assertThat(leases).noneMatch(Lease::isEnded);
        assertThat(manager.use(A, lease -> CompletableFuture.completedFuture(lease.uses())))
                .isCompletedWithValue(4);
        assertThat(link().resets()).containsExactly(3L, 4L);
    }

    @Test
    void aUseThatIsGivenUpEndsItsLeaseAlone() {
        List<Lease<FakeConnection>> leases = leases(2);
        CompletableFuture<String> use = manager.use(A, lease -> new CompletableFuture<>());
        use.cancel(false);
        tasks.runAll();
        assertThat(told).containsExactly("invalidated line://a:1: the use was given up");
        assertThat(leases).noneMatch(Lease::isEnded);
        assertThat(counts().leases()).isEqualTo(2);
    }

    @Test
    void aLeaseThatItsExecutorRefusesIsReleased() {
        leases(2);
        List<AcquireException> failures = new ArrayList<>();
        manager.acquire(AcquireRequest.to(A), refusingExecutor(), lease -> {}, failures::add);
        tasks.runAll();
        assertThat(failures).singleElement().isInstanceOf(AcquireException.NotDelivered.class);
        assertThat(counts().leases()).isEqualTo(2);
        assertThat(counts().room()).isEqualTo(1);
        assertThat(link().resets()).containsExactly(3L);
    }

    @Test
    void aLeaseWhoseAcquireWasCancelledWhileItWasDeliveredIsReleased() {
        List<Lease<FakeConnection>> leases = leases(3);
        CompletableFuture<Lease<FakeConnection>> waiting = acquire(1).get(0);
        leases.get(0).release(); // decides for the waiter; the delivery is a task
        waiting.cancel(false);
        tasks.runAll();
        assertThat(counts().leases()).isEqualTo(2);
        assertThat(counts().room()).isEqualTo(1);
        assertThat(link().resets()).containsExactly(1L, 4L);
    }

    @Test
    void aLeaseThatIsHeldForLongIsReportedEachForItself() {
        share(3, 128, 1, options -> options.leakDetectionThreshold(Duration.ofSeconds(10)));
        List<Lease<FakeConnection>> leases = leases(2);
        time.advance(Duration.ofSeconds(4));
        acquire(1);
        time.advance(Duration.ofSeconds(6));
        tasks.runAll();
        assertThat(told).containsExactly("held too long line://a:1 (1) 10", "held too long line://a:1 (2) 10");
        told.clear();
        leases.get(0).release();
        time.advance(Duration.ofSeconds(4));
        tasks.runAll();
        assertThat(told).containsExactly("held too long line://a:1 (1) 10");
    }

    @Test
    void aFailureNamesTheOldestLeaseThatIsHeld() {
        List<Lease<FakeConnection>> leases = leases(3);
        leases.get(0).release();
        acquire(1);
        CompletableFuture<?> waiting = manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1)));
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(failure(waiting)).hasMessageContaining("oldest lease: line://a:1 (2) for 1.000 s");
    }

    @Test
    void aConnectionHoldsOnePermitOfTheBudgetHoweverManyLeasesItHas() {
        Budget budget = Budget.of(1);
        share(3, 128, 1, options -> options.budget(budget));
        List<Lease<FakeConnection>> leases = leases(3);
        assertThat(budget.inUse()).isEqualTo(1);
        FakeLink link = link();
        leases.forEach(Lease::release);
        assertThat(budget.inUse()).isEqualTo(1);
        link.peerCloses();
        tasks.runAll();
        assertThat(budget.inUse()).isZero();
        manager.close();
    }

    @Test
    void aConnectorThatCannotSayWhatItExpectsCountsAsExpectingOne() {
        share(3, 128, 3, options -> options, fake -> new ForwardingConnector(fake) {
            @Override
            public int expectedLeases(Endpoint endpoint) {
                throw new IllegalStateException("how should I know");
            }
        });
        acquire(2);
        assertThat(connector.dials()).hasSize(2);
        assertThat(told).contains("the connector's expectedLeases threw how should I know");
    }
}
