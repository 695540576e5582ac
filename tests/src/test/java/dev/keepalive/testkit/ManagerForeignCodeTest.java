package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Phase;
import dev.keepalive.Timings;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialException;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import dev.keepalive.spi.TimeSource;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * An error of foreign code harms only its owner. Foreign code is a callback, an executor, a listener, a log, a clock or
 * a connector.
 */
class ManagerForeignCodeTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final Endpoint B = Endpoint.of("line", "b", 1);

    // ---- the stack

    @Test
    void aCallerThatOverflowsItsStackLosesNoPermit() throws Exception {
        try (var manager = ConnectionManager.builder(FakeConnector.prompt())
                .maxOpenPerEndpoint(1)
                .build()) {
            manager.acquire(A).get(30, SECONDS).release();
            Thread deep = new Thread(null, () -> useForEver(manager), "deep", 256 * 1024);
            deep.setUncaughtExceptionHandler((thread, overflow) -> {});
            deep.start();
            deep.join();
            AcquireRequest next = AcquireRequest.to(A).withTimeout(Duration.ofSeconds(60));
            CompletableFuture<Lease<FakeConnection>> served = manager.acquire(next);
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                System.gc();
                return served.isDone();
            });
            assertThat(served.join().release()).isTrue();
        }
    }

    private static void useForEver(ConnectionManager<FakeConnection> manager) {
        manager.acquire(A).thenAccept(lease -> {
            lease.release();
            useForEver(manager);
        });
    }

    @Test
    void aDirectExecutorNeedsAConstantStackAndRunsNoCallbackInsideARelease() throws Exception {
        try (var manager = ConnectionManager.builder(FakeConnector.prompt())
                .maxOpenPerEndpoint(1)
                .build()) {
            Lease<FakeConnection> held = manager.blocking().acquire(A);
            int many = 20_000;
            CountDownLatch all = new CountDownLatch(many);
            AtomicBoolean onReleaser = new AtomicBoolean();
            Thread releaser = Thread.currentThread();
            for (int i = 0; i < many; i++) {
                manager.acquire(
                        AcquireRequest.to(A),
                        Runnable::run,
                        lease -> {
                            onReleaser.compareAndSet(false, Thread.currentThread() == releaser);
                            lease.release();
                            all.countDown();
                        },
                        failure -> {});
            }
            held.release();
            assertThat(all.await(60, SECONDS)).isTrue();
            assertThat(onReleaser).isFalse();
        }
    }

    @Test
    void aDirectCallbackExecutorNeedsAConstantStack() {
        FirstDialHeldConnector connector = new FirstDialHeldConnector();
        try (var manager = ConnectionManager.builder(connector)
                .callbackExecutor(Runnable::run)
                .maxOpenPerEndpoint(1)
                .build()) {
            List<CompletableFuture<?>> all = new ArrayList<>();
            for (int i = 0; i < 20_000; i++) {
                all.add(manager.acquire(A));
            }
            connector.refuseHeld();
            assertThat(all).allMatch(CompletableFuture::isCompletedExceptionally);
        }
    }

    /** Leaves the first dial unanswered, and refuses all others at once. */
    private static final class FirstDialHeldConnector extends ForwardingConnector {
        private final AtomicReference<@Nullable LinkEvents<FakeConnection>> heldDial = new AtomicReference<>();

        @Override
        public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
            if (!heldDial.compareAndSet(null, events)) {
                refuse(events);
            }
            return () -> {};
        }

        void refuseHeld() {
            refuse(heldDial.get());
        }

        private static void refuse(@Nullable LinkEvents<FakeConnection> events) {
            events.failed(new DialException(Phase.CONNECT, 111, "Connection refused", null));
        }
    }

    // ---- executors and listeners

    @Test
    void aStoppedDialThatNeverBeganFreesItsSlot() {
        ManualExecutor tasks = new ManualExecutor();
        AtomicBoolean dropFirst = new AtomicBoolean(true);
        var manager = ConnectionManager.builder(FakeConnector.prompt())
                .callbackExecutor(task -> {
                    if (!dropFirst.compareAndSet(true, false)) {
                        tasks.execute(task);
                    }
                })
                .maxOpen(1)
                .build();
        manager.acquire(A).cancel(false);
        CompletableFuture<Lease<FakeConnection>> other = manager.acquire(B);
        tasks.runAll();
        assertThat(other)
                .as("the dial to A was dropped, and no waiter needs it")
                .isCompleted();
        manager.close();
        tasks.runAll();
    }

    @Test
    void theListenerIsToldOfAnAnswerThatCouldNotBeDelivered() throws Exception {
        Queue<String> reports = new ConcurrentLinkedQueue<>();
        ConnectionListener listener = new ConnectionListener() {
            @Override
            public void failed(AcquireException failure) {
                reports.add(failure.getClass().getSimpleName());
            }

            @Override
            public void userCodeThrew(String who, Throwable thrown) {
                reports.add(who);
            }
        };
        try (var manager = ConnectionManager.builder(FakeConnector.prompt())
                .listener(listener)
                .build()) {
            CountDownLatch failureDelivered = new CountDownLatch(1);
            manager.acquire(
                    AcquireRequest.to(A),
                    task -> {
                        throw new RejectedExecutionException("full");
                    },
                    lease -> {},
                    failure -> failureDelivered.countDown());
            assertThat(failureDelivered.await(30, SECONDS)).isTrue();
            await().untilAsserted(() -> assertThat(reports).contains("NotDelivered", "the executor of line://a:1"));
        }
    }

    @Test
    void aBusyListenerDoesNotOccupyTheOnlyThread() throws Exception {
        ExecutorService single = Executors.newSingleThreadExecutor();
        AtomicBoolean over = new AtomicBoolean();
        AtomicReference<@Nullable ConnectionManager<FakeConnection>> ownManager = new AtomicReference<>();
        ConnectionListener endless = new ConnectionListener() {
            @Override
            public void acquired(AcquireRequest request, LeaseOrigin origin, Timings timings) {
                Lease<FakeConnection> lease =
                        over.get() ? null : ownManager.get().tryAcquire(A);
                if (lease != null) {
                    lease.release();
                }
            }
        };
        try (var manager = ConnectionManager.builder(FakeConnector.prompt())
                .callbackExecutor(single)
                .listener(endless)
                .build()) {
            ownManager.set(manager);
            manager.acquire(A).get(30, SECONDS).release();
            assertThat(manager.acquire(B).get(30, SECONDS).origin()).isEqualTo(LeaseOrigin.NEW);
            over.set(true);
            manager.close();
            manager.closed().toCompletableFuture().get(30, SECONDS);
        } finally {
            over.set(true);
            single.shutdown();
        }
    }

    @Test
    void afterTheEndTheListenerDoesNotRunOnTheCallersThread() throws Exception {
        Queue<Thread> on = new ConcurrentLinkedQueue<>();
        var manager = ConnectionManager.builder(FakeConnector.prompt())
                .listener(new ConnectionListener() {
                    @Override
                    public void failed(AcquireException failure) {
                        on.add(Thread.currentThread());
                    }
                })
                .build();
        manager.close();
        manager.closed().toCompletableFuture().get(30, SECONDS);
        manager.acquire(A);
        await().until(() -> !on.isEmpty());
        assertThat(on).doesNotContain(Thread.currentThread());
    }

    @Test
    void theThreadsOfAManagerInheritNothingFromTheCaller() throws Exception {
        AtomicReference<@Nullable Object> inherited = new AtomicReference<>();
        InheritableThreadLocal<Object> carried = new InheritableThreadLocal<>() {
            @Override
            protected Object childValue(Object parent) {
                if (parent != null) {
                    inherited.set(parent);
                }
                return parent;
            }
        };
        try (var manager =
                ConnectionManager.builder(FakeConnector.prompt()).name("carry").build()) {
            Thread user = new Thread(() -> {
                Thread.currentThread().setPriority(Thread.MIN_PRIORITY);
                carried.set("the request's context");
                manager.acquire(A).join().release();
            });
            user.start();
            user.join();
            List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().startsWith("carry-"))
                    .toList();
            assertThat(threads).hasSizeGreaterThanOrEqualTo(2).allSatisfy(thread -> {
                assertThat(thread.getPriority()).isEqualTo(Thread.NORM_PRIORITY);
                assertThat(thread.isDaemon()).isTrue();
                assertThat(thread.getContextClassLoader()).isNull();
            });
            assertThat(inherited.get()).isNull();
            LeakCheck.of(manager).check();
        }
    }

    // ---- logs and clocks

    @Test
    void aLogThatThrowsLosesNoPermit() throws Exception {
        Logger log = Logger.getLogger("dev.keepalive");
        Handler full = new Handler() {
            @Override
            public void publish(LogRecord record) {
                throw new IllegalStateException("disk full");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        log.addHandler(full);
        try (var manager = ConnectionManager.builder(FakeConnector.prompt())
                .maxOpenPerEndpoint(1)
                .build()) {
            manager.acquire(A).get(30, SECONDS);
            CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
            await().atMost(Duration.ofSeconds(60)).until(() -> {
                System.gc();
                return waiting.isDone();
            });
        } finally {
            log.removeHandler(full);
        }
    }

    @Test
    void aClockThatStepsBackGivesNoNegativeTimes() {
        AtomicLong clock = new AtomicLong();
        TimeSource steppingBack = new TimeSource() {
            @Override
            public long nanoTime() {
                return clock.addAndGet(-1_000_000);
            }

            @Override
            public Alarm alarm(String name, Runnable onAlarm) {
                return new FakeTime().alarm(name, onAlarm);
            }
        };
        ManualExecutor tasks = new ManualExecutor();
        var manager = ConnectionManager.builder(FakeConnector.prompt())
                .callbackExecutor(tasks)
                .time(steppingBack)
                .build();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        Timings timings = acquired.join().timings();
        assertThat(timings.get(Phase.QUEUE)).isZero();
        assertThat(timings.get(Phase.CONNECT)).isZero();
        manager.close();
        tasks.runAll();
    }

    // ---- the work of a use

    @Test
    void aStageThatRefusesDependentStagesEndsItsUse() {
        @SuppressWarnings("unchecked") // a proxy has the type that it was made for
        CompletionStage<String> refusing = (CompletionStage<String>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {CompletionStage.class}, (proxy, method, arguments) -> {
                    throw new UnsupportedOperationException(method.getName());
                });
        try (var manager = ConnectionManager.builder(FakeConnector.prompt()).build()) {
            CompletableFuture<String> used = manager.use(A, lease -> refusing);
            assertThatThrownBy(() -> used.get(30, SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(UnsupportedOperationException.class);
            await().until(() -> manager.snapshot().all().leased() == 0);
        }
    }
}
