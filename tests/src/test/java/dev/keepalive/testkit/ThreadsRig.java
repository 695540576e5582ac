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
 * A manager with threads of its own, and threads that do things to it at the same moment. At the end nothing may be
 * lost, invented or left over.
 */
abstract class ThreadsRig {
    static final Endpoint A = Endpoint.of("line", "a", 1);
    static final Endpoint B = Endpoint.of("line", "b", 1);

    private final ExecutorService racers = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "racer");
        thread.setDaemon(true);
        return thread;
    });

    FakeConnector connector = FakeConnector.prompt();
    ConnectionManager<FakeConnection> manager =
            ConnectionManager.builder(connector).maxOpenPerEndpoint(1).build();
    private int maxOpen = 128;
    private int maxOpenPerEndpoint = 1;

    /** In place of the manager there is, one with these limits, this connector and these options. */
    void with(FakeConnector own, int most, int mostPerEndpoint, UnaryOperator<ManagerBuilder<FakeConnection>> options) {
        manager.close();
        connector = own;
        maxOpen = most;
        maxOpenPerEndpoint = mostPerEndpoint;
        manager = options.apply(ConnectionManager.builder(own).maxOpen(most).maxOpenPerEndpoint(mostPerEndpoint))
                .build();
    }

    @AfterEach
    void nothingIsLostInventedOrLeftOver() {
        connector.answerAtOnce();
        if (!manager.closed().toCompletableFuture().isDone()) {
            quiescence().used(List.of(A, B)).check();
        }
        manager.close();
        quiescence().checkClosed();
        assertThat(connector.isClosed()).isTrue();
        racers.shutdownNow();
    }

    LeakCheck<FakeConnection> quiescence() {
        return LeakCheck.of(manager, connector).limits(maxOpen, maxOpenPerEndpoint);
    }

    /**
     * Runs all of these at the same moment, as nearly as threads allow, each on its own thread; returns when all have
     * returned.
     */
    void together(List<Callable<?>> all) throws Exception {
        CyclicBarrier start = new CyclicBarrier(all.size());
        List<Future<?>> running = new ArrayList<>();
        for (Callable<?> one : all) {
            running.add(racers.submit(() -> {
                start.await();
                return one.call();
            }));
        }
        for (Future<?> one : running) {
            one.get(60, SECONDS);
        }
    }

    void together(Callable<?>... all) throws Exception {
        together(List.of(all));
    }

    static Lease<FakeConnection> got(CompletableFuture<Lease<FakeConnection>> acquired) throws Exception {
        return acquired.get(30, SECONDS);
    }
}
