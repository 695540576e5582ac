package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a manager tells its operator, and what the operator can change while the manager runs. */
class ManagerOperationsTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final Endpoint B = Endpoint.of("line", "b", 1);

    private final FakeConnector connector = FakeConnector.scripted();
    private final FakeTime time = new FakeTime();
    private final ManualExecutor tasks = new ManualExecutor();
    private final RecordingListener listener = new RecordingListener();
    private final ConnectionManager<FakeConnection> manager = ConnectionManager.builder(connector)
            .maxOpenPerEndpoint(1)
            .maxWaitingPerEndpoint(2)
            .callbackExecutor(tasks)
            .time(time)
            .listener(listener)
            .sampleAcquireSites(1)
            .leakDetectionThreshold(Duration.ofSeconds(10))
            .build();

    private Lease<FakeConnection> leased(AcquireRequest request) {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(request);
        tasks.runAll();
        connector.nextDial().succeed();
        tasks.runAll();
        return acquired.join();
    }

    // ---- the text of a failure

    @Test
    void aTimeoutNamesTheOldestLeaseAndItsAcquireSite() {
        leased(AcquireRequest.to(A).withLabel("nightly report"));
        time.advance(Duration.ofSeconds(3));
        CompletableFuture<?> waiting = manager.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(2)));
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();

        AcquireException.TimedOut failure = (AcquireException.TimedOut) ManagerRig.failure(waiting);
        assertThat(failure)
                .hasMessageContaining("queue error 110")
                .hasMessageContaining("1 leased")
                .hasMessageContaining("oldest lease: line://a:1 (nightly report) for 5.000 s, acquired at "
                        + ManagerOperationsTest.class.getName() + ".leased(ManagerOperationsTest.java:");
        assertThat(failure.counts()).isNotNull();
        assertThat(failure.counts().leased()).isOne();
        assertThat(failure.counts().waiting()).isOne();
    }

    @Test
    void aTimeoutAtAnEndpointWithoutLeasesNamesTheOldestLeaseOfAll() {
        manager.maxOpen(1);
        leased(AcquireRequest.to(A).withLabel("hog"));
        CompletableFuture<?> waiting = manager.acquire(AcquireRequest.to(B).withTimeout(Duration.ofSeconds(2)));
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();
        assertThat(ManagerRig.failure(waiting)).hasMessageContaining("oldest lease: line://a:1 (hog) for 2.000 s");
    }

    @Test
    void anAcquireBeyondMaxWaitingPerEndpointFailsAtOnceWithQueueFull() {
        leased(AcquireRequest.to(A));
        CompletableFuture<?> first = manager.acquire(A);
        CompletableFuture<?> second = manager.acquire(A);
        CompletableFuture<?> third = manager.acquire(A);
        assertThat(ManagerRig.failure(third))
                .isInstanceOf(AcquireException.QueueFull.class)
                .hasMessageContaining("maxWaitingPerEndpoint 2: as many wait already")
                .hasMessageContaining("3 waiting");
        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        manager.maxWaitingPerEndpoint(3);
        assertThat(manager.acquire(A)).isNotDone();
    }

    @Test
    void aPausedEndpointFailsFastWithTheErrorOfItsLastDial() {
        for (int i = 0; i < 2; i++) {
            CompletableFuture<?> failed = manager.acquire(A);
            tasks.runAll();
            connector.nextDial().refuse();
            tasks.runAll();
            assertThat(failed).isCompletedExceptionally();
        }
        CompletableFuture<?> next = manager.acquire(A);
        assertThat(ManagerRig.failure(next)).isInstanceOfSatisfying(AcquireException.DialFailed.class, failure -> {
            assertThat(failure.errorNumber()).isEqualTo(111);
            assertThat(failure).hasMessageContaining("not dialed, since other dials failed just before");
        });
        time.advance(Duration.ofMillis(100));
        manager.acquire(A);
        tasks.runAll();
        connector.nextDial().succeed();
    }

    @Test
    void aPauseAfterDialTimeoutsNamesTheDialTimeout() {
        for (int i = 0; i < 2; i++) {
            manager.acquire(A);
            tasks.runAll();
            FakeDial dial = connector.nextDial();
            time.advance(Duration.ofSeconds(30));
            tasks.runAll();
            dial.fail(new java.io.IOException("stopped"));
        }
        assertThat(ManagerRig.failure(manager.acquire(A)))
                .isInstanceOf(AcquireException.DialFailed.class)
                .hasMessageContaining("error 110: dialTimeout PT30S is over");
    }

    // ---- reports

    @Test
    void aLeaseHeldTooLongIsReportedWithItsAcquireSite() {
        Lease<FakeConnection> lease = leased(AcquireRequest.to(A).withLabel("slow"));
        time.advance(Duration.ofSeconds(10));
        tasks.runAll();
        assertThat(listener.held)
                .singleElement()
                .asString()
                .startsWith("line://a:1 (slow) PT10S at ")
                .contains("leased(");
        assertThat(lease.release()).isTrue();
    }

    @Test
    void aLeakedLeaseIsReportedWithItsAcquireSiteAndAWaiterIsServed() {
        leakALease();
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            System.gc();
            time.advance(Duration.ofMillis(1001));
            tasks.runAll();
            return !listener.leaked.isEmpty();
        });
        connector.nextDial().succeed();
        tasks.runAll();
        assertThat(waiting).isCompleted();
        assertThat(listener.leaked)
                .singleElement()
                .asString()
                .startsWith("line://a:1 (leak)")
                .contains("leased(");
    }

    private void leakALease() {
        leased(AcquireRequest.to(A).withLabel("leak"));
    }

    @Test
    void acquireSitesAreNotRecordedUnlessTheyAreSampled() {
        ConnectionManager<FakeConnection> plain = ConnectionManager.builder(FakeConnector.prompt())
                .callbackExecutor(Runnable::run)
                .maxOpenPerEndpoint(1)
                .time(time)
                .build();
        plain.acquire(A);
        CompletableFuture<?> waiting = plain.acquire(AcquireRequest.to(A).withTimeout(Duration.ofSeconds(1)));
        time.advance(Duration.ofSeconds(1));
        assertThat(ManagerRig.failure(waiting))
                .hasMessageContaining("oldest lease: line://a:1 for 1.000 s")
                .hasMessageNotContaining("acquired at");
        plain.close();
    }

    // ---- changes at run time

    @Test
    void limitsCanBeRaisedAtRunTime() {
        leased(AcquireRequest.to(A));
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        manager.maxOpenPerEndpoint(2);
        tasks.runAll();
        connector.nextDial().succeed();
        tasks.runAll();
        assertThat(waiting).isCompleted();
        assertThat(manager.snapshot().limits().maxOpenPerEndpoint()).isEqualTo(2);
        assertThatThrownBy(() -> manager.maxOpen(0)).hasMessage("maxOpen 0 is not allowed: at least 1");
        assertThatThrownBy(() -> manager.maxDialsPerEndpoint(-1))
                .hasMessage("maxDialsPerEndpoint -1 is not allowed: at least 1");
    }

    @Test
    void evictClosesIdleConnectionsAtOnceAndLeasedOnesAtTheirRelease() {
        Lease<FakeConnection> inUse = leased(AcquireRequest.to(A));
        leased(AcquireRequest.to(B)).release();
        tasks.runAll();
        manager.evict(endpoint -> true);
        tasks.runAll();
        assertThat(connector.openLinks())
                .as("the idle connection to B is closed")
                .isOne();
        inUse.release();
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
        assertThat(listener.closed).containsExactly("line://b:1 RETIRED", "line://a:1 RETIRED");
    }

    @Test
    void afterTheHostWasSuspendedNoIdleConnectionIsReused() {
        leased(AcquireRequest.to(A)).release();
        tasks.runAll();
        time.moveWallClock(Duration.ofHours(1));
        time.advance(Duration.ofSeconds(1));
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        assertThat(listener.closed).containsExactly("line://a:1 RETIRED");
        connector.nextDial().succeed();
        tasks.runAll();
        assertThat(acquired).isCompleted();
    }

    @Test
    void aWallClockThatIsSetBackChangesNothing() {
        leased(AcquireRequest.to(A)).release();
        tasks.runAll();
        time.moveWallClock(Duration.ofHours(-1));
        assertThat(manager.acquire(A))
                .as("the idle connection serves it at once")
                .isCompleted();
    }

    @Test
    void aDrainServesTheWaitersAndTellsThatNothingWasCutShort() {
        Lease<FakeConnection> lease = leased(AcquireRequest.to(A));
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        CompletableFuture<Boolean> drained =
                manager.drain(Duration.ofSeconds(60)).toCompletableFuture();
        assertThat(ManagerRig.failure(manager.acquire(B))).isInstanceOf(AcquireException.Closed.class);
        lease.release();
        tasks.runAll();
        assertThat(drained).isNotDone();
        waiting.join().release();
        tasks.runAll();
        assertThat(drained).isCompletedWithValue(true);
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
        assertThat(connector.isClosed()).isTrue();
    }

    @Test
    void aDrainThatRunsOutOfTimeCutsTheRestShortAndTellsSo() {
        Lease<FakeConnection> lease = leased(AcquireRequest.to(A));
        CompletableFuture<?> waiting = manager.acquire(A);
        CompletableFuture<Boolean> drained =
                manager.drain(Duration.ofSeconds(5)).toCompletableFuture();
        drained.cancel(true);
        CompletableFuture<Boolean> again = manager.drain(Duration.ofSeconds(60)).toCompletableFuture();
        time.advance(Duration.ofSeconds(5));
        tasks.runAll();
        assertThat(ManagerRig.failure(waiting)).isInstanceOf(AcquireException.Closed.class);
        assertThat(again).isCompletedWithValue(false);
        assertThat(connector.openLinks()).isZero();
        assertThat(lease.release()).as("a release after the end does no harm").isTrue();
        assertThatThrownBy(() -> manager.drain(Duration.ofSeconds(-1))).hasMessageContaining("zero or more");
    }

    @Test
    void aLeaseThatADrainCutsShortIsNamed() {
        leased(AcquireRequest.to(A).withLabel("nightly report"));
        leased(AcquireRequest.to(B)).release();
        Lease<FakeConnection> ended = manager.tryAcquire(B);
        manager.drain(Duration.ofSeconds(5));
        time.advance(Duration.ofSeconds(3));
        ended.release();
        time.advance(Duration.ofSeconds(2));
        tasks.runAll();
        assertThat(listener.cutShort)
                .singleElement()
                .asString()
                .startsWith("line://a:1 (nightly report) PT5S at ")
                .contains("ManagerOperationsTest");
    }

    @Test
    void aBorrowedLeaseThatCloseCutsShortIsNamed() {
        leased(AcquireRequest.to(A)).release();
        tasks.runAll();
        Lease<FakeConnection> borrowed = manager.tryAcquire(AcquireRequest.to(A).withLabel("job 7"));
        time.advance(Duration.ofSeconds(2));
        manager.close();
        tasks.runAll();
        assertThat(listener.cutShort).singleElement().asString().startsWith("line://a:1 (job 7) PT2S at ");
        assertThat(borrowed.isEnded()).as("its holder has still to end it").isFalse();
    }

    @Test
    void anEndpointThatIsRememberedForAFailedDialIsNotInTheSnapshot() {
        CompletableFuture<?> refused = manager.acquire(A);
        tasks.runAll();
        connector.nextDial().refuse();
        tasks.runAll();
        assertThat(refused).isCompletedExceptionally();
        leased(AcquireRequest.to(B));
        assertThat(manager.snapshot().endpoints()).containsOnlyKeys(B);
        assertThat(manager.snapshot().toString()).doesNotContain("line://a:1");
    }

    private static final class RecordingListener implements ConnectionListener {
        private final List<String> held = new CopyOnWriteArrayList<>();
        private final List<String> cutShort = new CopyOnWriteArrayList<>();
        private final List<String> leaked = new CopyOnWriteArrayList<>();
        private final List<String> closed = new CopyOnWriteArrayList<>();

        @Override
        public void leaseHeldTooLong(AcquireRequest request, Duration time, @Nullable Throwable acquiredAt) {
            held.add(request + " " + time + " at " + acquiredAt);
        }

        @Override
        public void leaseCutShort(AcquireRequest request, Duration time, @Nullable Throwable acquiredAt) {
            cutShort.add(request + " " + time + " at " + acquiredAt);
        }

        @Override
        public void leaseLeaked(AcquireRequest request, Duration time, @Nullable Throwable acquiredAt) {
            leaked.add(request + " at " + acquiredAt);
        }

        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            closed.add(endpoint + " " + reason);
        }
    }
}
