package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.spi.Connector;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/**
 * A manager without threads and without a clock: the test runs its tasks and advances its time. At the end of a test
 * the peers close all connections. Then no permit may be lost or invented ({@link LeakCheck}), and nothing may be left
 * when the manager is closed.
 */
abstract class ManagerRig {
    static final Endpoint A = Endpoint.of("line", "a", 1);
    static final Endpoint B = Endpoint.of("line", "b", 1);

    private static final int MAX_ENDPOINTS_CHECKED = 20;
    private static final int MAX_ROUNDS = 1_000;
    private static final Duration LONGER_THAN_ANY_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGER_THAN_ANY_TIMEOUT = Duration.ofHours(2);

    final FakeTime time = new FakeTime();
    final ManualExecutor tasks = new ManualExecutor();
    FakeConnector connector = FakeConnector.scripted();
    ConnectionManager<FakeConnection> manager = built(connector, 128, 1, options -> options);
    private int maxOpen = 128;
    private int maxOpenPerEndpoint = 1;

    /** Replaces the manager by one with these limits. */
    void replaceManager(int newMaxOpen, int newMaxOpenPerEndpoint) {
        replaceManager(newMaxOpen, newMaxOpenPerEndpoint, options -> options);
    }

    /** Replaces the manager by one with these limits and options. */
    void replaceManager(
            int newMaxOpen, int newMaxOpenPerEndpoint, UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        replaceManager(connector -> connector, newMaxOpen, newMaxOpenPerEndpoint, options);
    }

    /**
     * Replaces the manager by one that may open one connection per endpoint, and that reaches the fake connector
     * through the given one.
     */
    void replaceManager(Function<FakeConnector, Connector<FakeConnection>> outer) {
        replaceManager(outer, 128, 1, options -> options);
    }

    /** Replaces the manager by one that reaches the fake connector through the given one. */
    void replaceManager(
            Function<FakeConnector, Connector<FakeConnection>> outer,
            int newMaxOpen,
            int newMaxOpenPerEndpoint,
            UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        manager.close();
        tasks.runAll();
        connector = FakeConnector.scripted();
        maxOpen = newMaxOpen;
        maxOpenPerEndpoint = newMaxOpenPerEndpoint;
        manager = built(outer.apply(connector), newMaxOpen, newMaxOpenPerEndpoint, options);
    }

    private ConnectionManager<FakeConnection> built(
            Connector<FakeConnection> connector,
            int newMaxOpen,
            int newMaxOpenPerEndpoint,
            UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        ManagerBuilder<FakeConnection> builder = ConnectionManager.builder(connector)
                .maxOpen(newMaxOpen)
                .maxOpenPerEndpoint(newMaxOpenPerEndpoint)
                .callbackExecutor(tasks)
                .time(time);
        return options.apply(builder).build();
    }

    @AfterEach
    void noPermitIsLostOrInventedAndNothingIsLeft() {
        endAllConnections();
        time.advance(LONGER_THAN_ANY_PAUSE);
        tasks.runAll();
        if (!manager.closed().toCompletableFuture().isDone()) {
            leakCheck().check();
        }
        manager.close();
        tasks.runAll();
        leakCheck().checkClosed();
        assertThat(connector.isClosed()).isTrue();
        assertThat(time.alarmsSet()).isZero();
    }

    LeakCheck<FakeConnection> leakCheck() {
        List<Endpoint> used = connector.dials().stream()
                .map(FakeDial::endpoint)
                .distinct()
                .limit(MAX_ENDPOINTS_CHECKED)
                .toList();
        return LeakCheck.of(manager, connector)
                .limits(maxOpen, maxOpenPerEndpoint)
                .used(used)
                .stepWith(tasks::runAll)
                .advanceIdleTime(this::passIdleTime);
    }

    /**
     * Advances by the default idle timeout first, so that no close of that moment is overdue after the long advance.
     */
    private void passIdleTime() {
        time.advance(Duration.ofSeconds(15));
        tasks.runAll();
        time.advance(LONGER_THAN_ANY_TIMEOUT);
        tasks.runAll();
    }

    /** Peers refuse all dials and reset all connections, until none is left. */
    private void endAllConnections() {
        connector.answerAtOnce();
        for (int rounds = 0; rounds == 0 || connector.openLinks() > 0; rounds++) {
            tasks.runAll();
            connector.dials().forEach(FakeDial::refuse);
            connector.links().forEach(FakeLink::peerResets);
            tasks.runAll();
            assertThat(rounds)
                    .as("rounds of refused dials and reset connections")
                    .isLessThan(MAX_ROUNDS);
        }
        Counts left = manager.snapshot().all();
        assertThat(left.waiting())
                .as("all waiters are answered with their dials")
                .isZero();
        assertThat(left.open()).as("all slots are gone with their connections").isZero();
    }

    static Executor refusingExecutor() {
        return task -> {
            throw new RejectedExecutionException("full");
        };
    }

    /** Lets the dial that is under way succeed, and runs the tasks that follow. */
    FakeLink succeedDial() {
        tasks.runAll();
        FakeLink link = connector.nextDial().succeed();
        tasks.runAll();
        return link;
    }

    Lease<FakeConnection> lease() {
        return lease(A);
    }

    Lease<FakeConnection> lease(Endpoint endpoint) {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(endpoint);
        succeedDial();
        return acquired.join();
    }

    static Throwable failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return future.handle((value, failure) -> failure).join();
    }
}
