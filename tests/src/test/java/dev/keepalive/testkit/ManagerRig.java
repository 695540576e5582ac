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
 * A manager without threads and clock: tasks and time go on when the test says so. At the end, the peers leave, and
 * nothing may be lost or invented ({@link LeakCheck}), and when the manager is closed, nothing may be left.
 */
abstract class ManagerRig {
    static final Endpoint A = Endpoint.of("line", "a", 1);
    static final Endpoint B = Endpoint.of("line", "b", 1);

    private static final int MOST_TRIED = 20;
    private static final int MOST_ROUNDS = 1_000;
    private static final Duration LONGER_THAN_ANY_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGER_THAN_ANY_TIMEOUT = Duration.ofHours(2);

    final FakeTime time = new FakeTime();
    final ManualExecutor tasks = new ManualExecutor();
    FakeConnector connector = FakeConnector.scripted();
    ConnectionManager<FakeConnection> manager = built(connector, 128, 1, options -> options);
    private int maxOpen = 128;
    private int maxOpenPerEndpoint = 1;

    /** In place of the manager there is, with room for one connection per endpoint, one with these limits. */
    void limits(int most, int mostPerEndpoint) {
        with(most, mostPerEndpoint, options -> options);
    }

    /** In place of the manager there is, one with these limits and options. */
    void with(int most, int mostPerEndpoint, UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        replace(connector -> connector, most, mostPerEndpoint, options);
    }

    /**
     * In place of the manager there is, one with room for one connection per endpoint, that reaches the connector
     * through another.
     */
    void through(Function<FakeConnector, Connector<FakeConnection>> outer) {
        replace(outer, 128, 1, options -> options);
    }

    private void replace(
            Function<FakeConnector, Connector<FakeConnection>> outer,
            int most,
            int mostPerEndpoint,
            UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        manager.close();
        tasks.runAll();
        connector = FakeConnector.scripted();
        maxOpen = most;
        maxOpenPerEndpoint = mostPerEndpoint;
        manager = built(outer.apply(connector), most, mostPerEndpoint, options);
    }

    private ConnectionManager<FakeConnection> built(
            Connector<FakeConnection> connector,
            int most,
            int mostPerEndpoint,
            UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        ManagerBuilder<FakeConnection> builder = ConnectionManager.builder(connector)
                .maxOpen(most)
                .maxOpenPerEndpoint(mostPerEndpoint)
                .callbackExecutor(tasks)
                .time(time);
        return options.apply(builder).build();
    }

    @AfterEach
    void nothingIsLostInventedOrLeftOver() {
        peersLeave();
        time.advance(LONGER_THAN_ANY_PAUSE);
        tasks.runAll();
        if (!manager.closed().toCompletableFuture().isDone()) {
            quiescence().check();
        }
        manager.close();
        tasks.runAll();
        quiescence().checkClosed();
        assertThat(connector.isClosed()).isTrue();
        assertThat(time.alarmsSet()).isZero();
    }

    LeakCheck<FakeConnection> quiescence() {
        List<Endpoint> used = connector.dials().stream()
                .map(FakeDial::endpoint)
                .distinct()
                .limit(MOST_TRIED)
                .toList();
        return LeakCheck.of(manager, connector)
                .limits(maxOpen, maxOpenPerEndpoint)
                .used(used)
                .stepWith(tasks::runAll)
                .advanceIdleTime(this::passIdleTime);
    }

    /** First the usual idle timeout alone, so that what is closed then is not overdue when more has passed. */
    private void passIdleTime() {
        time.advance(Duration.ofSeconds(15));
        tasks.runAll();
        time.advance(LONGER_THAN_ANY_TIMEOUT);
        tasks.runAll();
    }

    /** Whatever the test has left leased, waiting or dialling ends by its peer, as often as there is something. */
    private void peersLeave() {
        connector.answerAtOnce();
        for (int rounds = 0; rounds == 0 || connector.openLinks() > 0; rounds++) {
            tasks.runAll();
            connector.dials().forEach(FakeDial::refuse);
            connector.links().forEach(FakeLink::peerResets);
            tasks.runAll();
            assertThat(rounds).as("rounds of peers that leave").isLessThan(MOST_ROUNDS);
        }
        Counts left = manager.snapshot().all();
        assertThat(left.waiting()).as("answered when all dials were").isZero();
        assertThat(left.open()).as("gone when all connections were").isZero();
    }

    static Executor refusing() {
        return task -> {
            throw new RejectedExecutionException("full");
        };
    }

    /** The dial that is under way succeeds, and whoever waits is told. */
    FakeLink dialled() {
        tasks.runAll();
        FakeLink link = connector.nextDial().succeed();
        tasks.runAll();
        return link;
    }

    Lease<FakeConnection> leased() {
        return leased(A);
    }

    Lease<FakeConnection> leased(Endpoint endpoint) {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(endpoint);
        dialled();
        return acquired.join();
    }

    static Throwable failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return future.handle((value, failure) -> failure).join();
    }
}
