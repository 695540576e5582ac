package dev.keepalive.soak;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Budget;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Snapshot;
import dev.keepalive.Totals;
import dev.keepalive.netty.Requests;
import dev.keepalive.spi.TimeSource;
import dev.keepalive.testkit.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Checks a manager that is not used any more: nothing was lost, nothing invented. Each defect becomes a finding. */
final class QuietManagerCheck {
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int POLLS_PER_COLLECTION = 40;

    private final ChaosServer server;
    private final SoakFindings findings;
    private final Duration patience;
    private final TimeSource time = TimeSource.system();

    /** @param patience how long a condition may take to become true */
    QuietManagerCheck(ChaosServer server, SoakFindings findings, Duration patience) {
        this.server = server;
        this.findings = findings;
        this.patience = patience;
    }

    /**
     * No lease is held and no caller waits, after the connections have had time to settle; every acquire has ended
     * once; manager and server agree on what is open.
     */
    void settled(ManagerUnderTest tested) {
        until(tested, "all that is open is idle", () -> {
            Counts all = tested.manager().snapshot().all();
            return all.waiting() == 0 && all.open() == all.idle() && all.leases() + all.leaving() == 0;
        });
        until(
                tested,
                "the manager and the server agree on what is open, and on the room for leases",
                () -> agree(tested));
        countsAddUp(tested);
    }

    /** After the idle timeout nothing is left: no connection, no endpoint, no remembered failure. */
    void empty(ManagerUnderTest tested) {
        until(tested, "the idle timeout has closed everything and removed every endpoint", () -> {
            Snapshot snapshot = tested.manager().snapshot();
            Counts all = snapshot.all();
            return all.open() + all.waiting() == 0 && snapshot.endpoints().isEmpty() && openAtServer(tested) == 0;
        });
    }

    /** As many permits of the budget are in use as these managers hold connections. */
    void agree(Budget budget, List<ManagerUnderTest> managers) {
        until(managers.get(0), "as many permits of the " + budget + " are in use as connections are open", () -> {
            int open = managers.stream()
                    .mapToInt(tested -> tested.manager().snapshot().all().open())
                    .sum();
            return budget.inUse() == open && budget.waiting() == 0;
        });
    }

    /**
     * A budget that one manager has nearly used up serves another manager with the rest. One more acquire waits until a
     * release. The connections of the other one are not shared.
     */
    void full(Budget budget, ManagerUnderTest one, ManagerUnderTest other) throws InterruptedException {
        List<Lease<Requests<CheckedExchange, String>>> held = new ArrayList<>();
        try {
            for (int i = 0; i < one.maxOpen(); i++) {
                Endpoint endpoint = one.endpoints().get(i % one.endpoints().size());
                for (int leases = EndpointKind.of(endpoint).leasesInPeace(); leases > 0; leases--) {
                    held.add(take(one, endpoint));
                }
            }
            int left = budget.permits() - one.maxOpen();
            for (int i = 0; i < left; i++) {
                held.add(take(other, other.endpoints().get(i % other.endpoints().size())));
            }
            CompletableFuture<Lease<Requests<CheckedExchange, String>>> extra =
                    begin(other, other.endpoints().get(left % other.endpoints().size()));
            if (extra.isDone() || budget.inUse() != budget.permits()) {
                findings.add("the " + budget + " is used up, but one more acquire did not wait: " + budget.inUse()
                        + " in use");
            }
            held.remove(0).release();
            held.add(received(other, extra));
        } catch (ExecutionException e) {
            findings.add("with " + budget.inUse() + " in use of the " + budget + ", one more got " + e.getCause() + "\n"
                    + one.manager().snapshot() + "\n" + other.manager().snapshot());
        }
        held.forEach(Lease::release);
        agree(budget, List.of(one, other));
    }

    /**
     * Each endpoint, and the manager in all, takes exactly as many connections as its limit allows. One more acquire
     * waits, and a release serves it.
     */
    void full(ManagerUnderTest tested) {
        Totals before = tested.manager().snapshot().totals();
        int last = tested.endpoints().size() - 1;
        try {
            LeakCheck.of(tested.manager())
                    .limits(tested.maxOpen(), tested.maxOpenPerEndpoint())
                    .countedBy("the server", () -> openAtServer(tested))
                    .endpoints(i -> tested.endpoints().get(Math.min(i, last)))
                    .leasesPerConnection(endpoint -> EndpointKind.of(endpoint).leasesInPeace())
                    .used(tested.endpoints())
                    .check();
        } catch (AssertionError defect) {
            findings.add(String.valueOf(defect.getMessage()));
        }
        Totals after = tested.manager().snapshot().totals();
        tested.tally().addServed(before, after);
    }

    /** The manager is being drained, and all work ends by itself. */
    void drained(ManagerUnderTest tested, CompletableFuture<Boolean> drained) throws InterruptedException {
        until(tested, "the drain has ended", drained::isDone);
        if (drained.isDone() && !drained.join()) {
            findings.add("a drain with enough time cut a lease short\n"
                    + tested.manager().snapshot());
        }
        countsAddUp(tested);
        closed(tested);
    }

    /** The manager is closed, and nothing of it is left. */
    void closed(ManagerUnderTest tested) throws InterruptedException {
        try {
            tested.manager().closed().toCompletableFuture().get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            findings.add(
                    "the manager does not close: " + e + "\n" + tested.manager().snapshot());
        }
        until(tested, "the server sees nothing open after the end", () -> openAtServer(tested) == 0);
    }

    /** Waits until the process uses no more than it did before. */
    void footprint(ProcessFootprint before) {
        try {
            long begun = time.nanoTime();
            ProcessFootprint now = ProcessFootprint.now();
            while (!now.isNear(before) && time.nanoTime() - begun < patience.toNanos()) {
                LockSupport.parkNanos(POLL);
                now = ProcessFootprint.now();
            }
            if (!now.isNear(before)) {
                findings.add("the process held " + before + " before, and holds " + now + " now: "
                        + Thread.getAllStackTraces().keySet());
            }
        } catch (IOException e) {
            findings.add("the process cannot be measured: " + e);
        }
    }

    // ---- settled

    private boolean agree(ManagerUnderTest tested) {
        Map<Endpoint, Counts> here = tested.manager().snapshot().endpoints();
        Map<Endpoint, Integer> there = server.open();
        for (Endpoint endpoint : tested.endpoints()) {
            Counts counts = here.get(endpoint);
            int idle = counts == null ? 0 : counts.idle();
            int room = counts == null ? 0 : counts.room();
            // A place that is lost would be missing here.
            if (room != idle * EndpointKind.of(endpoint).leasesInPeace()) {
                return false;
            }
            if (idle != Objects.requireNonNullElse(there.get(endpoint), 0)) {
                return false;
            }
        }
        return true;
    }

    private int openAtServer(ManagerUnderTest tested) {
        Map<Endpoint, Integer> open = server.open();
        return tested.endpoints().stream()
                .mapToInt(endpoint -> open.getOrDefault(endpoint, 0))
                .sum();
    }

    private void countsAddUp(ManagerUnderTest tested) {
        OutcomeTally tally = tested.tally();
        Totals totals = tested.manager().snapshot().totals();
        long answered = totals.immediate() + totals.deferred() + totals.created();
        long ended = answered + totals.timedOut() + totals.failed() + totals.cancelled();
        long started = tally.of(WorkerCount.STARTED);
        if (tally.ended() != started) {
            findings.add(started + " acquires were begun, but the workers saw the end of " + tally.ended());
        }
        long asked = started - tally.of(WorkerCount.NONE_IDLE);
        if (ended > asked || ended < asked - tally.of(WorkerCount.INTERRUPTED)) {
            findings.add(asked + " acquires reached the manager, up to " + tally.of(WorkerCount.INTERRUPTED)
                    + " fewer because of interrupts, but the manager ended " + ended + ": " + totals);
        }
        long received = tally.of(WorkerCount.IMMEDIATE, WorkerCount.DEFERRED, WorkerCount.NEW);
        if (received > answered) {
            findings.add("the workers received " + received + " leases, but the manager gave " + answered);
        }
        if (totals.leaked() > tally.of(WorkerCount.LEAKED, WorkerCount.DROPPED)) {
            findings.add(totals.leaked() + " leases were reclaimed, but only "
                    + tally.of(WorkerCount.LEAKED, WorkerCount.DROPPED) + " were leaked");
        }
    }

    // ---- acquires of the checks

    private static Lease<Requests<CheckedExchange, String>> received(
            ManagerUnderTest tested, CompletableFuture<Lease<Requests<CheckedExchange, String>>> future)
            throws ExecutionException, InterruptedException {
        Lease<Requests<CheckedExchange, String>> lease = future.get();
        tested.tally().lease(lease.origin());
        return lease;
    }

    private Lease<Requests<CheckedExchange, String>> take(ManagerUnderTest tested, Endpoint endpoint)
            throws ExecutionException, InterruptedException {
        return received(tested, begin(tested, endpoint));
    }

    private CompletableFuture<Lease<Requests<CheckedExchange, String>>> begin(
            ManagerUnderTest tested, Endpoint endpoint) {
        tested.tally().add(WorkerCount.STARTED);
        return tested.manager().acquire(AcquireRequest.to(endpoint).withTimeout(patience));
    }

    private void until(ManagerUnderTest tested, String what, BooleanSupplier condition) {
        long begun = time.nanoTime();
        int polls = 0;
        while (!condition.getAsBoolean()) {
            if (time.nanoTime() - begun > patience.toNanos()) {
                findings.add("not true after " + patience.toSeconds() + " s: " + what + "\n"
                        + tested.manager().snapshot() + "\n  open at the server: " + server.open());
                return;
            }
            if (++polls % POLLS_PER_COLLECTION == 0) {
                // Leaked leases are reclaimed when they are garbage.
                System.gc();
            }
            LockSupport.parkNanos(POLL);
        }
    }
}
