package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No lock is held while foreign code runs, and no method of a lease waits for another thread. */
class ManagerLocksTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final Endpoint B = Endpoint.of("line", "b", 1);

    private final PausePoint pause = new PausePoint();
    private final FakeConnector connector = FakeConnector.prompt();

    /** Blocks foreign code, once, until the test resumes it. */
    private static final class PausePoint {
        private final CountDownLatch blocked = new CountDownLatch(1);
        private final CountDownLatch resumed = new CountDownLatch(1);
        private final AtomicBoolean armed = new AtomicBoolean();

        void blockIfArmed() {
            if (armed.getAndSet(false)) {
                blocked.countDown();
                await(resumed);
            }
        }

        private static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(60, SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Starts a task on a new thread; returns when the task is blocked. */
        <T> CompletableFuture<T> startUntilBlocked(Supplier<T> task) {
            armed.set(true);
            CompletableFuture<T> running = startOnNewThread(task);
            await(blocked);
            return running;
        }
    }

    private static <T> CompletableFuture<T> startOnNewThread(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, run -> {
            Thread thread = new Thread(run, "other thread");
            thread.setDaemon(true);
            thread.start();
        });
    }

    /** Runs a task on a new thread and returns its result, while foreign code is blocked. */
    private static <T> T runOnNewThread(Supplier<T> task) throws Exception {
        return startOnNewThread(task).get(20, SECONDS);
    }

    @AfterEach
    void resumeBlockedThread() {
        pause.resumed.countDown();
    }

    private ConnectionManager<FakeConnection> manager(
            Connector<FakeConnection> outer, UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        return options.apply(ConnectionManager.builder(outer).maxOpenPerEndpoint(1))
                .build();
    }

    private ConnectionManager<FakeConnection> manager(UnaryOperator<Link<FakeConnection>> links) {
        return manager(connectorWith(links), options -> options);
    }

    private Connector<FakeConnection> connectorWith(UnaryOperator<Link<FakeConnection>> links) {
        return new ForwardingConnector(connector) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                return super.connect(request, new ForwardingLinkEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(links.apply(link));
                    }
                });
            }
        };
    }

    private Link<FakeConnection> slowHandles(Link<FakeConnection> link) {
        return new ForwardingLink(link) {
            @Override
            public FakeConnection handle(Lease<FakeConnection> lease, long number) {
                pause.blockIfArmed();
                return super.handle(lease, number);
            }
        };
    }

    private Link<FakeConnection> slowRekeys(Link<FakeConnection> link) {
        return new ForwardingLink(link) {
            @Override
            public void rekey(Endpoint newEndpoint) {
                pause.blockIfArmed();
                super.rekey(newEndpoint);
            }
        };
    }

    // ---- the monitor of a lease

    @Test
    void aThreadThatLocksALeaseBlocksNoMethodOfIt() throws Exception {
        try (var manager = manager(link -> link)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            synchronized (lease) {
                assertThat(runOnNewThread(lease::connection).link().isOpen()).isTrue();
                assertThat(runOnNewThread(lease::isEnded)).isFalse();
                assertThat(runOnNewThread(() -> lease.releaseAs(B))).isTrue();
                assertThat(runOnNewThread(lease::isEnded)).isTrue();
            }
            assertThat(manager.acquire(B).get(30, SECONDS).origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        }
    }

    @Test
    void aThreadThatLocksTheLeaseOfASetupBlocksNoDial() throws Exception {
        CompletableFuture<Void> work = new CompletableFuture<>();
        AtomicReference<Lease<FakeConnection>> setupLease = new AtomicReference<>();
        try (var manager = manager(
                connector,
                options -> options.setup((connection, endpoint) -> {
                    setupLease.set(connection.lease());
                    pause.blockIfArmed();
                    return work;
                }))) {
            CompletableFuture<Lease<FakeConnection>> acquired =
                    pause.startUntilBlocked(() -> manager.acquire(A)).get(20, SECONDS);
            pause.resumed.countDown();
            synchronized (setupLease.get()) {
                assertThat(runOnNewThread(setupLease.get()::connection).link().isOpen())
                        .isTrue();
                assertThat(setupLease.get().isEnded()).isFalse();
                runOnNewThread(() -> work.complete(null));
                assertThat(acquired.get(20, SECONDS).connection().link().isOpen())
                        .isTrue();
                assertThat(setupLease.get().isEnded()).isTrue();
            }
        }
    }

    // ---- handles

    @Test
    void aHandleInTheMakingBlocksNoRelease() throws Exception {
        try (var manager = manager(this::slowHandles)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            CompletableFuture<FakeConnection> late = pause.startUntilBlocked(lease::connection);
            assertThat(runOnNewThread(lease::release)).isTrue();
            Lease<FakeConnection> next = manager.acquire(A).get(20, SECONDS);
            assertThat(next.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
            pause.resumed.countDown();
            assertThatThrownBy(() -> late.get(20, SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("the lease of line://a:1 has ended");
            assertThat(next.connection().lease()).isSameAs(next);
        }
    }

    @Test
    void twoThreadsGetTheSameHandle() throws Exception {
        try (var manager = manager(this::slowHandles)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            CompletableFuture<FakeConnection> slow = pause.startUntilBlocked(lease::connection);
            FakeConnection quick = runOnNewThread(lease::connection);
            pause.resumed.countDown();
            assertThat(slow.get(20, SECONDS)).isSameAs(quick);
            assertThat(lease.connection()).isSameAs(quick);
        }
    }

    @Test
    void aHandleIsNotReturnedIfMakingItEndsTheLease() throws Exception {
        try (var manager = manager(link -> new ForwardingLink(link) {
            @Override
            public FakeConnection handle(Lease<FakeConnection> lease, long number) {
                lease.release();
                return super.handle(lease, number);
            }
        })) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            assertThatThrownBy(lease::connection).isInstanceOf(IllegalStateException.class);
            assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        }
    }

    // ---- releaseAs

    @Test
    void aReleaseAsInItsCheckBlocksNoRelease() throws Exception {
        Connector<FakeConnection> slow = new ForwardingConnector(connector) {
            @Override
            public void requireSupported(Endpoint endpoint) {
                pause.blockIfArmed();
                super.requireSupported(endpoint);
            }
        };
        try (var manager = manager(slow, options -> options)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            CompletableFuture<Boolean> releaseAs = pause.startUntilBlocked(() -> lease.releaseAs(B));
            assertThat(runOnNewThread(lease::release)).isTrue();
            pause.resumed.countDown();
            assertThat(releaseAs.get(20, SECONDS)).isFalse();
            assertThat(manager.snapshot().endpoints()).containsOnlyKeys(A);
        }
    }

    @Test
    void aConnectionThatIsReleasedDuringItsRekeyIsClosed() throws Exception {
        try (var manager = manager(this::slowRekeys)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            FakeLink link = lease.connection().link();
            CompletableFuture<Boolean> releaseAs = pause.startUntilBlocked(() -> lease.releaseAs(B));
            assertThat(lease.isEnded()).isFalse();
            assertThat(runOnNewThread(lease::release)).isTrue();
            assertThat(manager.acquire(A).get(20, SECONDS).origin()).isEqualTo(LeaseOrigin.NEW);
            assertThat(link.isOpen()).isFalse();
            pause.resumed.countDown();
            assertThat(releaseAs.get(20, SECONDS)).isFalse();
            assertThat(manager.snapshot().endpoints()).containsOnlyKeys(A);
        }
    }

    @Test
    void aLinkThatCallsTheManagerDuringItsRekeyHarmsOnlyItsOwnLease() throws Exception {
        AtomicReference<ConnectionManager<FakeConnection>> ownManager = new AtomicReference<>();
        AtomicReference<Lease<FakeConnection>> released = new AtomicReference<>();
        try (var manager = manager(link -> new ForwardingLink(link) {
            @Override
            public void rekey(Endpoint newEndpoint) {
                ownManager.get().snapshot();
                ownManager.get().tryAcquire(B);
                released.get().invalidate();
                super.rekey(newEndpoint);
            }
        })) {
            ownManager.set(manager);
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            released.set(lease);
            assertThat(lease.releaseAs(B)).isFalse();
            assertThat(manager.acquire(A).get(20, SECONDS).origin()).isEqualTo(LeaseOrigin.NEW);
        }
    }

    // ---- clocks

    @Test
    void aWallClockThatBlocksDelaysOnlyTheThreadThatReadsIt() throws Exception {
        SlowTime time = new SlowTime();
        try (var manager = manager(connector, options -> options.time(time))) {
            time.slowWall = true;
            CompletableFuture<?> first = pause.startUntilBlocked(() -> {
                time.advance(SECONDS.toNanos(1));
                return manager.acquire(A);
            });
            time.advance(SECONDS.toNanos(1));
            Lease<FakeConnection> lease =
                    runOnNewThread(() -> manager.acquire(B)).get(20, SECONDS);
            assertThat(runOnNewThread(lease::release)).isTrue();
            assertThat(runOnNewThread(manager::snapshot).all().open()).isEqualTo(1);
            pause.resumed.countDown();
            first.get(20, SECONDS);
        }
    }

    @Test
    void anAlarmThatBlocksDelaysOnlyTheThreadThatSetsIt() throws Exception {
        SlowTime time = new SlowTime();
        try (var manager = manager(connector, options -> options.time(time))) {
            CompletableFuture<CompletableFuture<Lease<FakeConnection>>> first =
                    pause.startUntilBlocked(() -> manager.acquire(A));
            // The machine must wake up earlier for this one, so another thread has an alarm to set.
            AcquireRequest hasty = AcquireRequest.to(B).withTimeout(Duration.ofMillis(1));
            Lease<FakeConnection> lease =
                    runOnNewThread(() -> manager.acquire(hasty)).get(20, SECONDS);
            assertThat(runOnNewThread(lease::release)).isTrue();
            long alarmBefore = time.alarmAt;
            pause.resumed.countDown();
            first.get(20, SECONDS).get(20, SECONDS);
            assertThat(time.alarmAt)
                    .as("the alarm that is set late is not later than the one before")
                    .isLessThanOrEqualTo(alarmBefore);
        }
    }

    /** A clock that only the test advances, and whose alarm never goes off. */
    private final class SlowTime implements TimeSource {
        volatile boolean slowWall;
        volatile long alarmAt = Long.MAX_VALUE;
        private volatile long now;

        void advance(long nanos) {
            now += nanos;
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public long wallMillis() {
            if (slowWall) {
                pause.blockIfArmed();
            }
            return now / 1_000_000;
        }

        @Override
        public Alarm alarm(String name, Runnable onAlarm) {
            return new Alarm() {
                @Override
                public void set(long nanosFromNow) {
                    if (!slowWall) {
                        pause.blockIfArmed();
                    }
                    alarmAt = now + nanosFromNow;
                }

                @Override
                public void close() {}
            };
        }
    }
}
