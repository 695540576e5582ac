package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.TimeSource;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, B: no permit is lost, and none is invented. */
class FaultsOfCountingTest extends ManagerRig {
    @Test
    @Tag("B01")
    void manyRefusedDialsFailAsRefusedAndNotForLackOfPermits() {
        replaceManager(4, 2);
        for (int i = 0; i < 40; i++) {
            CompletableFuture<Lease<FakeConnection>> refused = manager.acquire(A);
            tasks.runAll();
            refuseAll();
            time.advance(Duration.ofSeconds(10));
            assertThat(failure(refused)).isInstanceOfSatisfying(AcquireException.DialFailed.class, failure -> {
                assertThat(failure.phase()).isEqualTo(Phase.CONNECT);
                assertThat(failure.errorNumber()).isEqualTo(111);
            });
        }
    }

    @Test
    @Tag("B02")
    void aTlsFailureReturnsThePermitAndWakesTheNextWaiter() {
        replaceManager(1, 1);
        CompletableFuture<Lease<FakeConnection>> first = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> second = manager.acquire(A);
        failDialInTls();
        assertThat(failure(first)).hasMessageContaining("untrusted");
        assertThat(second).isNotDone();
        failDialInTls();
        assertThat(failure(second)).hasMessageContaining("untrusted");
    }

    private void failDialInTls() {
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        dial.enter(Phase.TLS);
        dial.fail(new DialException(Phase.TLS, 0, "untrusted", null));
        tasks.runAll();
    }

    @Test
    @Tag("B03")
    void aThousandUnknownNamesCostNoPermit() {
        replaceManager(4, 2);
        for (int i = 0; i < 1_000; i++) {
            CompletableFuture<Lease<FakeConnection>> unknown = manager.acquire(Endpoint.of("line", "unknown-" + i, 1));
            tasks.runAll();
            connector.nextDial().fail(new UnknownHostException("unknown-" + i));
            tasks.runAll();
            assertThat(failure(unknown)).hasMessageContaining("unknown-" + i);
        }
        assertThat(manager.snapshot().all().open()).isZero();
    }

    @Test
    @Tag("B06")
    void aSecondReleaseReturnsFalseAndInventsNoPermit() {
        replaceManager(2, 2);
        Lease<FakeConnection> first = lease();
        Lease<FakeConnection> second = lease();
        assertThat(first.release()).isTrue();
        assertThat(first.release()).isFalse();
        assertThat(first.invalidate()).isFalse();
        assertThat(second.invalidate()).isTrue();
        assertThat(second.invalidate()).isFalse();
        assertThat(second.release()).isFalse();
    }

    @Test
    @Tag("B06")
    void aReleaseOfAnEndedLeaseDoesNotAffectTheNextHolder() {
        Lease<FakeConnection> first = lease();
        first.release();
        Lease<FakeConnection> second = manager.acquire(A).join();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        first.release();
        first.close();
        tasks.runAll();
        assertThat(waiting).isNotDone();
        assertThat(second.connection().link().isOpen()).isTrue();
        second.release();
        tasks.runAll();
        waiting.join().release();
    }

    @Test
    @Tag("B07")
    void anEndOfAConnectionThatIsToldTwiceCountsOnce() {
        replaceManager(2, 2);
        Lease<FakeConnection> first = lease();
        Lease<FakeConnection> second = lease();
        FakeLink link = first.connection().link();
        link.peerResets();
        link.peerCloses();
        first.invalidate();
        link.answerClose();
        assertThat(manager.snapshot().all().open()).isEqualTo(1);
        second.release();
    }

    @Test
    @Tag("B07")
    void aLinkThatOpensAfterItsDialFailedIsClosedAndNotCounted() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        dial.refuse();
        FakeLink late = dial.succeed();
        tasks.runAll();
        assertThat(failure(acquired)).isInstanceOf(AcquireException.DialFailed.class);
        assertThat(late.isOpen()).isFalse();
        assertThat(manager.snapshot().totals().opened()).isZero();
    }

    @Test
    @Tag("B07")
    void aFailureAfterTheSuccessOfADialIsNotCounted() {
        replaceManager(1, 1);
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        FakeDial dial = connector.nextDial();
        dial.succeed();
        dial.refuse();
        tasks.runAll();
        assertThat(acquired.join().connection().link().isOpen()).isTrue();
        assertThat(manager.snapshot().totals().dialsFailed()).isZero();
        acquired.join().release();
    }

    @Test
    @Tag("B13")
    void aConnectionThatDiesWhileItsDialSucceedsIsNotKept() {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        replaceManager(
                4,
                1,
                options -> options.time(new TimeSource() {
                    @Override
                    public long nanoTime() {
                        meanwhile.getAndSet(() -> {}).run();
                        return time.nanoTime();
                    }

                    @Override
                    public Alarm alarm(String name, Runnable onAlarm) {
                        return time.alarm(name, onAlarm);
                    }
                }));
        manager.acquire(A).cancel(false);
        tasks.runAll();
        // The manager reads the clock while it handles the success, and the connection dies at that moment.
        meanwhile.set(() -> connector.links().forEach(FakeLink::peerResets));
        connector.nextDial().succeed();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(manager.snapshot().totals().dialsFailed()).isOne();
    }

    @Test
    @Tag("B11")
    void aConnectionInvalidatedInTheMiddleOfAReplyHoldsItsPermitUntilItIsClosed() {
        Lease<FakeConnection> lease = lease();
        FakeLink link = lease.connection().link();
        link.holdCloses();
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        lease.invalidate(new IOException("in the middle of a reply"));
        tasks.runAll();
        assertThat(connector.dials()).as("the descriptor is still open").hasSize(1);
        link.answerClose();
        succeedDial();
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
        next.join().release();
    }

    @Test
    @Tag("B13")
    void aConnectionThatDiesWhileLeasedCountsOnceAndItsWaiterGetsANewOne() {
        Lease<FakeConnection> lease = lease();
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        lease.connection().link().peerResets();
        succeedDial();
        assertThat(next.join().origin())
                .as("the waiter is served at once, not at the release")
                .isEqualTo(LeaseOrigin.NEW);
        assertThat(lease.release()).isTrue();
        tasks.runAll();
        assertThat(manager.snapshot().all().open()).isEqualTo(1);
        next.join().release();
    }

    private void refuseAll() {
        connector.dials().forEach(FakeDial::refuse);
        tasks.runAll();
    }
}
