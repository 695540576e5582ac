package dev.keepalive.stress;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeLink;
import dev.keepalive.testkit.ManualExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * Everything that users, network, clock and executor may do, including calls whose effect shows only later. The calls
 * have no results; the {@link #audit} after each execution decides.
 */
public class LincheckLosses extends StressRig {
    /** The most acquires of one scenario. */
    static final int MOST = 12;

    private static final int MAX_OPEN = 2;

    private final ManualExecutor tasks;
    private final AtomicReferenceArray<Future<?>> asked = new AtomicReferenceArray<>(MOST);
    private final AtomicReferenceArray<Lease<FakeConnection>> got = new AtomicReferenceArray<>(MOST);
    private final AtomicReferenceArray<String> answers = new AtomicReferenceArray<>(MOST);
    private final AtomicReference<String> elsewhere = new AtomicReference<>();
    private final List<FakeLink> links = new ArrayList<>();
    private boolean begun;

    /** A manager of two endpoints, with places for two connections; {@link #runTask} runs its tasks. */
    public LincheckLosses() {
        this(new ManualExecutor());
    }

    private LincheckLosses(ManualExecutor tasks) {
        super(Dials.PROMPT, MAX_OPEN, MAX_OPEN, tasks, tasks::runAll);
        this.tasks = tasks;
    }

    /** Ends the preparation. */
    @Operation
    public void begin() {
        settle();
        begun = true;
    }

    /** Called once after each execution: ends everything and audits the manager. */
    @Validate
    public void nothingIsLost() {
        LincheckFigures.executed();
        manager.maxOpen(MAX_OPEN);
        settle();
        if (elsewhere.get() != null) {
            throw new AssertionError(elsewhere.get());
        }
        int unanswered = 0;
        for (int id = 0; id < MOST; id++) {
            unanswered += asked.get(id) == null || asked.get(id).isDone() ? 0 : 1;
        }
        int waiting = manager.snapshot().all().waiting();
        letGo();
        letGo();
        String audit = waiting == unanswered ? audit() : unanswered + " unanswered, " + waiting + " waiting";
        if (!audit.equals(CONSERVED)) {
            throw new AssertionError(audit);
        }
    }

    /** Ends everything that is held. Called twice, because the first time may serve waiters. */
    private void letGo() {
        for (int id = 0; id < MOST; id++) {
            giveUp(id);
            release(id);
            if (answers.get(id) != null && answers.get(id).contains(" and ")) {
                throw new AssertionError("answered " + answers.get(id));
            }
        }
        settle();
    }

    private void take(int id, Lease<FakeConnection> lease) {
        leadsWhereItShould(lease);
        got.set(id, lease);
        answered(id, lease.origin().name());
        if (!begun) {
            links.add(lease.connection().link());
        }
    }

    private void answered(int id, String answer) {
        answers.accumulateAndGet(id, answer, (before, now) -> before == null ? now : before + " and " + now);
    }

    /** Acquires by future. Each id is used once, here or in the two calls below. */
    public void acquire(int id, int endpoint, boolean timed) {
        AcquireRequest request = AcquireRequest.to(endpoint(endpoint));
        CompletableFuture<Lease<FakeConnection>> future = manager.acquire(timed ? request.withTimeout(STEP) : request);
        future.thenAccept(lease -> take(id, lease));
        asked.set(id, future);
    }

    /** Acquires by callbacks. */
    public void call(int id, int endpoint) {
        AcquireRequest request = AcquireRequest.to(endpoint(endpoint));
        asked.set(id, manager.acquire(request, Runnable::run, lease -> take(id, lease), failure -> answered(id, "no")));
    }

    /** Uses a connection without doing anything. */
    public void use(int id, int endpoint) {
        asked.set(id, manager.use(endpoint(endpoint), lease -> CompletableFuture.completedFuture("")));
    }

    public void tryAcquire(int id, int endpoint) {
        Lease<FakeConnection> lease = manager.tryAcquire(endpoint(endpoint));
        if (lease != null) {
            leadsWhereItShould(lease);
        }
        got.set(id, lease);
    }

    private void leadsWhereItShould(Lease<FakeConnection> lease) {
        FakeLink link = lease.connection().link();
        if (!link.endpoint().equals(lease.request().endpoint())) {
            elsewhere.set(link + " for " + lease.request());
        }
    }

    /** Releases the connection as one to another endpoint. */
    public void pass(int id, int endpoint) {
        Lease<FakeConnection> lease = got.get(id);
        if (lease != null) {
            lease.releaseAs(endpoint(endpoint));
        }
    }

    public void evict(int endpoint) {
        manager.evict(endpoint(endpoint)::equals);
    }

    public void limit(int maxOpen) {
        manager.maxOpen(maxOpen);
    }

    public void giveUp(int id) {
        Future<?> future = asked.get(id);
        if (future != null) {
            future.cancel(false);
        }
    }

    public void release(int id) {
        Lease<FakeConnection> lease = got.get(id);
        if (lease != null) {
            lease.release();
        }
    }

    public void invalidate(int id) {
        Lease<FakeConnection> lease = got.get(id);
        if (lease != null) {
            lease.invalidate();
        }
    }

    public void peerCloses(int number) {
        if (number < links.size()) {
            links.get(number).peerCloses();
        }
    }

    public void peerSpeaks(int number) {
        if (number < links.size() && links.get(number).isOpen()) {
            links.get(number).peerSpeaks();
        }
    }

    @Operation
    public void tick() {
        time.step(STEP);
    }

    @Operation
    public void runTask() {
        tasks.runNext();
    }

    @Operation
    public void closeManager() {
        close();
    }

    @Operation
    public void drainManager() {
        drain();
    }

    private static Endpoint endpoint(int number) {
        return number == 0 ? A : B;
    }
}
