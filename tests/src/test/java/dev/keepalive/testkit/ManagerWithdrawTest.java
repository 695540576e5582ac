package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Lease;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Whoever gives up an acquire, in whatever way, loses nothing and harms nobody. */
class ManagerWithdrawTest extends ManagerRig {
    @Test
    void aCancelledAcquireLeavesTheLine() {
        Lease<FakeConnection> held = leased();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        assertThat(second.cancel(true)).isTrue();
        assertThat(manager.snapshot().all().waiting()).isEqualTo(1);
        held.release();
        tasks.runAll();
        assertThat(third).isCompleted();
    }

    @Test
    void aCancelledAcquireWhoseAnswerIsUnderWayGivesItBack() {
        Lease<FakeConnection> held = leased();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        held.release();
        assertThat(second.cancel(false)).as("served, but not told yet").isTrue();
        tasks.runAll();
        assertThat(third).isCompleted();
        third.join().release();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    void givingUpTheOnlyDependentStageWithdrawsTheAcquire() {
        leased();
        CompletableFuture<String> stage =
                manager.acquire(A).thenApply(Object::toString).thenApply(String::trim);
        assertThat(stage.cancel(false)).isTrue();
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void aStageThatTimesOutWithdrawsTheAcquire() {
        leased();
        CompletableFuture<Lease<FakeConnection>> copy = manager.acquire(A).copy();
        copy.completeExceptionally(new java.util.concurrent.TimeoutException("as orTimeout does"));
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void aTimeoutOnTheFutureItselfDoesNotHideThatItsOnlyStageWasGivenUp() {
        leased();
        CompletableFuture<Integer> stage =
                manager.acquire(A).orTimeout(1, TimeUnit.HOURS).thenApply(Lease::uses);
        stage.cancel(false);
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void aFutureCompletedByASupplierWithdrawsTheAcquire() {
        leased();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        acquired.completeAsync(() -> null, tasks);
        tasks.runAll();
        assertThat(acquired).isCompletedWithValue(null);
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void givingUpOneOfTwoStagesHarmsTheOtherNot() {
        Lease<FakeConnection> held = leased();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        CompletableFuture<Void> logging = acquired.thenAccept(lease -> {});
        CompletableFuture<Integer> using = acquired.thenApply(Lease::uses);
        logging.cancel(false);
        held.release();
        tasks.runAll();
        assertThat(using.join()).isEqualTo(2);
    }

    @Test
    void aFutureCompletedFromOutsideDoesNotLoseTheLease() {
        Lease<FakeConnection> held = leased();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        second.completeExceptionally(new IOException("mine"));
        assertThat(manager.snapshot().all().waiting()).isZero();
        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        held.release();
        third.complete(null);
        tasks.runAll();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }
}
