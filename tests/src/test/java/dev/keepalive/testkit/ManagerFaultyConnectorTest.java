package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
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
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An error of a connector harms only the connections of that connector. */
class ManagerFaultyConnectorTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);

    @Test
    void aLinkThatIsNullIsAFailedDial() {
        try (var manager = ConnectionManager.builder(answering((events, dial) -> {
                    events.opened(null);
                    return null;
                }))
                .build()) {
            assertThatThrownBy(() -> manager.acquire(A).get(30, SECONDS))
                    .hasCauseInstanceOf(AcquireException.DialFailed.class);
            assertThat(manager.snapshot().all().open()).isZero();
        }
    }

    @Test
    void aLinkThatIsReportedOpenTwiceStaysOpenForItsHolder() {
        ManualExecutor tasks = new ManualExecutor();
        var manager = ConnectionManager.builder(answering((events, dial) -> {
                    FakeLink link = dial.succeed();
                    events.opened(link);
                    return null;
                }))
                .callbackExecutor(tasks)
                .build();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        assertThat(acquired.join().connection().link().isOpen()).isTrue();
        manager.close();
        tasks.runAll();
    }

    @Test
    void theCloseReasonIsUnexpectedInputEvenIfAnAcquireFindsTheConnectionDead() {
        ManualExecutor tasks = new ManualExecutor();
        Queue<CloseReason> reasons = new ConcurrentLinkedQueue<>();
        AtomicReference<@Nullable LinkEvents<FakeConnection>> first = new AtomicReference<>();
        var manager = ConnectionManager.builder(answering((events, dial) -> {
                    first.compareAndSet(null, events);
                    dial.succeed();
                    return null;
                }))
                .callbackExecutor(tasks)
                .listener(new ConnectionListener() {
                    @Override
                    public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
                        reasons.add(reason);
                    }
                })
                .build();
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        tasks.runAll();
        acquired.join().release();
        first.get().inputReceived();
        manager.acquire(A);
        tasks.runAll();
        assertThat(reasons).containsExactly(CloseReason.UNEXPECTED_INPUT);
        manager.close();
        tasks.runAll();
    }

    @Test
    void aUseEndsThoughTheConnectorThrowsWhenItIsAskedForItsEventLoop() {
        AtomicBoolean broken = new AtomicBoolean();
        var connector = new ForwardingConnector(FakeConnector.prompt()) {
            @Override
            public @Nullable Executor currentEventLoop() {
                if (broken.get()) {
                    throw new IllegalStateException("broken");
                }
                return super.currentEventLoop();
            }
        };
        try (var manager = ConnectionManager.builder(connector).build()) {
            CompletableFuture<String> work = new CompletableFuture<>();
            CompletableFuture<String> use = manager.use(AcquireRequest.to(A), lease -> work);
            await().until(() -> manager.snapshot().all().leased() == 1);
            broken.set(true);
            work.complete("done");
            assertThat(use.getNow("still waiting")).isEqualTo("done");
            assertThat(manager.snapshot().all().leased()).isZero();
            broken.set(false);
        }
    }

    @Test
    void aHandleInTheMakingBlocksNoReleaseAndIsNotReturnedAfterIt() throws Exception {
        SlowHandleConnector connector = new SlowHandleConnector();
        try (var manager =
                ConnectionManager.builder(connector).maxOpenPerEndpoint(1).build()) {
            Lease<String> first = manager.acquire(A).get(30, SECONDS);
            CompletableFuture<String> late =
                    CompletableFuture.supplyAsync(first::connection, task -> new Thread(task).start());
            assertThat(connector.makingHandle.await(30, SECONDS)).isTrue();
            CompletableFuture<Boolean> release =
                    CompletableFuture.supplyAsync(first::release, task -> new Thread(task).start());
            assertThat(release.get(30, SECONDS)).isTrue();
            Lease<String> second = manager.acquire(A).get(30, SECONDS);
            connector.resumed.countDown();
            assertThatThrownBy(() -> late.get(30, SECONDS)).hasCauseInstanceOf(IllegalStateException.class);
            assertThat(connector.calls).containsExactly("reset 1", "handle 1");
            assertThat(second.connection()).isEqualTo("handle 2");
            assertThat(second.release()).isTrue();
        }
    }

    /** A connector whose first handle is made only when the test resumes it. */
    private static final class SlowHandleConnector implements Connector<String> {
        final List<String> calls = new CopyOnWriteArrayList<>();
        final CountDownLatch makingHandle = new CountDownLatch(1);
        final CountDownLatch resumed = new CountDownLatch(1);

        @Override
        public void claim() {}

        @Override
        public void requireSupported(Endpoint endpoint) {}

        @Override
        public Dial connect(DialRequest request, LinkEvents<String> events) {
            events.opened(new Link<>() {
                @Override
                public String handle(Lease<String> lease, long number) {
                    makingHandle.countDown();
                    try {
                        resumed.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    calls.add("handle " + number);
                    return "handle " + number;
                }

                @Override
                public void reset(long number) {
                    calls.add("reset " + number);
                    events.resetDone(true);
                }

                @Override
                public void close() {
                    events.closed(null);
                }
            });
            return () -> {};
        }

        @Override
        public CompletionStage<?> close() {
            return CompletableFuture.completedStage(null);
        }
    }

    /** A connector whose dials the given function answers. */
    private static ForwardingConnector answering(
            BiFunction<LinkEvents<FakeConnection>, FakeDial, @Nullable Void> answer) {
        return new ForwardingConnector() {
            @Override
            public Dial connect(DialRequest request, LinkEvents<FakeConnection> events) {
                Dial dial = super.connect(request, events);
                answer.apply(events, scripted.nextDial());
                return dial;
            }
        };
    }
}
