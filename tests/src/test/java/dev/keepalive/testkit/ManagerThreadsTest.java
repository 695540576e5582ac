package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.LinkEvents;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Blocking calls, event loops and constant stacks, with real threads and the real clock. */
class ManagerThreadsTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final Endpoint B = Endpoint.of("line", "b", 1);

    private final FakeConnector connector = FakeConnector.prompt();
    private final ConnectionManager<FakeConnection> manager = ConnectionManager.builder(connector)
            .name("threads-test")
            .maxOpenPerEndpoint(1)
            .build();
    private final CountDownLatch testOver = new CountDownLatch(1);

    @AfterEach
    void noConnectionAndNoThreadStaysBehind() throws Exception {
        testOver.countDown();
        connector.eventLoop(new Thread("no event loop"), Runnable::run);
        await().until(() -> {
            connector.links().forEach(FakeLink::peerResets);
            return manager.snapshot().endpoints().isEmpty();
        });
        LeakCheck<FakeConnection> leakCheck =
                LeakCheck.of(manager, connector).limits(128, 1).used(List.of(A, B));
        leakCheck.check();
        manager.close();
        manager.closed().toCompletableFuture().get(30, SECONDS);
        leakCheck.checkClosed();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(threads("threads-test")).isEmpty());
    }

    // ---- blocking

    @Test
    void blockingUseReturnsTheResultAndKeepsTheConnection() throws Exception {
        String result = manager.blocking().use(A, lease -> "pong");
        assertThat(result).isEqualTo("pong");
        assertThat(manager.blocking().acquire(A).origin()).isEqualTo(LeaseOrigin.IMMEDIATE);
    }

    @Test
    void blockingUseThatThrowsClosesTheConnection() throws Exception {
        assertThatThrownBy(() -> manager.blocking().use(A, lease -> {
                    throw new java.io.IOException("half a reply");
                }))
                .hasMessage("half a reply");
        assertThat(manager.blocking().acquire(A).origin()).isEqualTo(LeaseOrigin.NEW);
    }

    @Test
    void blockingUseRefusesAFutureAsItsResult() {
        assertThatThrownBy(() -> manager.blocking().use(A, lease -> CompletableFuture.completedFuture("pong")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ConnectionManager.use");
        await().untilAsserted(() -> assertThat(connector.openLinks()).isZero());
    }

    @Test
    void blockingAcquireFailsInTheCallersOwnStack() throws Exception {
        manager.blocking().acquire(A);
        AcquireRequest request = AcquireRequest.to(A).withTimeout(Duration.ofMillis(5));
        assertThatThrownBy(() -> manager.blocking().acquire(request))
                .isInstanceOf(AcquireException.TimedOut.class)
                .satisfies(failure -> assertThat(failure.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(ManagerThreadsTest.class.getName())));
    }

    @Test
    void anInterruptCancelsABlockingAcquireAndLosesNothing() throws Exception {
        Lease<FakeConnection> held = manager.blocking().acquire(A);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread waiting = new Thread(() -> {
            try {
                manager.blocking().acquire(A);
            } catch (Throwable failure) {
                thrown.set(failure);
            }
        });
        waiting.start();
        await().until(() -> manager.snapshot().all().waiting() == 1);
        waiting.interrupt();
        waiting.join();
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertThat(manager.snapshot().all().waiting()).isZero();
        held.release();
        assertThat(manager.tryAcquire(A)).isNotNull();
    }

    @Test
    void interruptsThatRaceWithDeliveriesLoseNothing() throws Exception {
        for (int round = 0; round < 2_000; round++) {
            Lease<FakeConnection> held = manager.blocking().acquire(A);
            Thread waiting = new Thread(() -> {
                try {
                    manager.blocking().acquire(A).release();
                } catch (InterruptedException | AcquireException cancelled) {
                    // both are allowed; no connection may be lost
                }
            });
            waiting.start();
            Thread interrupting = new Thread(waiting::interrupt);
            interrupting.start();
            held.release();
            waiting.join();
            interrupting.join();
        }
        assertThat(manager.blocking().acquire(A).release()).isTrue();
        assertThat(manager.snapshot().all().open()).isOne();
    }

    @Test
    void blockingOnAnEventLoopIsRefused() throws Exception {
        connector.eventLoop(Thread.currentThread(), Runnable::run);
        assertThatThrownBy(() -> manager.blocking().acquire(A)).isInstanceOf(IllegalStateException.class);
        CompletableFuture<Lease<FakeConnection>> held = manager.acquire(A);
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        assertThatThrownBy(waiting::join).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(waiting::get).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> waiting.thenApply(Lease::uses).get(1, SECONDS))
                .isInstanceOf(IllegalStateException.class);
        assertThat(held).isNotNull();
        waiting.cancel(false);
    }

    @Test
    void anAcquireOnAnEventLoopIsAnsweredOnThatLoop() {
        ManualExecutor loop = new ManualExecutor();
        connector.eventLoop(Thread.currentThread(), loop);
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        await().until(() -> loop.size() == 1);
        assertThat(acquired).isNotDone();
        loop.runAll();
        assertThat(acquired).isCompleted();
    }

    // ---- constant stack

    @Test
    void manyWaitersReleasedInTheirCallbacksNeedAConstantStackAndAreServedInOrder() throws Exception {
        int many = 20_000;
        List<Integer> served = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(many);
        Lease<FakeConnection> held = manager.blocking().acquire(A);
        AtomicInteger deepest = new AtomicInteger();
        Executor small = smallStack();
        for (int i = 0; i < many; i++) {
            int number = i;
            AcquireRequest request = AcquireRequest.to(A).withTimeout(Duration.ofMinutes(5));
            manager.acquire(
                    request,
                    small,
                    lease -> {
                        served.add(number);
                        if (number % 100 == 0) {
                            deepest.accumulateAndGet(new Throwable().getStackTrace().length, Math::max);
                        }
                        lease.release();
                        all.countDown();
                    },
                    failure -> all.countDown());
        }
        held.release();
        assertThat(all.await(120, SECONDS)).isTrue();
        assertThat(served).hasSize(many).isSorted();
        assertThat(deepest.get()).isLessThan(40);
        assertThat(connector.dials()).as("one connection serves all waiters").hasSize(1);
    }

    private static Executor smallStack() {
        return Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(null, task, "small stack", 512 * 1024);
            thread.setDaemon(true);
            return thread;
        });
    }

    @Test
    void manyFuturesReleasedInTheirStagesNeedAConstantStack() throws Exception {
        int many = 20_000;
        CountDownLatch all = new CountDownLatch(many);
        Lease<FakeConnection> held = manager.blocking().acquire(A);
        for (int i = 0; i < many; i++) {
            manager.acquire(A).thenAccept(lease -> {
                lease.release();
                all.countDown();
            });
        }
        held.release();
        assertThat(all.await(120, SECONDS)).isTrue();
    }

    // ---- foreign code that blocks

    @Test
    void callbacksThatBlockForEverDelayNoOtherAcquire() throws Exception {
        for (int i = 0; i < 50; i++) {
            Endpoint endpoint = Endpoint.of("line", "blocked" + i, 1);
            Lease<FakeConnection> held = manager.blocking().acquire(endpoint);
            manager.acquire(endpoint).thenAccept(lease -> awaitLatch(testOver));
            held.release();
        }
        assertThat(manager.acquire(B).get(30, SECONDS).origin()).isEqualTo(LeaseOrigin.NEW);
        Lease<FakeConnection> held = manager.blocking().acquire(A);
        CompletableFuture<Lease<FakeConnection>> waiting = manager.acquire(A);
        held.release();
        assertThat(waiting.get(30, SECONDS).origin()).isEqualTo(LeaseOrigin.DEFERRED);
    }

    @Test
    void twoThousandCallbacksOfFailuresThatBlockDelayNoOtherLease() throws Exception {
        int many = 2_000;
        FakeConnector scripted = FakeConnector.scripted();
        CountDownLatch blocked = new CountDownLatch(many);
        try (var small = ConnectionManager.builder(scripted)
                .maxOpen(4)
                .maxOpenPerEndpoint(1)
                .build()) {
            for (int i = 0; i < many; i++) {
                small.acquire(AcquireRequest.to(A), Runnable::run, Lease::release, failure -> {
                    blocked.countDown();
                    awaitLatch(testOver);
                });
            }
            for (int dial = 1; dial <= 2; dial++) {
                int begun = dial;
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> scripted.dials().size() == begun);
                scripted.nextDial().refuse();
            }
            assertThat(blocked.await(60, SECONDS)).isTrue();
            scripted.answerAtOnce();
            assertThat(small.acquire(B).get(60, SECONDS).origin()).isEqualTo(LeaseOrigin.NEW);
            testOver.countDown();
        }
    }

    @Test
    @Tag("D19")
    void aConnectorThatBlocksInConnectDelaysNoOtherAcquire() throws Exception {
        FakeConnector others = FakeConnector.prompt();
        try (var blocked = ConnectionManager.builder(new HostBlockingConnector("a", others))
                .build()) {
            CompletableFuture<Lease<FakeConnection>> stuck =
                    blocked.acquire(AcquireRequest.to(A).withTimeout(Duration.ofMillis(20)));
            assertThat(blocked.acquire(B).get(30, SECONDS)).isNotNull();
            assertThatThrownBy(() -> stuck.get(30, SECONDS)).hasCauseInstanceOf(AcquireException.TimedOut.class);
            testOver.countDown();
        }
    }

    @Test
    void aListenerThatBlocksDelaysNoAcquire() throws Exception {
        FakeConnector prompt = FakeConnector.prompt();
        try (var manager = ConnectionManager.builder(prompt)
                .listener(new dev.keepalive.ConnectionListener() {
                    @Override
                    public void opened(Endpoint endpoint, dev.keepalive.Timings dial) {
                        awaitLatch(testOver);
                    }
                })
                .build()) {
            assertThat(manager.acquire(A).get(30, SECONDS)).isNotNull();
            assertThat(manager.acquire(B).get(30, SECONDS)).isNotNull();
            testOver.countDown();
        }
    }

    private final class HostBlockingConnector implements Connector<FakeConnection> {
        private final String host;
        private final FakeConnector others;

        HostBlockingConnector(String host, FakeConnector others) {
            this.host = host;
            this.others = others;
        }

        @Override
        public void claim() {
            others.claim();
        }

        @Override
        public void requireSupported(Endpoint endpoint) {
            others.requireSupported(endpoint);
        }

        @Override
        public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
            if (request.endpoint().host().equals(host)) {
                awaitLatch(testOver);
            }
            return others.connect(request, events);
        }

        @Override
        public CompletionStage<?> close() {
            return others.close();
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- many threads

    @Test
    void manyThreadsNeverExceedTheLimitsAndLoseNothing() throws Exception {
        FakeConnector many = FakeConnector.prompt();
        var busy =
                ConnectionManager.builder(many).maxOpen(5).maxOpenPerEndpoint(2).build();
        List<Thread> threads = new ArrayList<>();
        AtomicInteger done = new AtomicInteger();
        for (int t = 0; t < 16; t++) {
            Endpoint endpoint = Endpoint.of("line", "h" + t % 4, 1);
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 500; i++) {
                    try (Lease<FakeConnection> lease = busy.blocking().acquire(endpoint)) {
                        if (i % 7 != 0) {
                            lease.release();
                        }
                        done.incrementAndGet();
                    } catch (AcquireException | InterruptedException e) {
                        throw new AssertionError(e);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(done.get()).isEqualTo(16 * 500);
        assertThat(many.mostOpenLinks()).isLessThanOrEqualTo(5);
        LeakCheck<FakeConnection> leakCheck = LeakCheck.of(busy, many).limits(5, 2);
        leakCheck.check();
        busy.close();
        leakCheck.checkClosed();
    }

    private static List<String> threads(String prefix) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith(prefix))
                .toList();
    }
}
