package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Every acquire is answered exactly once, on the right thread, with the right lease or failure. */
class ManagerAnswersTest extends ManagerRig {
    // ---- the future

    @Test
    void theFirstLeaseIsNewTheNextIsImmediateAndAWaitersLeaseIsDeferred() {
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        FakeLink link = succeedDial();
        assertThat(first.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(first.join().uses()).isEqualTo(1);
        first.join().release();

        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        assertThat(second).as("complete within the call").isCompleted();
        assertThat(second.join().origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(second.join().uses()).isEqualTo(2);
        assertThat(second.join().connection().link()).isSameAs(link);

        CompletableFuture<Lease<FakeConnection>> third = manager.acquire(A);
        assertThat(third).isNotDone();
        second.join().release();
        assertThat(third).as("release runs no code of another caller").isNotDone();
        tasks.runAll();
        assertThat(third.join().origin()).isEqualTo(LeaseOrigin.DEFERRED);
    }

    @Test
    void theAnswerEchoesTheRequest() {
        Object context = new Object();
        AcquireRequest request = AcquireRequest.to(A).withContext(context).withLabel("mail");
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(request);
        succeedDial();
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
        assertThat(first.join().timings().get(Phase.RESOLVE)).isEqualTo(Duration.ofMillis(10));
        assertThat(first.join().timings().get(Phase.CONNECT)).isEqualTo(Duration.ofMillis(20));
        assertThat(first.join().timings().get(Phase.TLS)).isEqualTo(Duration.ofMillis(30));
        assertThat(first.join().timings().get(Phase.QUEUE)).isEqualTo(Duration.ofMillis(60));
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        time.advance(Duration.ofMillis(5));
        first.join().release();
        tasks.runAll();
        assertThat(second.join().timings().get(Phase.QUEUE)).isEqualTo(Duration.ofMillis(5));
        assertThat(second.join().timings().dial()).as("no dial was needed").isZero();
    }

    @Test
    void aFailedDialHasTheErrorOfTheSystem() {
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
            assertThat(failed)
                    .hasMessageContaining("endpoint: 1 open (1 dialing")
                    .hasMessageContaining("all: 1 open");
            assertThat(failed).hasCauseInstanceOf(DialException.class);
        });
    }

    @Test
    void anErrorOfTheConnectorIsAFailedDialAndFreesTheSlot() {
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        tasks.runAll();
        connector.nextDial().fail(new OutOfMemoryError("unable to create native thread"));
        tasks.runAll();
        assertThat(failure(first)).hasMessageContaining("unable to create native thread");
        succeedDial();
        assertThat(second).isCompleted();
    }

    @Test
    void aTimeoutTellsThePhaseInWhichTheTimeWasUp() {
        CompletableFuture<Lease<FakeConnection>> dialing =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1)));
        tasks.runAll();
        connector.nextDial().enter(Phase.TLS);
        CompletableFuture<Lease<FakeConnection>> waiting =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofMillis(999)));
        time.advance(Duration.ofSeconds(1));
        assertThat(dialing).as("the alarm's thread runs no callback").isNotDone();
        tasks.runAll();
        assertThat(failure(dialing)).isInstanceOfSatisfying(AcquireException.TimedOut.class, failed -> {
            assertThat(failed.phase()).isEqualTo(Phase.TLS);
            assertThat(failed.errorNumber()).isEqualTo(110);
            assertThat(failed.timings().get(Phase.QUEUE)).isEqualTo(Duration.ofSeconds(1));
        });
        assertThat(failure(waiting))
                .isInstanceOfSatisfying(AcquireException.TimedOut.class, failed -> assertThat(failed.phase())
                        .isEqualTo(Phase.QUEUE));
    }

    @Test
    void theManagersTimeoutAppliesToARequestWithoutItsOwn() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        time.advance(Duration.ofSeconds(30));
        tasks.runAll();
        assertThat(failure(acquired))
                .as("the dial timeout of 30 s ends first")
                .isInstanceOf(AcquireException.DialFailed.class);
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        time.advance(Duration.ofSeconds(119));
        tasks.runAll();
        assertThat(next).isNotDone();
        time.advance(Duration.ofSeconds(1));
        tasks.runAll();
        assertThat(failure(next)).isInstanceOf(AcquireException.TimedOut.class);
    }

    @Test
    void theLongestTimeoutDoesNotOverflow() {
        CompletableFuture<Lease<FakeConnection>> acquired =
                manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
        assertThat(acquired).isNotDone();
        succeedDial();
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

    // ---- the end

    @Test
    void closeAnswersEveryWaiterAndClosesLeasedConnections() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> dialing = manager.acquire(B);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        manager.close();
        manager.close();
        assertThat(waiting).as("close runs no code of a caller").isNotDone();
        tasks.runAll();
        assertThat(failure(waiting)).isInstanceOf(AcquireException.Closed.class);
        assertThat(failure(dialing)).isInstanceOf(AcquireException.Closed.class);
        assertThat(dial.isStopped()).isTrue();
        assertThat(manager.closed().toCompletableFuture()).isNotDone();
        FakeLink late = dial.succeed();
        tasks.runAll();
        assertThat(late.isOpen()).isFalse();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
        assertThat(held.release()).as("a release after the end does no harm").isTrue();
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
    void tryAcquireLeasesAnIdleConnection() {
        assertThat(manager.tryAcquire(A)).isNull();
        lease().release();
        Lease<FakeConnection> lease = manager.tryAcquire(A);
        assertThat(lease).isNotNull();
        assertThat(lease.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(manager.tryAcquire(A)).isNull();
    }
}
