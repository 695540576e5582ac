package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Origin;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every acquire is answered, once, where and with what it should be. No threads, no clock: tasks and time go on when the test says so. */
class ManagerAnswersTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final Endpoint B = Endpoint.of("line", "b", 1);

    private final FakeConnector connector = FakeConnector.scripted();
    private final FakeTime time = new FakeTime();
    private final QueuedTasks tasks = new QueuedTasks();
    private final ConnectionManager<FakeConnection> manager = ConnectionManager.builder(connector)
            .maxOpenPerEndpoint(1)
            .callbacks(tasks)
            .time(time)
            .build();

    @AfterEach
    void everythingIsClosedInTheEnd() {
        manager.close();
        tasks.runAll();
        connector.dials().forEach(dial -> dial.fail(new IOException("the test is over")));
        tasks.runAll();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
        assertThat(connector.openLinks()).isZero();
        assertThat(connector.isClosed()).isTrue();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(time.alarmsSet()).isZero();
    }

    // ---- the future

    @Test
    void theFirstLeaseIsNewTheNextImmediateTheWaitingOneDeferred() {
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        FakeLink link = dialled();
        assertThat(first.join().origin()).isEqualTo(Origin.NEW);
        assertThat(first.join().uses()).isEqualTo(1);
        first.join().release();

        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        assertThat(second).as("complete within the call").isCompleted();
        assertThat(second.join().origin()).isEqualTo(Origin.IMMEDIATE);
        assertThat(second.join().uses()).isEqualTo(2);
        assertThat(second.join().connection().link()).isSameAs(link);

        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        assertThat(third).isNotDone();
        second.join().release();
        assertThat(third).as("release runs nobody else's code").isNotDone();
        tasks.runAll();
        assertThat(third.join().origin()).isEqualTo(Origin.DEFERRED);
    }

    @Test
    void theAnswerEchoesTheRequest() {
        Object context = new Object();
        AcquireRequest request = AcquireRequest.to(A).withContext(context).withLabel("mail");
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(request);
        dialled();
        assertThat(acquired.join().request()).isSameAs(request);
        assertThat(acquired.join().request().context()).isSameAs(context);
    }

    @Test
    void theTimingsSayHowLongEachStepTook() {
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        dial.enter(Phase.RESOLVE);
        time.advance(Duration.ofMillis(10));
        dial.enter(Phase.CONNECT);
        time.advance(Duration.ofMillis(20));
        dial.enter(Phase.TLS);
        time.advance(Duration.ofMillis(30));
        dial.succeed();
        tasks.runAll();
        assertThat(first.join().timings().of(Phase.RESOLVE)).isEqualTo(Duration.ofMillis(10));
        assertThat(first.join().timings().of(Phase.CONNECT)).isEqualTo(Duration.ofMillis(20));
        assertThat(first.join().timings().of(Phase.TLS)).isEqualTo(Duration.ofMillis(30));
        assertThat(first.join().timings().of(Phase.QUEUE)).isEqualTo(Duration.ofMillis(60));
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        time.advance(Duration.ofMillis(5));
        first.join().release();
        tasks.runAll();
        assertThat(second.join().timings().of(Phase.QUEUE)).isEqualTo(Duration.ofMillis(5));
        assertThat(second.join().timings().dial()).as("it did not dial").isZero();
    }

    @Test
    void aFailedDialSaysWhatTheSystemSaid() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        connector.nextDial().refuse();
        tasks.runAll();
        assertThat(failure(acquired)).isInstanceOfSatisfying(AcquireException.DialFailed.class, failed -> {
            assertThat(failed.phase()).isEqualTo(Phase.CONNECT);
            assertThat(failed.errorNumber()).isEqualTo(111);
            assertThat(failed.errorText()).isEqualTo("Connection refused");
            assertThat(failed.request().endpoint()).isEqualTo(A);
            assertThat(failed).hasMessageStartingWith("line://a:1: connect error 111: Connection refused");
            assertThat(failed).hasCauseInstanceOf(DialException.class);
        });
    }

    @Test
    void whateverTheConnectorThrowsIsAFailedDialAndThePlaceIsFreeAgain() {
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        tasks.runAll();
        connector.nextDial().fail(new OutOfMemoryError("unable to create native thread"));
        tasks.runAll();
        assertThat(failure(first)).hasMessageContaining("unable to create native thread");
        dialled();
        assertThat(second).isCompleted();
    }

    @Test
    void aTimeoutSaysWhichPhaseUsedTheTimeUp() {
        CompletableFuture<Lease<FakeConnection>> dialling =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1)));
        tasks.runAll();
        connector.nextDial().enter(Phase.TLS);
        CompletableFuture<Lease<FakeConnection>> waiting =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofMillis(999)));
        time.advance(Duration.ofSeconds(1));
        assertThat(dialling).as("not on the alarm's thread").isNotDone();
        tasks.runAll();
        assertThat(failure(dialling)).isInstanceOfSatisfying(AcquireException.TimedOut.class, failed -> {
            assertThat(failed.phase()).isEqualTo(Phase.TLS);
            assertThat(failed.errorNumber()).isEqualTo(110);
            assertThat(failed.timings().of(Phase.QUEUE)).isEqualTo(Duration.ofSeconds(1));
        });
        assertThat(failure(waiting))
                .isInstanceOfSatisfying(AcquireException.TimedOut.class, failed -> assertThat(failed.phase())
                        .isEqualTo(Phase.QUEUE));
    }

    @Test
    void theManagersTimeoutHoldsForWhoeverHasNoneOfHisOwn() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        assertThat(failure(acquired)).as("the dial's 30 s come first").isInstanceOf(AcquireException.DialFailed.class);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        time.advance(Duration.ofSeconds(119));
        tasks.runAll();
        assertThat(next).isNotDone();
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(failure(next)).isInstanceOf(AcquireException.TimedOut.class);
    }

    @Test
    void aTimeoutOfForeverIsNotOneThatOverflows() {
        CompletableFuture<Lease<FakeConnection>> acquired =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(acquired).isNotDone();
        dialled();
        assertThat(acquired).isCompleted();
    }

    @Test
    void aTimeoutOfANanosecondIsAnsweredOnce() {
        List<String> answers = new ArrayList<>();
        manager.acquire(
                AcquireRequest.to(A).withTimeout(Duration.ofNanos(1)),
                tasks,
                lease -> answers.add("lease"),
                failure -> answers.add(failure.getClass().getSimpleName()));
        time.advance(Duration.ofMillis(1));
        tasks.runAll();
        connector.dials().forEach(FakeDial::refuse);
        tasks.runAll();
        assertThat(answers).containsExactly("TimedOut");
    }

    // ---- withdrawing

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

    // ---- the seed's form

    @Test
    void theAnswerIsPostedAlsoWhenTheConnectionWasIdle() {
        leased().release();
        List<Origin> origins = new ArrayList<>();
        QueuedTasks mine = new QueuedTasks();
        Future<?> acquire =
                manager.acquire(AcquireRequest.to(A), mine, lease -> origins.add(lease.origin()), failure -> {});
        tasks.runAll();
        assertThat(origins).isEmpty();
        assertThat(acquire.isDone()).isFalse();
        mine.runAll();
        assertThat(origins).containsExactly(Origin.IMMEDIATE);
        assertThat(acquire.isDone()).isTrue();
        assertThat(acquire.cancel(true)).isFalse();
    }

    @Test
    void aWithdrawnAcquireCallsNeither() {
        leased();
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
        dialled();
        assertThat(cancelled).containsExactly(false);
        assertThat(manager.snapshot().all().leased()).isEqualTo(1);
    }

    @Test
    void anExecutorThatRefusesLosesNothingAndTheCallerIsTold() {
        Lease<FakeConnection> held = leased();
        List<AcquireException> failures = new ArrayList<>();
        manager.acquire(AcquireRequest.to(A), refusing(), lease -> {}, failures::add);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        held.release();
        tasks.runAll();
        assertThat(failures).singleElement().isInstanceOf(AcquireException.NotDelivered.class);
        assertThat(failures.get(0)).hasRootCauseInstanceOf(RejectedExecutionException.class);
        assertThat(next).isCompleted();
    }

    @Test
    void anExecutorThatRunsTheCallbackAndThenThrowsDoesNotTakeItsLeaseAway() {
        leased().release();
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
        assertThat(leases.get(0).release()).as("still his").isTrue();
    }

    @Test
    void whatACallbackThrowsChangesNothing() {
        manager.acquire(
                AcquireRequest.to(A),
                tasks,
                lease -> {
                    lease.release();
                    throw new StackOverflowError("mine");
                },
                failure -> {});
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        dialled();
        assertThat(next.join().origin()).isEqualTo(Origin.DEFERRED);
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
        dialled();
        assertThat(second).isCompleted();
        assertThat(order).containsExactly("before release", "after release", "second DEFERRED", "again DEFERRED");
    }

    // ---- use

    @Test
    void useReleasesWhenTheWorkIsDone() {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<String> used = manager.use(A, lease -> reply);
        dialled();
        assertThat(manager.snapshot().all().leased()).isEqualTo(1);
        reply.complete("pong");
        assertThat(used.join()).isEqualTo("pong");
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    void useInvalidatesWhenTheWorkFails() {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<String> used = manager.use(A, lease -> reply);
        FakeLink link = dialled();
        reply.completeExceptionally(new IOException("half a reply"));
        tasks.runAll();
        assertThat(used).isCompletedExceptionally();
        assertThat(link.isOpen()).isFalse();
    }

    @Test
    void useInvalidatesWhenTheWorkThrowsOrReturnsNothing() {
        CompletableFuture<String> thrown = manager.use(A, lease -> {
            throw new IllegalArgumentException("no");
        });
        FakeLink first = dialled();
        assertThat(thrown).isCompletedExceptionally();
        tasks.runAll();
        assertThat(first.isOpen()).isFalse();
        CompletableFuture<String> none = manager.use(A, lease -> null);
        dialled();
        assertThat(none).isCompletedExceptionally();
    }

    @Test
    void useLeavesALeaseAloneThatTheWorkEndedItself() {
        CompletableFuture<Boolean> used =
                manager.use(A, lease -> CompletableFuture.completedFuture(lease.invalidate()));
        FakeLink link = dialled();
        tasks.runAll();
        assertThat(used.join()).isTrue();
        assertThat(link.isOpen()).isFalse();
    }

    @Test
    void useFailsWithTheFailureOfTheAcquire() {
        CompletableFuture<String> used = manager.use(A, lease -> CompletableFuture.completedFuture("never"));
        tasks.runAll();
        connector.nextDial().refuse();
        tasks.runAll();
        assertThat(failure(used)).isInstanceOf(AcquireException.DialFailed.class);
    }

    @Test
    void cancellingAUseThatWaitsWithdrawsIt() {
        leased();
        CompletableFuture<String> used = manager.use(A, lease -> CompletableFuture.completedFuture("never"));
        used.cancel(true);
        assertThat(manager.snapshot().all().waiting()).isZero();
    }

    @Test
    void cancellingAUseThatWorksEndsItsConnection() {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<String> used = manager.use(A, lease -> reply);
        FakeLink link = dialled();
        used.cancel(true);
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThatThrownBy(reply::join).isInstanceOf(CancellationException.class);
    }

    @Test
    void cancellingTheOnlyStageThatWantsAUseEndsIt() {
        CompletableFuture<String> reply = new CompletableFuture<>();
        CompletableFuture<Integer> length = manager.use(A, lease -> reply).thenApply(String::length);
        FakeLink link = dialled();
        length.cancel(true);
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
    }

    // ---- the end

    @Test
    void closeAnswersEveryWaiterAndClosesWhatIsLeased() {
        Lease<FakeConnection> held = leased();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> dialling = manager.acquire(B);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        manager.close();
        manager.close();
        assertThat(waiting).as("close runs nobody's code").isNotDone();
        tasks.runAll();
        assertThat(failure(waiting)).isInstanceOf(AcquireException.Closed.class);
        assertThat(failure(dialling)).isInstanceOf(AcquireException.Closed.class);
        assertThat(dial.isStopped()).isTrue();
        assertThat(manager.closed().toCompletableFuture()).isNotDone();
        FakeLink late = dial.succeed();
        tasks.runAll();
        assertThat(late.isOpen()).isFalse();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
        assertThat(held.release()).as("harmless").isTrue();
    }

    @Test
    void anAcquireAfterCloseFailsAtOnce() {
        manager.close();
        assertThat(failure(manager.acquire(A))).isInstanceOf(AcquireException.Closed.class);
        assertThat(manager.tryAcquire(A)).isNull();
        List<String> answers = new ArrayList<>();
        manager.acquire(AcquireRequest.to(A), tasks, lease -> {}, failed -> answers.add(failed.errorText()));
        tasks.runAll();
        assertThat(answers).containsExactly("the manager is closed");
        assertThat(connector.dials()).isEmpty();
    }

    @Test
    void tryAcquireTakesWhatIsIdle() {
        assertThat(manager.tryAcquire(A)).isNull();
        leased().release();
        Lease<FakeConnection> lease = manager.tryAcquire(A);
        assertThat(lease).isNotNull();
        assertThat(lease.origin()).isEqualTo(Origin.IMMEDIATE);
        assertThat(manager.tryAcquire(A)).isNull();
    }

    // ---- helpers

    private static java.util.concurrent.Executor refusing() {
        return task -> {
            throw new RejectedExecutionException("full");
        };
    }

    /** The dial that is under way succeeds, and whoever waits is told. */
    private FakeLink dialled() {
        tasks.runAll();
        FakeLink link = connector.nextDial().succeed();
        tasks.runAll();
        return link;
    }

    private Lease<FakeConnection> leased() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        dialled();
        return acquired.join();
    }

    private static Throwable failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return future.handle((value, failure) -> failure).join();
    }
}
