package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;

/** A manager without threads and clock: tasks and time go on when the test says so. At the end, everything must be closed. */
abstract class ManagerRig {
    static final Endpoint A = Endpoint.of("line", "a", 1);
    static final Endpoint B = Endpoint.of("line", "b", 1);

    final FakeConnector connector = FakeConnector.scripted();
    final FakeTime time = new FakeTime();
    final QueuedTasks tasks = new QueuedTasks();
    final ConnectionManager<FakeConnection> manager = ConnectionManager.builder(connector)
            .maxOpenPerEndpoint(1)
            .callbacks(tasks)
            .time(time)
            .build();

    @AfterEach
    void everythingIsClosedInTheEnd() {
        manager.close();
        tasks.runAll();
        connector.dials().forEach(dial -> dial.fail(new IOException("the test is over")));
        tasks.runAll();
        assertThat(manager.closed().toCompletableFuture()).isCompleted();
        assertThat(connector.openLinks()).isZero();
        assertThat(connector.isClosed()).isTrue();
        assertThat(manager.snapshot().all().open()).isZero();
        assertThat(time.alarmsSet()).isZero();
    }

    static java.util.concurrent.Executor refusing() {
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
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(A);
        dialled();
        return acquired.join();
    }

    static Throwable failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return future.handle((value, failure) -> failure).join();
    }
}
