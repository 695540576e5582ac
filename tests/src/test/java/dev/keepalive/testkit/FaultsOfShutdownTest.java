package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Phase;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Fault catalogue, J: the manager is closed while acquires, dials or leases are under way. */
class FaultsOfShutdownTest extends ManagerRig {
    @Test
    @Tag("J01")
    void aHundredWaitersAreAnsweredOnceAndAtOnce() {
        Lease<FakeConnection> held = lease();
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            manager.acquire(
                    AcquireRequest.to(A),
                    tasks,
                    lease -> answers.add("lease"),
                    failure -> answers.add(failure.errorText()));
        }
        manager.close();
        tasks.runAll();
        assertThat(answers).hasSize(100).containsOnly("the manager is closed");
        manager.close();
        held.release();
        tasks.runAll();
        assertThat(answers).hasSize(100);
    }

    @Test
    @Tag("J02")
    void dialsAreStoppedInEveryPhaseAndALateConnectionIsClosed() {
        replaceManager(4, 4);
        List<CompletableFuture<Lease<FakeConnection>>> waiting = new ArrayList<>();
        List<FakeDial> dials = new ArrayList<>();
        for (Phase phase : List.of(Phase.RESOLVE, Phase.CONNECT, Phase.TLS)) {
            waiting.add(manager.acquire(A));
            tasks.runAll();
            FakeDial dial = connector.nextDial();
            dial.enter(phase);
            dials.add(dial);
        }
        manager.close();
        tasks.runAll();
        assertThat(dials).allMatch(FakeDial::isStopped);
        assertThat(waiting)
                .allSatisfy(waiter -> assertThat(failure(waiter)).isInstanceOf(AcquireException.Closed.class));
        dials.get(0).refuse();
        FakeLink late = dials.get(1).succeed();
        tasks.runAll();
        assertThat(late.isOpen()).isFalse();
        assertThat(manager.closed().toCompletableFuture())
                .as("one dial is still under way")
                .isNotDone();
        dials.get(2).refuse();
        tasks.runAll();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    @Tag("J02")
    void aDialThatIsStoppedFirstNeverBegins() {
        Deque<Runnable> lifoTasks = new ArrayDeque<>();
        replaceManager(4, 1, options -> options.callbackExecutor(lifoTasks::push));
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        manager.close();
        while (!lifoTasks.isEmpty()) {
            lifoTasks.pop().run();
        }
        assertThat(connector.dials()).isEmpty();
        assertThat(failure(waiting)).isInstanceOf(AcquireException.Closed.class);
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    @Tag("J03")
    void closeClosesLeasedConnectionsAtOnce() {
        Lease<FakeConnection> held = lease();
        FakeLink link = held.connection().link();
        manager.close();
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    @Tag("J04")
    void aReleaseAfterCloseClosesTheConnectionAndThrowsNothing() {
        Lease<FakeConnection> held = lease();
        Lease<FakeConnection> other = lease(B);
        held.connection().link().holdCloses();
        manager.close();
        assertThat(held.release()).isTrue();
        assertThat(held.release()).isFalse();
        assertThat(other.invalidate()).isTrue();
        tasks.runAll();
        assertThat(manager.snapshot().all().idle()).isZero();
        connector.links().forEach(FakeLink::answerClose);
        tasks.runAll();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    @Tag("J04")
    void inputAfterCloseIsRefused() {
        FakeLink link = lease().connection().link();
        link.holdCloses();
        assertThat(link.peerSpeaks()).as("the input goes to the holder").isTrue();
        manager.close();
        assertThat(link.peerSpeaks()).isFalse();
    }

    @Test
    @Tag("J05")
    void anAcquireAfterCloseFailsAtOnceAndDialsNothing() {
        lease().release();
        manager.close();
        CompletableFuture<Lease<FakeConnection>> late = manager.acquire(A);
        assertThat(failure(late)).isInstanceOf(AcquireException.Closed.class);
        assertThat(manager.tryAcquire(A)).isNull();
        CompletableFuture<String> use = manager.use(B, lease -> CompletableFuture.completedFuture("never"));
        tasks.runAll();
        assertThat(failure(use)).isInstanceOf(AcquireException.Closed.class);
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    @Tag("J06")
    void everyCallOfCloseMeansTheSameEnd() {
        Lease<FakeConnection> held = lease();
        held.connection().link().holdCloses();
        CompletionStage<Void> before = manager.closed();
        manager.close();
        manager.close();
        tasks.runAll();
        CompletionStage<Void> after = manager.closed();
        assertThat(before.toCompletableFuture()).isNotDone();
        connector.links().forEach(FakeLink::answerClose);
        tasks.runAll();
        assertThat(before.toCompletableFuture()).isCompleted();
        assertThat(after.toCompletableFuture()).isCompleted();
        manager.close();
        tasks.runAll();
        assertThat(time.alarmsSet()).isZero();
    }

    @Test
    @Tag("J08")
    void tenThousandIdleConnectionsAreClosedByOneTaskEach() {
        replaceManager(10_000, 10_000);
        List<CompletableFuture<Lease<FakeConnection>>> all = new ArrayList<>();
        connector.answerAtOnce();
        for (int i = 0; i < 10_000; i++) {
            all.add(manager.acquire(A));
        }
        tasks.runAll();
        all.forEach(lease -> lease.join().release());
        assertThat(manager.snapshot().all().idle()).isEqualTo(10_000);
        manager.close();
        assertThat(connector.openLinks())
                .as("close itself closes no connection")
                .isEqualTo(10_000);
        assertThat(tasks.size()).isEqualTo(10_000);
        assertThat(manager.snapshot().all().closing())
                .as("the manager answers snapshots meanwhile")
                .isEqualTo(10_000);
        for (int i = 1; i <= 10; i++) {
            tasks.runNext();
            assertThat(connector.openLinks()).isEqualTo(10_000 - i);
        }
        tasks.runAll();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    @Tag("J07")
    void aReleaseADialAndACloseLeaveNothingOpenInAnyOrder() {
        for (String order : List.of("rdc", "rcd", "drc", "dcr", "crd", "cdr")) {
            replaceManager(2, 1);
            Lease<FakeConnection> held = lease();
            CompletableFuture<Lease<FakeConnection>> dialing = manager.acquire(Endpoint.of("line", order, 1));
            tasks.runAll();
            FakeDial dial = connector.nextDial();
            for (char step : order.toCharArray()) {
                switch (step) {
                    case 'r' -> held.release();
                    case 'd' -> dial.succeed();
                    default -> manager.close();
                }
            }
            tasks.runAll();
            assertThat(connector.openLinks()).as(order).isZero();
            assertThat(dialing).as(order).isDone();
            assertThat(manager.closed().toCompletableFuture()).as(order).isCompleted();
        }
    }

    @Test
    void aConnectorThatNeverReportsItsCloseIsGivenUp() {
        replaceManager(scripted -> new ForwardingConnector(scripted) {
            @Override
            public CompletionStage<?> close() {
                scripted.close();
                return new CompletableFuture<>();
            }
        });
        lease();
        manager.close();
        tasks.runAll();
        assertThat(manager.closed().toCompletableFuture()).isNotDone();
        time.advance(Duration.ofSeconds(5));
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
    }

    @Test
    void aManagerWhoseExecutorRunsNothingMoreEndsAllTheSame() {
        lease().release();
        tasks.runAll();
        CompletableFuture<Boolean> drained = manager.drain(Duration.ZERO).toCompletableFuture();
        time.advance(Duration.ofSeconds(5)); // the connection is not closed in time
        time.advance(Duration.ofSeconds(5)); // nor is the connector
        assertThat(connector.isClosed()).isTrue();
        assertThat(drained).isCompleted();
        assertThat(drained.join()).as("clean").isFalse();
    }

    @Test
    void anEventLoopThatWaitsForTheEndOrForACallbackIsRefused() {
        Lease<FakeConnection> held = lease();
        connector.eventLoop(Thread.currentThread(), Runnable::run);
        Future<?> callback = manager.acquire(AcquireRequest.to(A), Runnable::run, lease -> {}, failure -> {});
        CompletableFuture<Boolean> drained = manager.drain(Duration.ofHours(1)).toCompletableFuture();
        CompletableFuture<Void> closed = manager.closed().toCompletableFuture();
        assertThatThrownBy(callback::get).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> callback.get(1, SECONDS)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(drained::join).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(closed::join).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> closed.thenRun(() -> {}).get(1, SECONDS)).isInstanceOf(IllegalStateException.class);
        callback.cancel(false);
        held.release();
        tasks.runAll();
        assertThat(drained.join()).as("clean").isTrue();
        assertThat(closed).isCompleted();
    }
}
