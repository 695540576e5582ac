package dev.keepalive.testkit;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;

/**
 * A manager with threads of its own, and test threads that call it at the same moment. At the end of a test no permit
 * may be lost or invented, and nothing may be left.
 */
abstract class ThreadedManagerRig {
    static final Endpoint A = Endpoint.of("line", "a", 1);
    static final Endpoint B = Endpoint.of("line", "b", 1);

    private final ExecutorService testThreads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "test thread");
        thread.setDaemon(true);
        return thread;
    });

    FakeConnector connector = FakeConnector.prompt();
    ConnectionManager<FakeConnection> manager =
            ConnectionManager.builder(connector).maxOpenPerEndpoint(1).build();
    private int maxOpen = 128;
    private int maxOpenPerEndpoint = 1;

    /** Replaces the manager by one with this connector, these limits and these options. */
    void replaceManager(
            FakeConnector newConnector,
            int newMaxOpen,
            int newMaxOpenPerEndpoint,
            UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        manager.close();
        connector = newConnector;
        maxOpen = newMaxOpen;
        maxOpenPerEndpoint = newMaxOpenPerEndpoint;
        manager = options.apply(ConnectionManager.builder(newConnector)
                        .maxOpen(newMaxOpen)
                        .maxOpenPerEndpoint(newMaxOpenPerEndpoint))
                .build();
    }

    @AfterEach
    void noPermitIsLostOrInventedAndNothingIsLeft() {
        connector.answerAtOnce();
        if (!manager.closed().toCompletableFuture().isDone()) {
            leakCheck().used(List.of(A, B)).check();
        }
        manager.close();
        leakCheck().checkClosed();
        assertThat(connector.isClosed()).isTrue();
        testThreads.shutdownNow();
    }

    LeakCheck<FakeConnection> leakCheck() {
        return LeakCheck.of(manager, connector).limits(maxOpen, maxOpenPerEndpoint);
    }

    /**
     * Runs all tasks at the same moment, as nearly as threads allow, each on its own thread. Returns when all have
     * returned.
     */
    void runTogether(List<Callable<?>> all) throws Exception {
        CyclicBarrier start = new CyclicBarrier(all.size());
        List<Future<?>> running = new ArrayList<>();
        for (Callable<?> each : all) {
            running.add(testThreads.submit(() -> {
                start.await();
                return each.call();
            }));
        }
        for (Future<?> each : running) {
            each.get(60, SECONDS);
        }
    }

    void runTogether(Callable<?>... all) throws Exception {
        runTogether(List.of(all));
    }

    static Lease<FakeConnection> leaseOf(CompletableFuture<Lease<FakeConnection>> acquired) throws Exception {
        return acquired.get(30, SECONDS);
    }
}
