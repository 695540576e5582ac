package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Lease;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A cancelled acquire loses no lease and harms no other waiter, in whatever way it was cancelled. */
class ManagerCancelTest extends ManagerRig {
    @Test
    void aCancelledAcquireLeavesTheWaitQueue() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        assertThat(second.cancel(true)).isTrue();
        assertThat(manager.snapshot().all().waiting()).isEqualTo(1);
        held.release();
        tasks.runAll();
        assertThat(third).isCompleted();
    }

    @Test
    void aLeaseOnItsWayToACancelledAcquireIsReleased() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        held.release();
        assertThat(second.cancel(false))
                .as("it is served, but its answer is not delivered yet")
                .isTrue();
        tasks.runAll();
        assertThat(third).isCompleted();
        third.join().release();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    void cancellingTheOnlyDependentStageCancelsTheAcquire() {
        lease();
        CompletableFuture<String> stage =
                manager.acquire(A).thenApply(Object::toString).thenApply(String::trim);
        assertThat(stage.cancel(false)).isTrue();
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void aStageThatTimesOutCancelsTheAcquire() {
        lease();
        CompletableFuture<Lease<FakeConnection>> copy = manager.acquire(A).copy();
        copy.completeExceptionally(new java.util.concurrent.TimeoutException("as orTimeout does"));
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void cancellingTheOnlyStageOfAFutureWithATimeoutCancelsTheAcquire() {
        lease();
        CompletableFuture<Integer> stage =
                manager.acquire(A).orTimeout(1, TimeUnit.HOURS).thenApply(Lease::uses);
        stage.cancel(false);
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void aFutureThatASupplierCompletesCancelsTheAcquire() {
        lease();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        acquired.completeAsync(() -> null, tasks);
        tasks.runAll();
        assertThat(acquired).isCompletedWithValue(null);
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void cancellingOneOfTwoStagesDoesNotHarmTheOther() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        CompletableFuture<Void> logging = acquired.thenAccept(lease -> {});
        CompletableFuture<Integer> using = acquired.thenApply(Lease::uses);
        logging.cancel(false);
        held.release();
        tasks.runAll();
        assertThat(using.join()).isEqualTo(2);
    }

    @Test
    void aFutureThatItsCallerCompletesLosesNoLease() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        second.completeExceptionally(new IOException("from the caller"));
        assertThat(manager.snapshot().all().waiting()).isZero();
        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        held.release();
        third.complete(null);
        tasks.runAll();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }
}
