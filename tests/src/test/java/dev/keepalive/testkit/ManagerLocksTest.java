package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    private final Stop stop = new Stop();
    private final FakeConnector connector = FakeConnector.prompt();

    /** Foreign code that stands still, once, until the test lets it go on. */
    private static final class Stop {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);
        private final AtomicBoolean armed = new AtomicBoolean();

        void here() {
            if (armed.getAndSet(false)) {
                reached.countDown();
                await(goOn);
            }
        }

        private static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(60, SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Runs a task until it stands still. */
        <T> CompletableFuture<T> reachedBy(Supplier<T> task) {
            armed.set(true);
            CompletableFuture<T> running = elsewhere(task);
            await(reached);
            return running;
        }
    }

    private static <T> CompletableFuture<T> elsewhere(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, run -> {
            Thread thread = new Thread(run, "elsewhere");
            thread.setDaemon(true);
            thread.start();
        });
    }

    /** What another thread answers, though foreign code stands still. */
    private static <T> T soon(Supplier<T> task) throws Exception {
        return elsewhere(task).get(20, SECONDS);
    }

    @AfterEach
    void everythingGoesOn() {
        stop.goOn.countDown();
    }

    private ConnectionManager<FakeConnection> manager(
            Connector<FakeConnection> outer, UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        return options.apply(ConnectionManager.builder(outer).maxOpenPerEndpoint(1))
                .build();
    }

    private ConnectionManager<FakeConnection> manager(UnaryOperator<Link<FakeConnection>> links) {
        return manager(linked(links), options -> options);
    }

    private Connector<FakeConnection> linked(UnaryOperator<Link<FakeConnection>> links) {
        return new ForwardingConnector(connector) {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                return super.connect(request, new WrappedEvents(events) {
                    @Override
                    public void opened(Link<FakeConnection> link) {
                        super.opened(links.apply(link));
                    }
                });
            }
        };
    }

    private Link<FakeConnection> slowHandles(Link<FakeConnection> link) {
        return new WrappedLink(link) {
            @Override
            public FakeConnection handle(Lease<FakeConnection> lease, long number) {
                stop.here();
                return super.handle(lease, number);
            }
        };
    }

    private Link<FakeConnection> slowRekeys(Link<FakeConnection> link) {
        return new WrappedLink(link) {
            @Override
            public void rekey(Endpoint as) {
                stop.here();
                super.rekey(as);
            }
        };
    }

    // ---- the monitor of a lease

    @Test
    void aThreadThatLocksALeaseHoldsUpNoMethodOfIt() throws Exception {
        try (var manager = manager(link -> link)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            synchronized (lease) {
                assertThat(soon(lease::connection).link().isOpen()).isTrue();
                assertThat(soon(lease::isEnded)).isFalse();
                assertThat(soon(() -> lease.releaseAs(B))).isTrue();
                assertThat(soon(lease::isEnded)).isTrue();
            }
            assertThat(manager.acquire(B).get(30, SECONDS).origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
        }
    }

    @Test
    void aThreadThatLocksWhatASetUpSeesHoldsUpNoDial() throws Exception {
        CompletableFuture<Void> work = new CompletableFuture<>();
        AtomicReference<Lease<FakeConnection>> seen = new AtomicReference<>();
        try (var manager = manager(
                connector,
                options -> options.setup((connection, endpoint) -> {
                    seen.set(connection.lease());
                    stop.here();
                    return work;
                }))) {
            CompletableFuture<Lease<FakeConnection>> acquired =
                    stop.reachedBy(() -> manager.acquire(A)).get(20, SECONDS);
            stop.goOn.countDown();
            synchronized (seen.get()) {
                assertThat(soon(seen.get()::connection).link().isOpen()).isTrue();
                assertThat(seen.get().isEnded()).isFalse();
                soon(() -> work.complete(null));
                assertThat(acquired.get(20, SECONDS).connection().link().isOpen())
                        .isTrue();
                assertThat(seen.get().isEnded()).isTrue();
            }
        }
    }

    // ---- handles

    @Test
    void aHandleThatIsBeingMadeHoldsUpNoRelease() throws Exception {
        try (var manager = manager(this::slowHandles)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            CompletableFuture<FakeConnection> late = stop.reachedBy(lease::connection);
            assertThat(soon(lease::release)).isTrue();
            Lease<FakeConnection> next = manager.acquire(A).get(20, SECONDS);
            assertThat(next.origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
            stop.goOn.countDown();
            assertThatThrownBy(() -> late.get(20, SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseMessage("the lease of line://a:1 has ended");
            assertThat(next.connection().lease()).isSameAs(next);
        }
    }

    @Test
    void twoThreadsThatAskForTheHandleAtTheSameTimeHaveTheSame() throws Exception {
        try (var manager = manager(this::slowHandles)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            CompletableFuture<FakeConnection> slow = stop.reachedBy(lease::connection);
            FakeConnection quick = soon(lease::connection);
            stop.goOn.countDown();
            assertThat(slow.get(20, SECONDS)).isSameAs(quick);
            assertThat(lease.connection()).isSameAs(quick);
        }
    }

    @Test
    void aHandleWhoseMakingEndsTheLeaseIsNotGiven() throws Exception {
        try (var manager = manager(link -> new WrappedLink(link) {
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

    // ---- releases as another endpoint's

    @Test
    void aCheckThatIsUnderWayHoldsUpNoOtherEndOfTheLease() throws Exception {
        Connector<FakeConnection> slow = new ForwardingConnector(connector) {
            @Override
            public void requireSupported(Endpoint endpoint) {
                stop.here();
                super.requireSupported(endpoint);
            }
        };
        try (var manager = manager(slow, options -> options)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            CompletableFuture<Boolean> as = stop.reachedBy(() -> lease.releaseAs(B));
            assertThat(soon(lease::release)).isTrue();
            stop.goOn.countDown();
            assertThat(as.get(20, SECONDS)).isFalse();
            assertThat(manager.snapshot().endpoints()).containsOnlyKeys(A);
        }
    }

    @Test
    void whatIsReleasedWhileItBecomesAnotherEndpointsIsClosed() throws Exception {
        try (var manager = manager(this::slowRekeys)) {
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            FakeLink link = lease.connection().link();
            CompletableFuture<Boolean> as = stop.reachedBy(() -> lease.releaseAs(B));
            assertThat(lease.isEnded()).isFalse();
            assertThat(soon(lease::release)).isTrue();
            assertThat(manager.acquire(A).get(20, SECONDS).origin()).isEqualTo(LeaseOrigin.NEW);
            assertThat(link.isOpen()).isFalse();
            stop.goOn.countDown();
            assertThat(as.get(20, SECONDS)).isFalse();
            assertThat(manager.snapshot().endpoints()).containsOnlyKeys(A);
        }
    }

    @Test
    void aLinkThatCallsBackWhileItBecomesAnotherEndpointsHarmsOnlyItsOwnLease() throws Exception {
        AtomicReference<ConnectionManager<FakeConnection>> own = new AtomicReference<>();
        AtomicReference<Lease<FakeConnection>> released = new AtomicReference<>();
        try (var manager = manager(link -> new WrappedLink(link) {
            @Override
            public void rekey(Endpoint as) {
                own.get().snapshot();
                own.get().tryAcquire(B);
                released.get().invalidate();
                super.rekey(as);
            }
        })) {
            own.set(manager);
            Lease<FakeConnection> lease = manager.acquire(A).get(30, SECONDS);
            released.set(lease);
            assertThat(lease.releaseAs(B)).isFalse();
            assertThat(manager.acquire(A).get(20, SECONDS).origin()).isEqualTo(LeaseOrigin.NEW);
        }
    }

    // ---- clocks

    @Test
    void aWallClockThatStandsStillHoldsUpOnlyTheThreadThatLooksAtIt() throws Exception {
        SlowTime time = new SlowTime();
        try (var manager = manager(connector, options -> options.time(time))) {
            time.slowWall = true;
            CompletableFuture<?> first = stop.reachedBy(() -> {
                time.pass(SECONDS.toNanos(1));
                return manager.acquire(A);
            });
            time.pass(SECONDS.toNanos(1));
            Lease<FakeConnection> lease = soon(() -> manager.acquire(B)).get(20, SECONDS);
            assertThat(soon(lease::release)).isTrue();
            assertThat(soon(manager::snapshot).all().open()).isEqualTo(1);
            stop.goOn.countDown();
            first.get(20, SECONDS);
        }
    }

    @Test
    void anAlarmThatCannotBeSetAtOnceHoldsUpOnlyTheThreadThatSetsIt() throws Exception {
        SlowTime time = new SlowTime();
        try (var manager = manager(connector, options -> options.time(time))) {
            CompletableFuture<CompletableFuture<Lease<FakeConnection>>> first =
                    stop.reachedBy(() -> manager.acquire(A));
            Lease<FakeConnection> lease = soon(() -> manager.acquire(B)).get(20, SECONDS);
            assertThat(soon(lease::release)).isTrue();
            long wanted = time.alarmAt;
            stop.goOn.countDown();
            first.get(20, SECONDS).get(20, SECONDS);
            assertThat(time.alarmAt)
                    .as("the alarm, set late to what was wanted before")
                    .isLessThanOrEqualTo(wanted);
        }
    }

    /** A clock that stands still, until the test says otherwise, and whose alarm never goes off. */
    private final class SlowTime implements TimeSource {
        volatile boolean slowWall;
        volatile long alarmAt = Long.MAX_VALUE;
        private volatile long now;

        void pass(long nanos) {
            now += nanos;
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public long wallMillis() {
            if (slowWall) {
                stop.here();
            }
            return now / 1_000_000;
        }

        @Override
        public Alarm alarm(String name, Runnable onAlarm) {
            return new Alarm() {
                @Override
                public void set(long nanosFromNow) {
                    if (!slowWall) {
                        stop.here();
                    }
                    alarmAt = now + nanosFromNow;
                }

                @Override
                public void close() {}
            };
        }
    }
}
