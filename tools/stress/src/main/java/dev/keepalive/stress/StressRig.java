package dev.keepalive.stress;

import dev.keepalive.ConnectionManager;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeConnector;
import dev.keepalive.testkit.FakeDial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A manager without threads of its own, and the audit that ends every test: nothing is left over, no place was lost,
 * none was invented. The audit counts open connections where a server would.
 */
public class StressRig {
    /** The result of an audit without findings. */
    public static final String CONSERVED = "conserved";

    /** An endpoint. */
    public static final Endpoint A = Endpoint.of("line", "a", 1);

    /** Another endpoint. */
    public static final Endpoint B = Endpoint.of("line", "b", 1);

    /**
     * One step of the clock expires idle connections, dials, and waiters with {@link #STEP} as timeout. A close may
     * take longer.
     */
    public static final Duration STEP = Duration.ofSeconds(4);

    /** The connector. */
    public final FakeConnector connector;

    /** The manager under test. */
    public final ConnectionManager<FakeConnection> manager;

    /** The manager's clock. */
    protected final SteppedTime time = new SteppedTime();

    /** Completes the setup of connections, where there is one. */
    protected final CompletableFuture<Void> ready = new CompletableFuture<>();

    /** Kept in a field: the JDK holds loggers weakly, and their levels are lost with them. */
    private static final Logger LOG = Logger.getLogger("dev.keepalive");

    static {
        // Every execution provokes warnings on purpose. Written, they would take longer than the calls that race.
        LOG.setLevel(Level.OFF);
    }

    private final boolean scripted;
    private final int maxOpen;
    private final int maxOpenPerEndpoint;
    private final Runnable tasks;
    private boolean closed;
    private int answeredDials;

    /** Who answers a dial. */
    protected enum Dials {
        /** The connector, at once, with a connection. */
        PROMPT,
        /** The test, or {@link #settle}. */
        SCRIPTED
    }

    /** A manager whose tasks run on the thread that causes them. */
    protected StressRig(Dials dials, int maxOpen, int maxOpenPerEndpoint) {
        this(dials, maxOpen, maxOpenPerEndpoint, Runnable::run, () -> {});
    }

    /**
     * A manager whose tasks go to an executor.
     *
     * @param tasks runs the queued tasks of the executor
     */
    protected StressRig(Dials dials, int maxOpen, int maxOpenPerEndpoint, Executor executor, Runnable tasks) {
        this(dials, maxOpen, maxOpenPerEndpoint, executor, tasks, false);
    }

    /** A manager with a setup that {@link #ready} completes, on the thread that completes it. */
    protected StressRig(int maxOpen) {
        this(Dials.PROMPT, maxOpen, maxOpen, Runnable::run, () -> {}, true);
    }

    private StressRig(
            Dials dials, int maxOpen, int maxOpenPerEndpoint, Executor executor, Runnable tasks, boolean setUp) {
        scripted = dials == Dials.SCRIPTED;
        connector = scripted ? FakeConnector.scripted() : FakeConnector.prompt();
        this.maxOpen = maxOpen;
        this.maxOpenPerEndpoint = maxOpenPerEndpoint;
        this.tasks = tasks;
        ManagerBuilder<FakeConnection> builder = ConnectionManager.builder(connector);
        if (setUp) {
            // A copy: an abandoned setup is cancelled, and the next one must still be able to complete.
            builder.setup((connection, endpoint) -> ready.copy());
        }
        manager = builder.maxOpen(maxOpen)
                .maxOpenPerEndpoint(maxOpenPerEndpoint)
                .idleTimeout(STEP)
                .dialTimeout(STEP)
                .callbackExecutor(executor)
                .time(time)
                .build();
    }

    /** Acquires a new connection. */
    protected final Lease<FakeConnection> leased(Endpoint endpoint) {
        CompletableFuture<Lease<FakeConnection>> acquired = manager.acquire(endpoint);
        settle();
        return acquired.join();
    }

    /** Closes the manager. */
    protected final void close() {
        closed = true;
        manager.close();
    }

    /** Drains the manager, with more time than a test takes. */
    protected final CompletableFuture<Boolean> drain() {
        closed = true;
        return manager.drain(Duration.ofHours(1)).toCompletableFuture();
    }

    /**
     * Runs all tasks and answers all scripted dials: dials that the manager stopped with a failure, the others with a
     * connection.
     */
    protected final void settle() {
        tasks.run();
        if (!scripted) {
            return;
        }
        for (List<FakeDial> dials = connector.dials(); answeredDials < dials.size(); dials = connector.dials()) {
            answer(dials.get(answeredDials++));
            tasks.run();
        }
    }

    /** Answers a dial that has no answer yet. */
    protected void answer(FakeDial dial) {
        if (dial.isStopped()) {
            dial.refuse();
        } else {
            dial.succeed();
        }
    }

    /**
     * Checks the manager; called when every lease has ended and every waiter is answered or cancelled.
     *
     * @return {@link #CONSERVED}, or the defect
     */
    protected final String audit() {
        settle();
        Counts all = manager.snapshot().all();
        if (all.waiting() != 0 || all.open() != all.idle()) {
            return "left over: " + all;
        }
        if (connector.openLinks() != all.open()) {
            return "manager counts " + all.open() + " open, connector " + connector.openLinks();
        }
        String places = closed ? CONSERVED : places();
        if (!places.equals(CONSERVED)) {
            return places;
        }
        close();
        settle();
        if (!manager.closed().toCompletableFuture().isDone() || !connector.isClosed()) {
            return "does not close: " + manager.snapshot().all();
        }
        return connector.mostOpenLinks() > maxOpen ? "opened " + connector.mostOpenLinks() : CONSERVED;
    }

    /** As many leases as allowed can be acquired; one more acquire waits, and one release serves it. */
    private String places() {
        List<CompletableFuture<Lease<FakeConnection>>> acquired = new ArrayList<>();
        for (int i = Math.min(maxOpen, maxOpenPerEndpoint) * connector.leasesPerConnection(); i > 0; i--) {
            acquired.add(manager.acquire(A));
        }
        settle();
        if (!acquired.stream().allMatch(CompletableFuture::isDone)) {
            return "place lost: " + manager.snapshot().all();
        }
        CompletableFuture<Lease<FakeConnection>> oneMore = manager.acquire(A);
        settle();
        if (oneMore.isDone()) {
            return "place invented: " + manager.snapshot().all();
        }
        acquired.get(0).join().release();
        settle();
        return oneMore.isDone()
                ? CONSERVED
                : "a release served no waiter: " + manager.snapshot().all();
    }
}
