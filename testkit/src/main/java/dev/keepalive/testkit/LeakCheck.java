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
import org.jspecify.annotations.Nullable;

/**
 * The check that a manager at rest has lost nothing and invented nothing. To end tests with: what goes wrong in a pool
 * of connections shows hours later unless somebody looks.
 *
 * <p>Nobody waits, nothing is leased or under way, and what is open is idle, by the manager's count and by that of the
 * other side. As many connections as the limits allow can be acquired, for one endpoint and over many, and not one
 * more: that one waits, and is served by one release. When idle connections have had their time, nothing is left.
 *
 * <p>For a manager of any connector; {@link #of(ConnectionManager, FakeConnector)} knows the count of the other side.
 * Everything that can be acquired is acquired, so it is for tests, not for production. Not safe for several threads.
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
    private IntFunction<Endpoint> endpoints = i -> Endpoint.of("line", "quiescence-" + i, 1);
    private @Nullable IntSupplier otherOpen;
    private @Nullable IntSupplier otherMostOpen;
    private @Nullable IntSupplier otherMostOpenPerEndpoint;
    private @Nullable Runnable step;
    private @Nullable Runnable idleTime;

    private LeakCheck(ConnectionManager<C> manager) {
        this.manager = manager;
    }

    /** The check of a manager with the default limits, whose connector serves any endpoint. */
    public static <C> LeakCheck<C> of(ConnectionManager<C> manager) {
        return new LeakCheck<>(manager);
    }

    /** The check of a manager with the default limits: what is open is compared with the connector's count. */
    public static LeakCheck<FakeConnection> of(ConnectionManager<FakeConnection> manager, FakeConnector connector) {
        return new LeakCheck<>(manager)
                .countedBy("the connector", connector::openLinks)
                .highWater(connector::mostOpenLinks)
                .highWaterPerEndpoint(connector::mostOpenLinksPerEndpoint);
    }

    /** The manager's limits. Of very great ones only a part is taken. */
    public LeakCheck<C> limits(int maxOpen, int maxOpenPerEndpoint) {
        this.maxOpen = maxOpen;
        this.maxOpenPerEndpoint = Math.min(maxOpen, maxOpenPerEndpoint);
        return this;
    }

    /** Who else counts the open connections, a server for example, and his count. */
    public LeakCheck<C> countedBy(String who, IntSupplier open) {
        other = who;
        otherOpen = open;
        return this;
    }

    /**
     * The most connections that were ever open at the same time, by the count of the other side: never more than the
     * total limit. Null: not counted.
     */
    public LeakCheck<C> highWater(@Nullable IntSupplier mostOpen) {
        otherMostOpen = mostOpen;
        return this;
    }

    /** The same for one endpoint: never more than its limit. */
    public LeakCheck<C> highWaterPerEndpoint(@Nullable IntSupplier mostOpen) {
        otherMostOpenPerEndpoint = mostOpen;
        return this;
    }

    /**
     * Endpoints to which connections can be opened, different ones for different numbers. Default: names that only a
     * fake connector serves.
     */
    public LeakCheck<C> endpoints(IntFunction<Endpoint> different) {
        endpoints = different;
        return this;
    }

    /** Endpoints whose own limit is to be tried out too; connections to them can be opened. */
    public LeakCheck<C> used(Iterable<Endpoint> endpointsUsed) {
        endpointsUsed.forEach(used::add);
        return this;
    }

    /**
     * What makes the manager go on, where a test decides on that: run to wait for something, again and again. Without
     * it, the check waits for other threads.
     */
    public LeakCheck<C> stepWith(Runnable step) {
        this.step = step;
        return this;
    }

    /** What lets more than the idle timeout pass. Without it, nobody looks at what is left after that. */
    public LeakCheck<C> advanceIdleTime(Runnable passing) {
        idleTime = passing;
        return this;
    }

    /**
     * Checks all of it. Leaves idle connections behind, or none if idle time can pass.
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
     * Checks a manager that was closed: nothing is left, and whoever asks is told.
     *
     * @throws AssertionError if something is left over; with the manager's snapshot
     */
    public void checkClosed() {
        require(() -> manager.closed().toCompletableFuture().isDone(), "the end was not told");
        require(() -> manager.snapshot().endpoints().isEmpty(), "something is left after the end");
        require(manager.snapshot().all().open() == 0, "something is open after the end");
        require(() -> otherOpen == null || otherOpen() == 0, other + " has connections left after the end");
        CompletableFuture<Lease<C>> late = acquire(endpoints.apply(0));
        require(late::isDone, "an acquire after the end is not answered");
        require(failure(late) instanceof AcquireException.Closed, "an acquire after the end is not told of it");
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
        int all = Math.min(maxOpenPerEndpoint, MAX_TAKEN);
        List<Lease<C>> taken = new ArrayList<>();
        for (int i = 0; i < all; i++) {
            taken.add(acquireNow(endpoint, "acquire " + (i + 1) + " of " + all + " for one endpoint"));
        }
        if (all == maxOpenPerEndpoint) {
            requireOneMoreWaits(endpoint, taken, all, () -> countsOf(endpoint));
        }
        taken.forEach(Lease::release);
        requireAtRest("after all connections to " + endpoint + " were taken");
    }

    private void acquireAll() {
        int all = Math.min(maxOpen, MAX_TAKEN);
        List<Lease<C>> taken = new ArrayList<>();
        for (int i = 0; i < all; i++) {
            taken.add(acquireNow(
                    endpoints.apply(1 + i / maxOpenPerEndpoint),
                    "acquire " + (i + 1) + " of " + all + " over many endpoints"));
        }
        if (all == maxOpen) {
            Endpoint next = endpoints.apply(1 + all);
            requireOneMoreWaits(next, taken, all, () -> manager.snapshot().all());
        }
        taken.forEach(Lease::release);
        requireAtRest("after all connections were taken");
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

    /** With all permits taken, one acquire more must wait until one is released. */
    private void requireOneMoreWaits(Endpoint endpoint, List<Lease<C>> taken, int all, CountsNow counts) {
        CompletableFuture<Lease<C>> more = acquire(endpoint);
        Counts now = counts.get();
        String invented =
                "with all " + all + " taken for " + endpoint + ", one more did not have to wait: a permit is invented";
        require(!more.isDone() && now.waiting() == 1 && now.leased() == all && now.open() == all, invented);
        runStep();
        require(!more.isDone() && counts.get().open() == all, invented);
        taken.remove(0).release();
        require(more::isDone, "a release did not serve the one who waits");
        taken.add(more.join());
    }

    private Counts countsOf(Endpoint endpoint) {
        Counts counts = manager.snapshot().endpoints().get(endpoint);
        require(counts != null, "nothing is known of " + endpoint + " although somebody has connections to it");
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
            // Once is enough: a count of the other side that lags behind may be wrong again a moment later.
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

    /** The counts that matter now. */
    @FunctionalInterface
    private interface CountsNow {
        Counts get();
    }
}
