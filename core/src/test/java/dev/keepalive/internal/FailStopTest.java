package dev.keepalive.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.Budget;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.machine.Machine;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.Dial;
import dev.keepalive.spi.DialRequest;
import dev.keepalive.spi.Link;
import dev.keepalive.spi.LinkEvents;
import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An event that throws in the machine ends the manager: no effect of that event is performed, each connection is
 * closed, and each waiter and the listener are told.
 */
class FailStopTest {
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final Endpoint B = Endpoint.of("line", "b", 1);

    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final List<String> log = new ArrayList<>();
    private final List<AcquireException> failures = new ArrayList<>();
    private final FakeConnector connector = new FakeConnector();
    private final Budget budget = Budget.of(3);
    private boolean alarmThrows;
    private final DefaultConnectionManager<String> manager = newManager();

    private DefaultConnectionManager<String> newManager() {
        ManagerBuilder<String> builder = ConnectionManager.builder(connector)
                .maxOpen(3)
                .maxOpenPerEndpoint(1)
                .budget(budget)
                .time(new StoppedClock())
                .callbackExecutor(tasks::add)
                .listener(new Listener());
        return (DefaultConnectionManager<String>) builder.build();
    }

    private void runAll() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    private Lease<String> leased(Endpoint endpoint) {
        CompletableFuture<Lease<String>> acquired = manager.acquire(endpoint);
        runAll();
        return acquired.join();
    }

    /** Submits an event that changes the machine, and then throws. */
    private static void failMachine(
            DefaultConnectionManager<?> manager, Throwable failure, ObjLongConsumer<Machine> before) {
        assertThatThrownBy(() -> manager.machine().submit((machine, now) -> {
                    before.accept(machine, now);
                    throw FailStopTest.<RuntimeException>unchecked(failure);
                }))
                .isSameAs(failure);
    }

    @SuppressWarnings("unchecked") // to throw any error through a lambda
    private static <T extends Throwable> T unchecked(Throwable failure) throws T {
        throw (T) failure;
    }

    @ParameterizedTest
    @Tag("J10")
    @ValueSource(classes = {IllegalStateException.class, StackOverflowError.class, OutOfMemoryError.class})
    void allConnectionsAreClosedAndAllWaitersAndTheListenerAreTold(Class<? extends Throwable> kind) throws Exception {
        Throwable cause = kind.getConstructor(String.class).newInstance("broken");
        leased(B).release();
        Lease<String> held = leased(A);
        CompletableFuture<Lease<String>> waiting = manager.acquire(A);
        runAll();
        assertThat(budget.inUse()).isEqualTo(2);

        failMachine(manager, cause, Machine::tick);
        runAll();

        assertThat(waiting).isCompletedExceptionally();
        AcquireException failure =
                (AcquireException) waiting.handle((lease, thrown) -> thrown).join();
        assertThat(failure).isInstanceOf(AcquireException.Closed.class).hasCause(cause);
        assertThat(failure.request().endpoint()).isEqualTo(A);
        assertThat(failures).containsExactly(failure);
        assertThat(connector.open).as("connections that are open").isZero();
        assertThat(connector.closed).isTrue();
        assertThat(manager.closed()).isCompleted();
        assertThat(budget.inUse()).as("permits in use").isZero();
        assertThat(log).containsOnlyOnce("the manager " + cause);
        assertThat(log.stream().filter(line -> line.startsWith("closed"))).hasSize(2);
        assertThat(held.release()).as("a release afterwards does no harm").isTrue();
        runAll();
        assertThat(tasks).isEmpty();
    }

    @Test
    @Tag("J10")
    void noEffectOfTheEventThatThrewIsPerformed() {
        BlockingAcquire<String> half = new BlockingAcquire<>(manager, AcquireRequest.to(A), 0);
        failMachine(manager, new IllegalStateException("broken"), (machine, now) -> machine.acquire(half.waiter, now));
        runAll();
        assertThat(connector.dials).as("dials that the event had decided on").isZero();
        assertThatThrownBy(half::await).isInstanceOf(AcquireException.Closed.class);
        assertThat(manager.closed()).isCompleted();
    }

    @Test
    @Tag("J10")
    void aWaiterThatTheFailedEventAnsweredGetsTheFailureInstead() {
        Lease<String> held = leased(A);
        CompletableFuture<Lease<String>> waiting = manager.acquire(A);
        runAll();
        failMachine(manager, new IllegalStateException("broken"), (machine, now) -> machine.shutdown(now));
        runAll();
        assertThat(waiting.handle((lease, thrown) -> thrown).join()).hasRootCauseMessage("broken");
        assertThat(failures).as("reported once").hasSize(1);
        assertThat(connector.open).isZero();
        assertThat(held.invalidate()).isTrue();
    }

    @Test
    @Tag("J10")
    void aWaiterThatItsOwnEventHasHalfAnsweredIsToldOnce() {
        AcquireRequest tooLate = AcquireRequest.to(A).withTimeout(Duration.ofNanos(1));
        BlockingAcquire<String> half = new BlockingAcquire<>(manager, tooLate, 0);
        // A wrong index: the machine throws between the answer and the waiter's way out of its queue.
        half.waiter.heapIndex(1000);
        assertThatThrownBy(() -> manager.machine().submit(half.waiter, (machine, now) -> {
                    machine.acquire(half.waiter, now + 1);
                    return true;
                }))
                .isInstanceOf(IndexOutOfBoundsException.class);
        runAll();
        assertThatThrownBy(half::await).isInstanceOf(AcquireException.Closed.class);
        assertThat(failures).as("reported once").hasSize(1);
        assertThat(manager.closed()).isCompleted();
    }

    @Test
    void anAlarmThatThrowsAtItsEndDoesNotKeepTheManagerOpen() {
        alarmThrows = true;
        manager.close();
        runAll();
        assertThat(connector.closed).isTrue();
        assertThat(manager.closed()).isCompleted();
        assertThat(log).containsExactly("the alarm's close java.lang.IllegalStateException: no end");
    }

    @Test
    @Tag("J10")
    void eachLaterCallFailsAtOnceWithTheCause() {
        failMachine(manager, new IllegalStateException("broken"), Machine::tick);

        CompletableFuture<Lease<String>> future = manager.acquire(A);
        assertThat(future.handle((lease, thrown) -> thrown).join())
                .isInstanceOf(AcquireException.Closed.class)
                .hasRootCauseMessage("broken")
                .hasMessageContaining("the manager has failed, and is closed");
        List<AcquireException> answers = new ArrayList<>();
        manager.acquire(AcquireRequest.to(A), Runnable::run, lease -> {}, answers::add);
        assertThat(answers).singleElement().isInstanceOf(AcquireException.Closed.class);
        assertThatThrownBy(() -> manager.blocking().acquire(A)).isInstanceOf(AcquireException.Closed.class);
        assertThatThrownBy(() -> manager.tryAcquire(A)).hasRootCauseMessage("broken");
        assertThatThrownBy(manager::snapshot).hasRootCauseMessage("broken");
        assertThatThrownBy(() -> manager.maxOpen(7)).hasRootCauseMessage("broken");
        assertThat(manager).asString().contains("failed").contains("broken");
        manager.close();
        runAll();
        assertThat(manager.closed()).isCompleted();
        assertThat(manager.drain(Duration.ofSeconds(1)).toCompletableFuture().join())
                .as("clean")
                .isFalse();
    }

    @Test
    void anErrorBeforeTheMachineHasChangedFailsOnlyThatCall() {
        assertThatThrownBy(() -> manager.machine().submit((machine, now) -> {
                    throw new StackOverflowError("the caller's own");
                }))
                .isInstanceOf(StackOverflowError.class);
        leased(A).release();
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        manager.close();
        runAll();
        assertThat(manager.closed()).isCompleted();
    }

    @Test
    @Tag("J10")
    void aDialThatSucceedsAfterwardsIsClosed() {
        connector.holdsDials = true;
        CompletableFuture<Lease<String>> waiting = manager.acquire(A);
        runAll();
        LinkEvents<String> dial = connector.heldDials.get(0);
        failMachine(manager, new IllegalStateException("broken"), Machine::tick);
        connector.succeed(dial);
        runAll();
        assertThat(waiting).isCompletedExceptionally();
        assertThat(connector.open).isZero();
        assertThat(manager.closed()).isCompleted();
    }

    /** Records what the listener is told. */
    private final class Listener implements ConnectionListener {
        @Override
        public void failed(AcquireException failure) {
            failures.add(failure);
        }

        @Override
        public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
            log.add("closed " + endpoint + " " + reason);
        }

        @Override
        public void userCodeThrew(String who, Throwable thrown) {
            log.add(who + " " + thrown);
        }
    }

    /** A connector whose dials succeed at once, or when the test says so. */
    private static final class FakeConnector implements Connector<String> {
        private final List<LinkEvents<String>> heldDials = new ArrayList<>();
        private boolean holdsDials;
        private int dials;
        private int open;
        private boolean closed;

        @Override
        public void claim() {
            // there is only one manager
        }

        @Override
        public void requireSupported(Endpoint endpoint) {
            // every endpoint is supported
        }

        @Override
        public Dial connect(DialRequest request, LinkEvents<String> events) {
            dials++;
            if (holdsDials) {
                heldDials.add(events);
            } else {
                succeed(events);
            }
            return () -> {};
        }

        void succeed(LinkEvents<String> events) {
            open++;
            events.opened(new FakeLink(events));
        }

        @Override
        public CompletionStage<?> close() {
            closed = true;
            return CompletableFuture.completedFuture(null);
        }

        private final class FakeLink implements Link<String> {
            private final LinkEvents<String> events;
            private boolean over;

            FakeLink(LinkEvents<String> events) {
                this.events = events;
            }

            @Override
            public String handle(Lease<String> lease, long number) {
                return "a connection";
            }

            @Override
            public void reset(long number) {
                events.resetDone(true);
            }

            @Override
            public void close() {
                if (!over) {
                    over = true;
                    open--;
                    events.closed(null);
                }
            }
        }
    }

    /** A clock whose time does not pass. */
    private final class StoppedClock implements TimeSource {
        @Override
        public long nanoTime() {
            return 0;
        }

        @Override
        public Alarm alarm(String name, Runnable onAlarm) {
            return new Alarm() {
                @Override
                public void set(long nanosFromNow) {
                    // it never goes off
                }

                @Override
                public void close() {
                    if (alarmThrows) {
                        throw new IllegalStateException("no end");
                    }
                }
            };
        }
    }
}
