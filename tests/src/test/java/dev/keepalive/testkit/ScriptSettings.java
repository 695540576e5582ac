package dev.keepalive.testkit;

import dev.keepalive.Limits;
import dev.keepalive.machine.MachineConfig;
import java.time.Duration;

/** The settings of a {@link MachineScript}. They must come before its first event. */
abstract class ScriptSettings {
    private static final long NEVER = Long.MAX_VALUE;

    private Limits limits;
    private long maxLifetime = NEVER;
    private long heldFor = NEVER;
    private long patience = Duration.ofMillis(50).toNanos();
    private long yieldWindow = Duration.ofSeconds(1).toNanos();
    private long maxYieldWindow = Duration.ofSeconds(64).toNanos();
    private long lingerTimeout = NEVER;
    private int unprovenPercent = 100;
    private int rememberedEndpoints;
    private int expected = 1;
    private boolean budgeted;
    private boolean recorded;

    ScriptSettings(int maxOpen, int maxOpenPerEndpoint) {
        limits = new Limits(maxOpen, maxOpenPerEndpoint, Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /** The script itself. */
    abstract MachineScript script();

    /** Sets a bound on the waiters of an endpoint. */
    public MachineScript maxWaitingPerEndpoint(int maxWaiting) {
        limits = new Limits(limits.maxOpen(), limits.maxOpenPerEndpoint(), maxWaiting, limits.maxDialsPerEndpoint());
        return script();
    }

    /** Sets a bound on the dials of an endpoint. */
    public MachineScript maxDialsPerEndpoint(int maxDials) {
        limits = new Limits(limits.maxOpen(), limits.maxOpenPerEndpoint(), limits.maxWaitingPerEndpoint(), maxDials);
        return script();
    }

    /** Sets how long a connection may stay open at most. */
    public MachineScript maxLifetime(Duration lifetime) {
        maxLifetime = lifetime.toNanos();
        return script();
    }

    /** Sets how long a lease may be held before it is reported. */
    public MachineScript reportHeldFor(Duration time) {
        heldFor = time.toNanos();
        return script();
    }

    /** Sets the patience at the total limit. */
    public MachineScript patience(Duration time) {
        patience = time.toNanos();
        return script();
    }

    /** Sets the first and the longest window of a yield. The first is also how long a new connection never yields. */
    public MachineScript yieldWindows(Duration first, Duration longest) {
        yieldWindow = first.toNanos();
        maxYieldWindow = longest.toNanos();
        return script();
    }

    /** Sets after what time a retired connection that keeps waiters out is closed under its holders. */
    public MachineScript lingerTimeout(Duration time) {
        lingerTimeout = time.toNanos();
        return script();
    }

    /** Sets how many leases a connection is declared to take, by each acquire from now on. May come at any time. */
    public MachineScript expects(int leases) {
        expected = leases;
        return script();
    }

    /** Sets how much of the total limit dials to unproven endpoints may take. */
    public MachineScript unprovenPercent(int percent) {
        unprovenPercent = percent;
        return script();
    }

    /** Sets of how many endpoints with nothing open it is remembered that they work. */
    public MachineScript remembers(int endpoints) {
        rememberedEndpoints = endpoints;
        return script();
    }

    /** Makes each connection need a permit of a budget. */
    public MachineScript budgeted() {
        budgeted = true;
        return script();
    }

    /** Records the {@link MachineScript#history}. */
    public MachineScript recorded() {
        recorded = true;
        return script();
    }

    boolean isRecorded() {
        return recorded;
    }

    int expected() {
        return expected;
    }

    Limits limits() {
        return limits;
    }

    /** Returns the limits with these two, and keeps the other two. */
    Limits changeLimits(int maxOpen, int maxOpenPerEndpoint) {
        limits = new Limits(maxOpen, maxOpenPerEndpoint, limits.maxWaitingPerEndpoint(), limits.maxDialsPerEndpoint());
        return limits;
    }

    MachineConfig config() {
        return new MachineConfig(
                Duration.ofSeconds(30).toNanos(),
                Duration.ofSeconds(15).toNanos(),
                maxLifetime,
                heldFor,
                Duration.ofMillis(100).toNanos(),
                Duration.ofSeconds(5).toNanos(),
                Duration.ofSeconds(5).toNanos(),
                Duration.ofSeconds(1).toNanos(),
                patience,
                yieldWindow,
                maxYieldWindow,
                Duration.ofSeconds(30).toNanos(),
                lingerTimeout,
                Duration.ofSeconds(1).toNanos(),
                unprovenPercent,
                rememberedEndpoints,
                budgeted,
                0);
    }
}
