package dev.keepalive.testkit;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionManager;
import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a manager at rest has lost no permit and invented none. Tests end with it, since such an error otherwise
 * shows only hours later.
 *
 * <p>At rest means: there are no waiters, nothing is leased or under way, and all open connections are idle. The
 * manager's count must be the same as the count of the other side, if there is one. Then the check acquires as many
 * connections as the limits allow, for one endpoint and over many. One acquire more must wait, and one release must
 * serve it. After the idle timeout, nothing is left.
 *
 * <p>Of a connection that takes several leases at a time ({@link #leasesPerConnection}), all are acquired.
 *
 * <p>It works with a manager of any connector; {@link #of(ConnectionManager, FakeConnector)} knows the count of the
 * other side. It acquires all connections, so it is for tests, not for production. It blocks, unless {@link #stepWith}
 * is called. Not safe for use by several threads.
 *
 * @param <C> the type of connection
 */
public final class LeakCheck<C> {
    private static final Duration LONG_TIMEOUT = Duration.ofHours(1);
    private static final int MAX_TAKEN = 1_000;
    private static final int MAX_STEPS = 100;
    private static final int MAX_MILLISECONDS = 30_000;

    private final ConnectionManager<C> manager;
    private final Set<Endpoint> used = new LinkedHashSet<>();
    private int maxOpen = 128;
    private int maxOpenPerEndpoint = 4;
    private String other = "the other side";
    private IntFunction<Endpoint> endpoints = i -> Endpoint.of("line", "leak-check-" + i, 1);
    private ToIntFunction<Endpoint> leasesPerConnection = endpoint -> 1;
    private @Nullable IntSupplier otherOpen;
    private @Nullable IntSupplier otherMostOpen;
    private @Nullable IntSupplier otherMostOpenPerEndpoint;
    private @Nullable Runnable step;
    private @Nullable Runnable idleTime;

    private LeakCheck(ConnectionManager<C> manager) {
        this.manager = manager;
    }

    /** A check of a manager with the default limits, whose connector serves any endpoint. */
    public static <C> LeakCheck<C> of(ConnectionManager<C> manager) {
        return new LeakCheck<>(manager);
    }

    /** A check of a manager with the default limits; the open connections are compared with the connector's count. */
    public static LeakCheck<FakeConnection> of(ConnectionManager<FakeConnection> manager, FakeConnector connector) {
        return new LeakCheck<>(manager)
                .countedBy("the connector", connector::openLinks)
                .leasesPerConnection(endpoint -> connector.leasesPerConnection())
                .highWater(connector::mostOpenLinks)
                .highWaterPerEndpoint(connector::mostOpenLinksPerEndpoint);
    }

    /**
     * Sets the manager's limits. Default: the manager's default limits. At most 1000 connections are acquired, also if
     * the limits are higher.
     */
    public LeakCheck<C> limits(int maxOpen, int maxOpenPerEndpoint) {
        this.maxOpen = maxOpen;
        this.maxOpenPerEndpoint = Math.min(maxOpen, maxOpenPerEndpoint);
        return this;
    }

    /**
     * Sets a second count of the open connections, for example of a server. Default: none.
     *
     * @param counter the name of the counter, for messages
     * @param open the count
     */
    public LeakCheck<C> countedBy(String counter, IntSupplier open) {
        other = counter;
        otherOpen = open;
        return this;
    }

    /**
     * Sets the largest number of connections that were ever open at the same time, by the count of the other side: it
     * must not exceed the total limit. Null: not checked.
     */
    public LeakCheck<C> highWater(@Nullable IntSupplier mostOpen) {
        otherMostOpen = mostOpen;
        return this;
    }

    /** Sets the same for one endpoint: it must not exceed the limit per endpoint. Null: not checked. */
    public LeakCheck<C> highWaterPerEndpoint(@Nullable IntSupplier mostOpen) {
        otherMostOpenPerEndpoint = mostOpen;
        return this;
    }

    /**
     * Sets the endpoints that connections are opened to, different ones for different numbers. Default: names that only
     * a fake connector serves.
     */
    public LeakCheck<C> endpoints(IntFunction<Endpoint> different) {
        endpoints = different;
        return this;
    }

    /** Sets how many leases a connection to each endpoint takes at a time. Default: 1. */
    public LeakCheck<C> leasesPerConnection(ToIntFunction<Endpoint> leases) {
        leasesPerConnection = leases;
        return this;
    }

    /** Adds endpoints whose own limit is checked too; it must be possible to open connections to them. */
    public LeakCheck<C> used(Iterable<Endpoint> endpointsUsed) {
        endpointsUsed.forEach(used::add);
        return this;
    }

    /**
     * Sets the step that lets the manager proceed, in a test that decides on that. It is run repeatedly to wait for
     * something. Without it, the check waits for other threads.
     */
    public LeakCheck<C> stepWith(Runnable step) {
        this.step = step;
        return this;
    }

    /**
     * Sets the action that lets more than the idle timeout pass. Without it, the check does not look at what is left
     * after the idle timeout.
     */
    public LeakCheck<C> advanceIdleTime(Runnable passing) {
        idleTime = passing;
        return this;
    }

    /**
     * Checks everything. Leaves idle connections behind, or none if {@link #advanceIdleTime} is called before.
     *
     * @throws AssertionError if something is lost, invented or left over; with the manager's snapshot
     */
    public void check() {
        requireAtRest("before");
        for (Endpoint endpoint : used) {
            acquireAllOf(endpoint);
        }
        acquireAllOf(endpoints.apply(0));
        acquireAll();
        requireAtMost(maxOpen, otherMostOpen, "maxOpen");
        requireAtMost(maxOpenPerEndpoint, otherMostOpenPerEndpoint, "maxOpenPerEndpoint");
        if (idleTime != null) {
            idleTime.run();
            require(() -> manager.snapshot().endpoints().isEmpty(), "something is left after the idle timeout");
            require(() -> otherOpen() == 0, other + " has connections left after the idle timeout");
        }
    }

    /**
     * Checks a manager that was closed: nothing is left, and a new acquire fails with {@link AcquireException.Closed}.
     *
     * @throws AssertionError if something is left over; with the manager's snapshot
     */
    public void checkClosed() {
        require(() -> manager.closed().toCompletableFuture().isDone(), "the end was not reported");
        require(() -> manager.snapshot().endpoints().isEmpty(), "something is left after the end");
        require(manager.snapshot().all().open() == 0, "something is open after the end");
        require(() -> otherOpen == null || otherOpen() == 0, other + " has connections left after the end");
        CompletableFuture<Lease<C>> late = acquire(endpoints.apply(0));
        require(late::isDone, "an acquire after the end is not answered");
        require(failure(late) instanceof AcquireException.Closed, "an acquire after the end does not fail with Closed");
    }

    private void requireAtMost(int limit, @Nullable IntSupplier most, String name) {
        require(most == null || most.getAsInt() <= limit, other + " saw more open than " + name);
    }

    private void requireAtRest(String when) {
        require(() -> isAtRest(manager.snapshot().all()), "not at rest " + when);
        require(() -> otherOpen() == manager.snapshot().all().open(), when + ", " + other + " counts differently");
    }

    private static boolean isAtRest(Counts all) {
        return all.waiting() == 0 && all.open() == all.idle();
    }

    // ---- permits

    private void acquireAllOf(Endpoint endpoint) {
        List<Lease<C>> taken = new ArrayList<>();
        int all = acquireConnections(maxOpenPerEndpoint, i -> endpoint, "for one endpoint", taken);
        if (all == maxOpenPerEndpoint) {
            requireOneMoreWaits(endpoint, taken, 1, all, () -> countsOf(endpoint));
        }
        taken.forEach(Lease::release);
        requireAtRest("after all connections to " + endpoint + " were taken");
    }

    private void acquireAll() {
        List<Lease<C>> taken = new ArrayList<>();
        int all = acquireConnections(
                maxOpen, i -> endpoints.apply(1 + i / maxOpenPerEndpoint), "over many endpoints", taken);
        if (all == maxOpen) {
            Endpoint next = endpoints.apply(1 + all);
            // Another endpoint needs a connection, not only the place of a lease.
            int first = leasesPerConnection.applyAsInt(endpoints.apply(1));
            requireOneMoreWaits(
                    next, taken, first, all, () -> manager.snapshot().all());
        }
        taken.forEach(Lease::release);
        requireAtRest("after all connections were taken");
    }

    /** Acquires all leases of so many connections, one connection after the other. @return how many connections */
    private int acquireConnections(int most, IntFunction<Endpoint> which, String what, List<Lease<C>> taken) {
        int all = 0;
        for (; all < most && taken.size() < MAX_TAKEN; all++) {
            Endpoint endpoint = which.apply(all);
            int leases = leasesPerConnection.applyAsInt(endpoint);
            for (int lease = 1; lease <= leases; lease++) {
                String ofLeases = leases == 1 ? "" : ", lease " + lease + " of " + leases + ",";
                taken.add(acquireNow(endpoint, "acquire " + (all + 1) + " of " + most + ofLeases + " " + what));
            }
        }
        return all;
    }

    private Lease<C> acquireNow(Endpoint endpoint, String what) {
        CompletableFuture<Lease<C>> acquired = acquire(endpoint);
        require(acquired::isDone, what + " is not served: a permit is lost");
        Throwable failure = failure(acquired);
        if (failure != null) {
            throw new AssertionError(what + " failed\n" + manager.snapshot(), failure);
        }
        return acquired.join();
    }

    /** With all permits taken, one acquire more must wait until the first so many leases are released. */
    private void requireOneMoreWaits(Endpoint endpoint, List<Lease<C>> taken, int first, int all, CountsNow counts) {
        CompletableFuture<Lease<C>> more = acquire(endpoint);
        Counts now = counts.get();
        String invented =
                "with all " + all + " taken for " + endpoint + ", one more did not have to wait: a permit is invented";
        require(!more.isDone() && now.waiting() == 1 && now.leased() == all && now.open() == all, invented);
        require(now.leases() == taken.size(), taken.size() + " leases are held, and the manager counts differently");
        runStep();
        require(!more.isDone() && counts.get().open() == all, invented);
        List<Lease<C>> released = taken.subList(0, first);
        released.forEach(Lease::release);
        released.clear();
        require(more::isDone, "a release did not serve the waiter");
        taken.add(more.join());
    }

    private Counts countsOf(Endpoint endpoint) {
        Counts counts = manager.snapshot().endpoints().get(endpoint);
        require(counts != null, "the manager does not know " + endpoint + " although connections to it are leased");
        return Objects.requireNonNull(counts);
    }

    private CompletableFuture<Lease<C>> acquire(Endpoint endpoint) {
        return manager.acquire(AcquireRequest.to(endpoint).withTimeout(LONG_TIMEOUT));
    }

    private static @Nullable Throwable failure(CompletableFuture<?> done) {
        try {
            done.join();
            return null;
        } catch (CompletionException failed) {
            return failed.getCause();
        }
    }

    private int otherOpen() {
        return otherOpen == null ? manager.snapshot().all().open() : otherOpen.getAsInt();
    }

    // ---- waiting

    private void runStep() {
        if (step != null) {
            step.run();
        }
    }

    private void require(BooleanSupplier condition, String otherwise) {
        int most = step == null ? MAX_MILLISECONDS : MAX_STEPS;
        for (int i = 0; i < most; i++) {
            // The first success counts: a count of the other side that lags behind may differ again a moment later.
            if (condition.getAsBoolean()) {
                return;
            }
            if (step == null) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            } else {
                step.run();
            }
        }
        require(condition.getAsBoolean(), otherwise);
    }

    private void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(
                    otherwise + "\n" + manager.snapshot() + "\n" + other + " counts " + otherOpen() + " open");
        }
    }

    /** Reads the present counts. */
    @FunctionalInterface
    private interface CountsNow {
        Counts get();
    }
}
