package dev.keepalive.soak;

import dev.keepalive.AcquireRequest;
import dev.keepalive.Budget;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.Snapshot;
import dev.keepalive.Totals;
import dev.keepalive.netty.NettyConnection;
import dev.keepalive.spi.TimeSource;
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

/**
 * The checks of a manager that nobody uses any more: that nothing was lost and nothing invented. What is wrong is a
 * finding.
 */
final class Quiescence {
    private static final long POLL = TimeUnit.MILLISECONDS.toNanos(5);
    private static final int POLLS_PER_COLLECTION = 40;

    private final ChaosServer server;
    private final Findings findings;
    private final Duration patience;
    private final TimeSource time = TimeSource.system();

    /** @param patience what is not so by then, is not going to be */
    Quiescence(ChaosServer server, Findings findings, Duration patience) {
        this.server = server;
        this.findings = findings;
        this.patience = patience;
    }

    /**
     * Nobody holds a lease or waits for one, after so long as the connections need to settle; every acquire has ended
     * once; and the manager and the server agree on what is open.
     */
    void settled(Client client) {
        until(client, "all that is open is idle", () -> {
            Counts all = client.manager().snapshot().all();
            return all.waiting() == 0 && all.open() == all.idle();
        });
        until(client, "the manager and the server agree on what is open", () -> agree(client));
        countsAddUp(client);
    }

    /** When its time is up, nothing is left: no connection, no endpoint, and no failure that is remembered of one. */
    void empty(Client client) {
        until(client, "the idle timeout has closed everything, and no endpoint is kept", () -> {
            Snapshot snapshot = client.manager().snapshot();
            Counts all = snapshot.all();
            return all.open() + all.waiting() == 0 && snapshot.endpoints().isEmpty() && openAtServer(client) == 0;
        });
    }

    /** Of the permits of a shared budget, as many are out as these managers hold connections. */
    void agree(Budget budget, List<Client> clients) {
        until(clients.get(0), "as many permits of the " + budget + " are out as connections are open", () -> {
            int open = clients.stream()
                    .mapToInt(client -> client.manager().snapshot().all().open())
                    .sum();
            return budget.inUse() == open && budget.waiting() == 0;
        });
    }

    /**
     * A budget that one manager has nearly used up serves another one as far as it goes; one more waits until something
     * is released.
     */
    void full(Budget budget, Client one, Client other) throws InterruptedException {
        List<Lease<NettyConnection>> held = new ArrayList<>();
        try {
            for (int i = 0; i < one.maxOpen(); i++) {
                held.add(take(one, one.endpoints().get(i % one.endpoints().size())));
            }
            int left = budget.permits() - one.maxOpen();
            for (int i = 0; i < left; i++) {
                held.add(take(other, other.endpoints().get(i % other.endpoints().size())));
            }
            CompletableFuture<Lease<NettyConnection>> extra =
                    begin(other, other.endpoints().get(left % other.endpoints().size()));
            if (extra.isDone() || budget.inUse() != budget.permits()) {
                findings.add("the " + budget + " is used up, and one more did not wait: " + budget.inUse() + " in use");
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
     * Each endpoint, and all together, take as many connections as they may and no more; one more is served by a
     * release.
     */
    void full(Client client) throws InterruptedException {
        for (Endpoint endpoint : client.endpoints()) {
            List<Endpoint> one = new ArrayList<>();
            for (int i = 0; i < Math.min(client.maxOpen(), client.maxOpenPerEndpoint()); i++) {
                one.add(endpoint);
            }
            fill(client, one, endpoint);
        }
        List<Endpoint> all = new ArrayList<>();
        int most = Math.min(client.maxOpen(), client.endpoints().size() * client.maxOpenPerEndpoint());
        for (int i = 0; i < most; i++) {
            all.add(client.endpoints().get(i % client.endpoints().size()));
        }
        fill(client, all, client.endpoints().get(most % client.endpoints().size()));
    }

    /** The manager is being drained, and all that was begun ends by itself. */
    void drained(Client client, CompletableFuture<Boolean> drained) throws InterruptedException {
        until(client, "the drain has ended", drained::isDone);
        if (drained.isDone() && !drained.join()) {
            findings.add("a drain that had time cut something short\n"
                    + client.manager().snapshot());
        }
        countsAddUp(client);
        closed(client);
    }

    /** The manager is closed, and nothing is left of it. */
    void closed(Client client) throws InterruptedException {
        try {
            client.manager().closed().toCompletableFuture().get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | TimeoutException e) {
            findings.add(
                    "the manager does not end: " + e + "\n" + client.manager().snapshot());
        }
        until(client, "the server sees nothing open after the end", () -> openAtServer(client) == 0);
    }

    /** Waits until the process holds no more than it did before. */
    void footprint(Footprint before) {
        try {
            long begun = time.nanoTime();
            Footprint now = Footprint.now();
            while (!now.isNear(before) && time.nanoTime() - begun < patience.toNanos()) {
                LockSupport.parkNanos(POLL);
                now = Footprint.now();
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

    private boolean agree(Client client) {
        Map<Endpoint, Counts> here = client.manager().snapshot().endpoints();
        Map<Endpoint, Integer> there = server.open();
        for (Endpoint endpoint : client.endpoints()) {
            Counts counts = here.get(endpoint);
            int idle = counts == null ? 0 : counts.idle();
            if (idle != Objects.requireNonNullElse(there.get(endpoint), 0)) {
                return false;
            }
        }
        return true;
    }

    private int openAtServer(Client client) {
        Map<Endpoint, Integer> open = server.open();
        return client.endpoints().stream()
                .mapToInt(endpoint -> open.getOrDefault(endpoint, 0))
                .sum();
    }

    private void countsAddUp(Client client) {
        Tally tally = client.tally();
        Totals totals = client.manager().snapshot().totals();
        long answered = totals.immediate() + totals.deferred() + totals.created();
        long ended = answered + totals.timedOut() + totals.failed() + totals.cancelled();
        long started = tally.of(Count.STARTED);
        if (tally.ended() != started) {
            findings.add(started + " acquires were begun, and the workers saw the end of " + tally.ended());
        }
        long asked = started - tally.of(Count.NONE_IDLE);
        if (ended > asked || ended < asked - tally.of(Count.INTERRUPTED)) {
            findings.add(asked + " acquires were asked for, up to " + tally.of(Count.INTERRUPTED)
                    + " less by interrupts, and the manager ended " + ended + ": " + totals);
        }
        long received = tally.of(Count.IMMEDIATE, Count.DEFERRED, Count.NEW);
        if (received > answered) {
            findings.add("the workers received " + received + " leases, and the manager gave " + answered);
        }
        if (totals.leaked() > tally.of(Count.FORGOTTEN, Count.DROPPED)) {
            findings.add(totals.leaked() + " leases were taken back, and " + tally.of(Count.FORGOTTEN, Count.DROPPED)
                    + " were forgotten");
        }
    }

    // ---- full

    private void fill(Client client, List<Endpoint> endpoints, Endpoint oneMore) throws InterruptedException {
        List<Lease<NettyConnection>> held = new ArrayList<>();
        if (!findings.isEmpty()) {
            return;
        }
        try {
            for (Endpoint endpoint : endpoints) {
                held.add(take(client, endpoint));
            }
            CompletableFuture<Lease<NettyConnection>> extra = begin(client, oneMore);
            if (client.manager().snapshot().all().waiting() != 1) {
                findings.add("with " + held.size() + " in use, one more did not wait for " + oneMore + "\n"
                        + client.manager().snapshot());
            }
            held.remove(0).release();
            held.add(received(client, extra));
        } catch (ExecutionException e) {
            findings.add("with " + held.size() + " of " + endpoints.size() + " in use, one more got " + e.getCause()
                    + "\n" + client.manager().snapshot());
        }
        held.forEach(Lease::release);
        until(client, "what was released is idle", () -> {
            Counts all = client.manager().snapshot().all();
            return all.open() == all.idle();
        });
    }

    private static Lease<NettyConnection> received(Client client, CompletableFuture<Lease<NettyConnection>> future)
            throws ExecutionException, InterruptedException {
        Lease<NettyConnection> lease = future.get();
        client.tally().lease(lease.origin());
        return lease;
    }

    private Lease<NettyConnection> take(Client client, Endpoint endpoint)
            throws ExecutionException, InterruptedException {
        return received(client, begin(client, endpoint));
    }

    private CompletableFuture<Lease<NettyConnection>> begin(Client client, Endpoint endpoint) {
        client.tally().add(Count.STARTED);
        return client.manager().acquire(AcquireRequest.to(endpoint).withTimeout(patience));
    }

    private void until(Client client, String what, BooleanSupplier condition) {
        long begun = time.nanoTime();
        int polls = 0;
        while (!condition.getAsBoolean()) {
            if (time.nanoTime() - begun > patience.toNanos()) {
                findings.add("not so, after " + patience.toSeconds() + " s: " + what + "\n"
                        + client.manager().snapshot() + "\n  open at the server: " + server.open());
                return;
            }
            if (++polls % POLLS_PER_COLLECTION == 0) {
                // Leases that were forgotten are taken back when they are garbage.
                System.gc();
            }
            LockSupport.parkNanos(POLL);
        }
    }
}
