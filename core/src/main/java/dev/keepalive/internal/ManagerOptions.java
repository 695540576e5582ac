package dev.keepalive.internal;

import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.spi.Connector;
import dev.keepalive.spi.TimeSource;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * The options of one manager, as its {@link ManagerBuilder} had them when it built the manager. Immutable: later calls
 * on the builder change nothing here. The builder has checked the values.
 *
 * @param limits the limits at the start; they may change while the manager runs
 * @param setup makes a new connection ready for its first lease; null for none
 * @param recordHistory the stream for the history; null if none is recorded
 * @param callbackExecutor the program's executor; null for threads of the manager's own
 */
public record ManagerOptions<C>(
        Connector<C> connector,
        String name,
        Limits limits,
        int maxUnprovenPercent,
        Duration acquireTimeout,
        Duration dialTimeout,
        Duration idleTimeout,
        @Nullable Duration maxLifetime,
        @Nullable Duration lingerTimeout,
        Duration firstBackOff,
        Duration longestBackOff,
        boolean retryDials,
        int sampleAcquireSites,
        @Nullable Duration leakDetectionThreshold,
        @Nullable BiFunction<? super C, ? super Endpoint, ? extends CompletionStage<?>> setup,
        @Nullable SharedBudget budget,
        @Nullable OutputStream recordHistory,
        @Nullable Executor callbackExecutor,
        ConnectionListener listener,
        TimeSource time) {
    private static final long GRACE = TimeUnit.SECONDS.toNanos(5);
    private static final long SCARCITY = TimeUnit.SECONDS.toNanos(1);
    private static final long PATIENCE = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long YIELD_WINDOW = TimeUnit.SECONDS.toNanos(1);
    private static final long MAX_YIELD_WINDOW = TimeUnit.SECONDS.toNanos(64);
    private static final long LINGER_REPORT = TimeUnit.SECONDS.toNanos(30);
    private static final long LONGEST_PATROL = TimeUnit.SECONDS.toNanos(1);
    private static final long SHORTEST_PATROL = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int DEFAULT_UNPROVEN = 50;
    private static final int REMEMBERED_ENDPOINTS = 1024;
    private static final int PATROLS_PER_IDLE_TIMEOUT = 8;

    /** The options of the machine, with this seed of its random numbers. */
    MachineConfig machineConfig(long seed) {
        long idle = ManagerClock.nanos(idleTimeout);
        return new MachineConfig(
                ManagerClock.nanos(dialTimeout),
                idle,
                ManagerClock.nanosOrNever(maxLifetime),
                ManagerClock.nanosOrNever(leakDetectionThreshold),
                ManagerClock.nanos(firstBackOff),
                ManagerClock.nanos(longestBackOff),
                GRACE,
                SCARCITY,
                PATIENCE,
                YIELD_WINDOW,
                MAX_YIELD_WINDOW,
                LINGER_REPORT,
                ManagerClock.nanosOrNever(lingerTimeout),
                Math.max(SHORTEST_PATROL, Math.min(LONGEST_PATROL, idle / PATROLS_PER_IDLE_TIMEOUT)),
                maxUnprovenPercent,
                REMEMBERED_ENDPOINTS,
                budget != null,
                seed);
    }

    /** The given limits, which hold now, and the times of these options, as text. */
    public String describe(Limits now) {
        return "maxOpen " + now.maxOpen() + ", maxOpenPerEndpoint " + now.maxOpenPerEndpoint()
                + bound(", maxWaitingPerEndpoint ", now.maxWaitingPerEndpoint())
                + bound(", maxDialsPerEndpoint ", now.maxDialsPerEndpoint())
                + (maxUnprovenPercent == DEFAULT_UNPROVEN ? "" : ", maxUnprovenPercent " + maxUnprovenPercent)
                + ", acquireTimeout " + acquireTimeout + ", dialTimeout " + dialTimeout + ", idleTimeout " + idleTimeout
                + (maxLifetime == null ? "" : ", maxLifetime " + maxLifetime)
                + (lingerTimeout == null ? "" : ", lingerTimeout " + lingerTimeout)
                + (retryDials ? ", retryDials" : "")
                + (budget == null ? "" : ", budget " + budget.permits());
    }

    private static String bound(String what, int bound) {
        return bound == Integer.MAX_VALUE ? "" : what + bound;
    }
}
