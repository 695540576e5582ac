package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** An acquire with callbacks: exactly one of the two callbacks is called, as a task on the caller's executor. */
class ManagerCallbackTest extends ManagerRig {
    @Test
    void theAnswerIsPostedToTheExecutorEvenIfTheConnectionWasIdle() {
        lease().release();
        List<LeaseOrigin> origins = new ArrayList<>();
        ManualExecutor executor = new ManualExecutor();
        Future<?> acquire =
                manager.acquire(AcquireRequest.to(A), executor, lease -> origins.add(lease.origin()), failure -> {});
        tasks.runAll();
        assertThat(origins).isEmpty();
        assertThat(acquire.isDone()).isFalse();
        executor.runAll();
        assertThat(origins).containsExactly(LeaseOrigin.IMMEDIATE);
        assertThat(acquire.isDone()).isTrue();
        assertThat(acquire.cancel(true)).isFalse();
    }

    @Test
    void theAnswerGoesToTheEventLoopThatCalledWithoutADetour() {
        ManualExecutor loop = new ManualExecutor();
        Lease<FakeConnection> held = lease();
        connector.eventLoop(Thread.currentThread(), loop);
        List<Lease<FakeConnection>> leases = new ArrayList<>();
        manager.acquire(AcquireRequest.to(A), loop, leases::add, failure -> {});
        loop.runAll();
        held.release();
        assertThat(leases).as("not within the release").isEmpty();
        loop.runAll();
        assertThat(leases).as("not by the manager's executor").hasSize(1);
        leases.get(0).release();
        connector.eventLoop(new Thread(), loop);
    }

    @Test
    void aCancelledAcquireCallsNeitherCallback() {
        lease();
        List<String> answers = new ArrayList<>();
        Future<?> acquire = manager.acquire(
                AcquireRequest.to(A), tasks, lease -> answers.add("lease"), failure -> answers.add("failure"));
        assertThat(acquire.cancel(true)).isTrue();
        assertThat(acquire.isCancelled()).isTrue();
        assertThat(acquire.cancel(true)).isFalse();
        time.advance(Duration.ofMinutes(5));
        tasks.runAll();
        assertThat(answers).isEmpty();
    }

    @Test
    void cancellingInsideTheCallbackIsTooLate() {
        List<Boolean> cancelled = new ArrayList<>();
        List<Future<?>> self = new ArrayList<>();
        self.add(manager.acquire(
                AcquireRequest.to(A), tasks, lease -> cancelled.add(self.get(0).cancel(true)), failure -> {}));
        succeedDial();
        assertThat(cancelled).containsExactly(false);
        assertThat(manager.snapshot().all().leased()).isEqualTo(1);
    }

    @Test
    void anExecutorThatRefusesLosesNothingAndTheCallerIsTold() {
        Lease<FakeConnection> held = lease();
        List<AcquireException> failures = new ArrayList<>();
        manager.acquire(AcquireRequest.to(A), refusingExecutor(), lease -> {}, failures::add);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        held.release();
        tasks.runAll();
        assertThat(failures).singleElement().isInstanceOf(AcquireException.NotDelivered.class);
        assertThat(failures.get(0)).hasRootCauseInstanceOf(RejectedExecutionException.class);
        assertThat(next).isCompleted();
    }

    @Test
    void anExecutorThatRunsTheCallbackAndThenThrowsDoesNotEndTheLease() {
        lease().release();
        List<Lease<FakeConnection>> leases = new ArrayList<>();
        manager.acquire(
                AcquireRequest.to(A),
                task -> {
                    task.run();
                    throw new RejectedExecutionException("too late");
                },
                leases::add,
                failure -> {});
        assertThat(leases).hasSize(1);
        assertThat(leases.get(0).release())
                .as("the callback's lease is still valid")
                .isTrue();
    }

    @Test
    void aCallbackThatThrowsChangesNothing() {
        manager.acquire(
                AcquireRequest.to(A),
                tasks,
                lease -> {
                    lease.release();
                    throw new StackOverflowError("from the callback");
                },
                failure -> {});
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        succeedDial();
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
    }

    @Test
    void anAcquireInsideACallbackWaitsItsTurn() {
        List<String> order = new ArrayList<>();
        CompletableFuture<Lease<FakeConnection>> second = new CompletableFuture<>();
        manager.acquire(
                AcquireRequest.to(A),
                tasks,
                lease -> {
                    manager.acquire(A).thenAccept(again -> order.add("again " + again.origin()));
                    order.add("before release");
                    lease.release();
                    order.add("after release");
                },
                failure -> {});
        manager.acquire(A).thenAccept(lease -> {
            order.add("second " + lease.origin());
            lease.release();
            second.complete(lease);
        });
        succeedDial();
        assertThat(second).isCompleted();
        assertThat(order).containsExactly("before release", "after release", "second DEFERRED", "again DEFERRED");
    }
}
