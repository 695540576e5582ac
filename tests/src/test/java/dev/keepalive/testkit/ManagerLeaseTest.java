package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.TimeSource;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a lease may do, what becomes of its connection, and what the listener is told of it. */
class ManagerLeaseTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    private final FakeConnector connector = FakeConnector.prompt();
    private final FakeTime time = new FakeTime();
    private final ManualExecutor tasks = new ManualExecutor();
    private final RecordingListener listener = new RecordingListener();
    private final ConnectionManager<FakeConnection> manager = ConnectionManager.builder(connector)
            .maxOpenPerEndpoint(1)
            .callbackExecutor(tasks)
            .time(time)
            .listener(listener)
            .build();

    @Test
    void theFirstEndOfALeaseWins() {
        Lease<FakeConnection> lease = lease();
        assertThat(lease.release()).isTrue();
        assertThat(lease.release()).isFalse();
        assertThat(lease.invalidate()).isFalse();
        lease.close();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    void aSecondReleaseDoesNotTakeTheConnectionFromItsNextHolder() {
        Lease<FakeConnection> first = lease();
        first.release();
        Lease<FakeConnection> second = lease();
        first.release();
        first.invalidate();
        assertThat(second.connection().link().isOpen()).isTrue();
        assertThat(manager.tryAcquire(A)).isNull();
    }

    @Test
    void anEndedLeaseGivesNoConnection() {
        Lease<FakeConnection> lease = lease();
        lease.connection();
        lease.release();
        assertThatThrownBy(lease::connection)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the lease of line://a:1 has ended");
    }

    @Test
    void closingALeaseThatWasNotReleasedClosesItsConnection() {
        FakeLink link;
        try (Lease<FakeConnection> lease = lease()) {
            link = lease.connection().link();
        }
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThat(lease().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void eachLeaseHasItsOwnHandleOnTheSameConnection() {
        Lease<FakeConnection> first = lease();
        FakeConnection handle = first.connection();
        assertThat(first.connection()).isSameAs(handle);
        first.release();
        Lease<FakeConnection> second = lease();
        assertThat(second.connection()).isNotSameAs(handle);
        assertThat(second.connection().link()).isSameAs(handle.link());
    }

    @Test
    void aConnectionWithUnreadInputIsClosedAtItsRelease() {
        Lease<FakeConnection> lease = lease();
        FakeLink link = lease.connection().link();
        link.leaveUnread();
        lease.release();
        tasks.runAll();
        assertThat(link.isOpen()).isFalse();
        assertThat(listener.events).contains("closed NOT_REUSABLE after 1");
    }

    @Test
    void aConnectionThatThePeerClosedIsNotLeasedAgain() {
        Lease<FakeConnection> lease = lease();
        lease.connection().link().peerResets();
        lease.release();
        assertThat(lease().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(connector.mostOpenLinks()).isEqualTo(1);
    }

    @Test
    void inputOnAnIdleConnectionClosesIt() {
        Lease<FakeConnection> lease = lease();
        FakeLink link = lease.connection().link();
        lease.release();
        assertThat(link.peerSpeaks()).isFalse();
        tasks.runAll();
        assertThat(listener.events).contains("closed UNEXPECTED_INPUT after 1");
        assertThat(lease().origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void inputOnALeasedConnectionGoesToItsHolder() {
        Lease<FakeConnection> lease = lease();
        assertThat(lease.connection().link().peerSpeaks()).isTrue();
    }

    @Test
    void aGreetingIsKeptForTheFirstHolderButNotInAnIdleConnection() {
        FakeConnector scripted = FakeConnector.scripted();
        var other = ConnectionManager.builder(scripted)
                .callbackExecutor(tasks)
                .time(time)
                .build();
        CompletableFuture<Lease<FakeConnection>> cancelled = other.acquire(A);
        tasks.runAll();
        cancelled.cancel(false);
        FakeLink link = scripted.nextDial().succeed();
        assertThat(link.peerSpeaks())
                .as("the connection went idle, and an idle connection may get no greeting")
                .isFalse();
        assertThat(link.isOpen()).isFalse();
    }

    @Test
    void inputDuringAResetClosesTheConnection() {
        Lease<FakeConnection> lease = lease();
        FakeLink link = lease.connection().link();
        link.holdResets();
        lease.release();
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        assertThat(link.peerSpeaks()).isFalse();
        link.answerReset(true);
        tasks.runAll();
        assertThat(next.join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(link.isOpen()).isFalse();
    }

    @Test
    void anAcquireWaitsForASlowResetInsteadOfDialing() {
        Lease<FakeConnection> lease = lease();
        FakeLink link = lease.connection().link();
        link.holdResets();
        lease.release();
        CompletableFuture<Lease<FakeConnection>> next = manager.acquire(A);
        tasks.runAll();
        assertThat(next).isNotDone();
        assertThat(manager.snapshot().all().resetting()).isEqualTo(1);
        link.answerReset(true);
        tasks.runAll();
        assertThat(next.join().origin())
                .as("the connection was released before the acquire")
                .isEqualTo(LeaseOrigin.IMMEDIATE);
        assertThat(connector.dials()).hasSize(1);
    }

    @Test
    void aResetThatIsAnsweredDuringTheReleaseIsNotLost() {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        TimeSource hooked = new TimeSource() {
            @Override
            public long nanoTime() {
                meanwhile.getAndSet(() -> {}).run();
                return time.nanoTime();
            }

            @Override
            public Alarm alarm(String name, Runnable onAlarm) {
                return time.alarm(name, onAlarm);
            }
        };
        var other = ConnectionManager.builder(FakeConnector.prompt())
                .callbackExecutor(tasks)
                .time(hooked)
                .build();
        CompletableFuture<Lease<FakeConnection>> acquired = other.acquire(A);
        tasks.runAll();
        FakeLink link = acquired.join().connection().link();
        link.holdResets();
        meanwhile.set(() -> link.answerReset(true));
        acquired.join().release();
        assertThat(other.snapshot().all().idle()).isEqualTo(1);
    }

    @Test
    void anIdleConnectionExpiresAndTheListenerIsTold() {
        lease().release();
        time.advance(Duration.ofSeconds(15));
        tasks.runAll();
        assertThat(connector.openLinks()).isZero();
        assertThat(listener.events).containsExactly("opened", "acquired NEW", "closed IDLE_TIMEOUT after 1");
    }

    @Test
    void aCloseThatIsNeverAnsweredIsReported() {
        Lease<FakeConnection> lease = lease();
        lease.connection().link().holdCloses();
        lease.invalidate();
        tasks.runAll();
        time.advance(Duration.ofSeconds(5));
        tasks.runAll();
        assertThat(listener.events).contains("overdue");
        assertThat(manager.snapshot().all().closing())
                .as("the descriptor may still be open")
                .isEqualTo(1);
    }

    @Test
    void theListenerIsToldWhyAHolderInvalidatedItsConnection() {
        lease().invalidate(new IOException("protocol error"));
        tasks.runAll();
        assertThat(listener.events).contains("closed INVALIDATED after 1 because protocol error");
    }

    @Test
    void theListenerIsToldOfFailedDials() {
        FakeConnector scripted = FakeConnector.scripted();
        var other = ConnectionManager.builder(scripted)
                .callbackExecutor(tasks)
                .time(time)
                .listener(listener)
                .build();
        other.acquire(A);
        tasks.runAll();
        scripted.nextDial().refuse();
        tasks.runAll();
        assertThat(listener.events).containsExactly("dial failed 111", "failed 111");
    }

    @Test
    void aListenerThatThrowsHarmsNoCaller() {
        listener.throwing = true;
        Lease<FakeConnection> lease = lease();
        lease.release();
        assertThat(lease().origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        tasks.runAll();
        assertThat(listener.events).as("the listener is told the rest").hasSizeGreaterThan(2);
    }

    @Test
    void aListenerThatDoesNotKeepUpMissesEventsAndIsToldHowMany() {
        lease().release();
        for (int i = 0; i < 20_000; i++) {
            lease().release();
        }
        tasks.runAll();
        assertThat(listener.dropped).isEqualTo(10_000);
        assertThat(listener.events)
                .as("two events before, and as many as the queue holds")
                .hasSize(2 + 10_000);
    }

    @Test
    void theSnapshotCountsConnectionsAndWaiters() {
        Lease<FakeConnection> lease = lease();
        manager.acquire(AcquireRequest.to(A));
        assertThat(manager.snapshot().all())
                .hasToString("1 open (0 dialing, 0 idle, 1 leased, 0 resetting, 0 closing), 1 waiting");
        assertThat(manager.snapshot().endpoints()).containsOnlyKeys(A);
        assertThat(manager.snapshot().toString()).contains("line://a:1", "maxOpen 128", "1 waiting");
        lease.release();
    }

    private Lease<FakeConnection> lease() {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        if (!acquired.isDone()) {
            tasks.runAll();
        }
        return acquired.join();
    }

    private static final class RecordingListener implements ConnectionListener {
        final List<String> events = new ArrayList<>();
        boolean throwing;
        long dropped;

        private void record(String event) {
            events.add(event);
            if (throwing) {
                throw new IllegalStateException("the listener throws");
            }
        }

        @Override
        public void opened(Endpoint endpoint, dev.keepalive.Timings dial) {
            record("opened");
        }

        @Override
        public void dialFailed(Endpoint endpoint, DialException failure) {
            record("dial failed " + failure.errorNumber());
        }

        @Override
        public void acquired(AcquireRequest request, LeaseOrigin origin, dev.keepalive.Timings timings) {
            record("acquired " + origin);
        }

        @Override
        public void failed(dev.keepalive.AcquireException failure) {
            record("failed " + failure.errorNumber());
        }

        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            record("closed " + reason + " after " + uses + (cause == null ? "" : " because " + cause.getMessage()));
        }

        @Override
        public void closeOverdue(Endpoint endpoint) {
            record("overdue");
        }

        @Override
        public void eventsDropped(long events) {
            dropped += events;
        }
    }
}
