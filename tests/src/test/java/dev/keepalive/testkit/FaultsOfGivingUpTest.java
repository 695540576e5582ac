package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, A: an acquire is cancelled before, or at the moment when, a connection comes for it. */
class FaultsOfGivingUpTest extends ManagerRig {
    @Test
    @Tag("A01")
    void aFutureThatIsCancelledBeforeTheReleaseGetsNothingAndTheNextIsServed() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        assertThat(cancelled.cancel(true)).isTrue();
        held.release();
        tasks.runAll();
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
        assertThat(cancelled).isCancelled();
        assertThat(connector.dials()).hasSize(1);
        next.join().release();
    }

    @Test
    @Tag("A01")
    void aFutureThatIsCancelledBetweenTheReleaseAndTheAnswerPassesTheConnectionOn() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        held.release();
        assertThat(cancelled.cancel(true))
                .as("it is served, but not answered yet")
                .isTrue();
        tasks.runAll();
        assertThat(next.join().connection().link().isOpen()).isTrue();
        assertThat(connector.dials()).hasSize(1);
        next.join().release();
    }

    @Test
    @Tag("A01")
    void aCallbackThatIsCancelledBetweenTheReleaseAndTheAnswerIsTooLateAndIsCalled() {
        Lease<FakeConnection> held = lease();
        List<Lease<FakeConnection>> got = new ArrayList<>();
        List<AcquireException> failures = new ArrayList<>();
        Future<?> acquire = manager.acquire(AcquireRequest.to(A), tasks, got::add, failures::add);
        held.release();
        assertThat(acquire.cancel(true)).isFalse();
        tasks.runAll();
        assertThat(got).hasSize(1);
        assertThat(failures).isEmpty();
        got.get(0).release();
    }

    @Test
    @Tag("A05")
    void aDialWhoseFutureWasCancelledIsNotLostWithIt() {
        CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        cancelled.cancel(false);
        FakeLink link = dial.succeed();
        tasks.runAll();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        Lease<FakeConnection> next = manager.acquire(A).join();
        assertThat(next.connection().link()).isSameAs(link);
        assertThat(next.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        next.release();
    }

    @Test
    @Tag("A05")
    void aDialWhoseFutureIsCancelledBetweenItsSuccessAndTheAnswerIsNotLostWithIt() {
        CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
        tasks.runAll();
        connector.nextDial().succeed();
        assertThat(cancelled.cancel(false)).isTrue();
        tasks.runAll();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    @Tag("A06")
    void aLeaseForAStageThatTimesOutBeforeTheAnswerIsReleased() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        CompletableFuture<Integer> stage = acquired.thenApply(Lease::uses);
        held.release();
        stage.completeExceptionally(new java.util.concurrent.TimeoutException("as orTimeout completes it"));
        tasks.runAll();
        assertThat(acquired).isCancelled();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    @Tag("A06")
    void aLeaseThatComesAfterTheTimeoutOfItsFutureIsReleased() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A).orTimeout(1, TimeUnit.HOURS);
        held.release();
        acquired.completeExceptionally(new java.util.concurrent.TimeoutException("the timer's"));
        tasks.runAll();
        assertThat(failure(acquired)).hasMessage("the timer's");
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    @Tag("A07")
    void anAcquireThatIsCancelledDuringTheLookupEndsAtOnceAndItsDialServesTheNext() {
        CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        dial.enter(Phase.RESOLVE);
        cancelled.cancel(false);
        assertThat(manager.snapshot().all().waiting()).isZero();
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        tasks.runAll();
        assertThat(connector.dials()).as("no second dial begins").hasSize(1);
        dial.enter(Phase.CONNECT);
        dial.succeed();
        tasks.runAll();
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    @Tag("A07")
    void aLookupThatNoWaiterNeedsGivesItsPermitToAnotherEndpoint() {
        replaceManager(1, 1);
        CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
        tasks.runAll();
        FakeDial stuck = connector.nextDial();
        stuck.enter(Phase.RESOLVE);
        cancelled.cancel(false);
        CompletableFuture<Lease<FakeConnection>> other = manager.acquire(B);
        tasks.runAll();
        assertThat(stuck.isStopped()).isTrue();
        assertThat(connector.dials()).as("no dial before the stop is answered").hasSize(1);
        stuck.refuse();
        succeedDial();
        assertThat(other.join().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    @Tag("A08")
    void anAcquireThatIsCancelledDuringTheConnectEndsAtOnceAndALinkThatOpensAfterTheStopIsClosed() {
        replaceManager(1, 1);
        CompletableFuture<Lease<FakeConnection>> cancelled = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        dial.enter(Phase.CONNECT);
        assertThat(cancelled.cancel(false)).isTrue();
        CompletableFuture<Lease<FakeConnection>> other = manager.acquire(B);
        tasks.runAll();
        FakeLink late = dial.succeed();
        succeedDial();
        assertThat(late.isOpen()).isFalse();
        assertThat(other.join().connection().endpoint()).isEqualTo(B);
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    @Tag("A18")
    void cancellingTwiceIsCancellingOnce() {
        Lease<FakeConnection> held = lease();
        Future<?> acquire = manager.acquire(AcquireRequest.to(A), tasks, lease -> {}, failure -> {});
        assertThat(acquire.cancel(true)).isTrue();
        assertThat(acquire.cancel(true)).isFalse();
        CompletableFuture<Lease<FakeConnection>> future = manager.acquire(A);
        assertThat(future.cancel(true)).isTrue();
        assertThat(future.cancel(true)).as("as for each CompletableFuture").isTrue();
        assertThat(manager.snapshot().totals().cancelled()).isEqualTo(2);
        held.release();
    }

    @Test
    @Tag("A18")
    void cancellingAfterTheAnswerIsTooLate() {
        List<Lease<FakeConnection>> got = new ArrayList<>();
        Future<?> acquire = manager.acquire(AcquireRequest.to(A), tasks, got::add, failure -> {});
        CompletableFuture<Lease<FakeConnection>> future = manager.acquire(B);
        tasks.runAll();
        connector.nextDial().succeed();
        connector.nextDial().succeed();
        tasks.runAll();
        assertThat(acquire.cancel(true)).isFalse();
        assertThat(future.cancel(true)).isFalse();
        assertThat(got.get(0).release()).as("the caller has the lease").isTrue();
        assertThat(future.join().release()).as("the caller has the lease").isTrue();
    }

    @Test
    @Tag("A18")
    void cancellingAfterTheCloseOfTheManagerIsTooLate() {
        Lease<FakeConnection> held = lease();
        List<AcquireException> failures = new ArrayList<>();
        Future<?> acquire = manager.acquire(AcquireRequest.to(A), tasks, lease -> {}, failures::add);
        CompletableFuture<Lease<FakeConnection>> future = manager.acquire(A);
        manager.close();
        assertThat(acquire.cancel(true)).isFalse();
        tasks.runAll();
        assertThat(future.cancel(true)).isFalse();
        assertThat(failures).singleElement().isInstanceOf(AcquireException.Closed.class);
        assertThat(failure(future)).isInstanceOf(AcquireException.Closed.class);
        assertThat(held.release()).isTrue();
    }
}
