package dev.keepalive.stress;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.testkit.FakeConnection;
import dev.keepalive.testkit.FakeDial;
import dev.keepalive.testkit.FakeLink;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/**
 * Calls whose results show what the manager decided within the call, with nothing still under way. {@link #outcome},
 * the last call of every scenario, shows the final result.
 */
public class LincheckDecisions extends StressRig {
    /** The most acquires of one scenario. */
    static final int MOST = 12;

    private static final int MAX_OPEN = 2;

    private final AtomicReferenceArray<Future<?>> asked = new AtomicReferenceArray<>(MOST);
    private final AtomicReferenceArray<String> answers = new AtomicReferenceArray<>(MOST);
    private final AtomicReferenceArray<Lease<FakeConnection>> delivered = new AtomicReferenceArray<>(MOST);

    /**
     * The leases that calls may end: those from before {@link #begin}, and those that a thread got within its own call.
     */
    private final AtomicReferenceArray<Lease<FakeConnection>> held = new AtomicReferenceArray<>(MOST);

    private final boolean[] dialEnded = new boolean[2 * MOST];
    final List<FakeLink> links = new ArrayList<>();
    private List<FakeDial> dials = List.of();
    private boolean begun;

    /** A manager of two endpoints, with places for two connections. */
    public LincheckDecisions() {
        super(Dials.SCRIPTED, MAX_OPEN, MAX_OPEN);
    }

    // ---- the beginning and the end of a scenario

    /** Ends the preparation: all threads may use the leases, dials and links that exist now. */
    @Operation
    public void begin() {
        dials = connector.dials();
        begun = true;
    }

    /** Lets everything settle, and says which acquire got what and whether anything was lost. */
    @Operation
    public String outcome() {
        settle();
        manager.maxOpen(MAX_OPEN);
        settle();
        StringBuilder outcome = new StringBuilder();
        for (int id = 0; id < MOST; id++) {
            outcome.append(answers.get(id)).append(' ');
        }
        outcome.append(manager.snapshot().all()).append("; ");
        for (int id = 0; id < MOST; id++) {
            cancel(id);
            end(delivered.get(id));
            end(held.get(id));
        }
        beforeAudit();
        return outcome.append(audit()).toString();
    }

    /** Called when everything has ended: undoes what the audit does not expect. */
    protected void beforeAudit() {
        // there is nothing
    }

    private static void end(Lease<FakeConnection> lease) {
        if (lease != null) {
            lease.release();
        }
    }

    @Override
    protected void answer(FakeDial dial) {
        if (!dialEnded[dial.number() - 1]) {
            super.answer(dial);
        }
    }

    /** Called once after each execution. */
    @Validate
    public void count() {
        LincheckFigures.executed();
    }

    // ---- users

    public String acquire(int id, int endpoint, boolean timed) {
        AcquireRequest request = AcquireRequest.to(endpoint(endpoint));
        asked.set(
                id,
                manager.acquire(
                        timed ? request.withTimeout(STEP) : request,
                        Runnable::run,
                        lease -> {
                            delivered.set(id, lease);
                            answered(id, lease.origin().name());
                        },
                        failure -> answered(id, failure.getClass().getSimpleName())));
        boolean atOnce = LeaseOrigin.IMMEDIATE.name().equals(answers.get(id));
        if (atOnce || !begun) {
            held.set(id, delivered.get(id));
        }
        return atOnce ? "at once" : "later";
    }

    private void answered(int id, String answer) {
        answers.accumulateAndGet(id, answer, (before, now) -> before == null ? now : before + " and " + now);
    }

    public boolean tryAcquire(int id, int endpoint) {
        Lease<FakeConnection> lease = manager.tryAcquire(endpoint(endpoint));
        held.set(id, lease);
        return lease != null;
    }

    public String cancel(int id) {
        Future<?> future = asked.get(id);
        return future == null ? "nothing" : String.valueOf(future.cancel(false));
    }

    public String release(int id) {
        Lease<FakeConnection> lease = held(id);
        return lease == null ? "nothing" : String.valueOf(lease.release());
    }

    public String invalidate(int id) {
        Lease<FakeConnection> lease = held(id);
        return lease == null ? "nothing" : String.valueOf(lease.invalidate());
    }

    /** Ends idle connections, and all others after their present lease. */
    public void evict(int endpoint) {
        manager.evict(endpoint(endpoint)::equals);
    }

    public void limit(int maxOpen) {
        manager.maxOpen(maxOpen);
    }

    @Operation
    public void closeManager() {
        close();
    }

    @Operation
    public void drainManager() {
        drain();
    }

    @Operation
    public String counts() {
        Counts all = manager.snapshot().all();
        return all.idle() + " idle, " + all.leased() + " leased, " + all.waiting() + " waiting";
    }

    // ---- the clock, the network, the peer

    @Operation
    public void tick() {
        time.step(STEP);
    }

    /** Lets a dial succeed or fail, at most once for each dial. */
    public void dialEnds(int number, boolean well) {
        List<FakeDial> known = begun ? dials : connector.dials();
        if (number >= known.size()) {
            return;
        }
        dialEnded[number] = true;
        if (!well) {
            known.get(number).refuse();
            return;
        }
        FakeLink link = known.get(number).succeed();
        if (!begun) {
            links.add(link);
            for (int id = 0; id < MOST; id++) {
                held.set(id, delivered.get(id));
            }
        }
    }

    public void peerCloses(int number) {
        if (number < links.size()) {
            links.get(number).peerCloses();
        }
    }

    private Lease<FakeConnection> held(int id) {
        return held.get(id);
    }

    private static Endpoint endpoint(int number) {
        return number == 0 ? A : B;
    }
}
