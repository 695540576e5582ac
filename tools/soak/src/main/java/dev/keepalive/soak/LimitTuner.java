package dev.keepalive.soak;

import dev.keepalive.Counts;
import dev.keepalive.Snapshot;
import dev.keepalive.Totals;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Changes the limits of one manager while it works, and holds it to them: once the manager has come down to a lowered
 * limit, the server must never see more until the limit is raised. Also evicts, and changes the bounds on waiters and
 * dials. Used by one thread, which calls {@link #step} now and then.
 */
final class LimitTuner {
    private static final int TURNS_PER_CHANGE = 40;
    private static final int TURNS_PER_EVICTION = 20;
    private static final int LEAST_OPEN = 3;
    private static final int TURNS_OF_PATIENCE = 1500;

    private enum State {
        /** The initial limits hold. */
        RAISED,
        /** Lower limits hold, and the manager may still be above them. */
        COMING_DOWN,
        /** The manager has come down to the lower limits. */
        LOWERED
    }

    private final Random random;
    private final ManagerUnderTest tested;
    private final SoakEnvironment environment;
    private final SoakFindings findings;
    private final List<ConnectionGauge> gauges;
    private State state = State.RAISED;
    private int maxOpen;
    private int maxOpenPerEndpoint;
    private int turns;
    /** The last snapshot, if it showed more connections than the lowered limit; else null. */
    private @Nullable Snapshot above;

    LimitTuner(Random random, ManagerUnderTest tested, SoakEnvironment environment, SoakFindings findings) {
        this.random = random;
        this.tested = tested;
        this.environment = environment;
        this.findings = findings;
        this.gauges = environment.gauges(tested.endpoints());
    }

    /** Makes one step. */
    void step() {
        turns++;
        if (random.nextInt(TURNS_PER_EVICTION) == 0) {
            tested.manager().evict(endpoint -> random.nextInt(4) == 0);
        }
        switch (state) {
            case RAISED -> {
                if (random.nextInt(TURNS_PER_CHANGE) == 0) {
                    lower();
                }
            }
            case COMING_DOWN -> {
                if (tested.sharedEndpoints().isEmpty()) {
                    checkComingDown();
                }
                if (isWithinLimits()) {
                    holdToLimits();
                } else if (turns > TURNS_OF_PATIENCE) {
                    findings.add("the manager does not come down to " + maxOpen + " in all and " + maxOpenPerEndpoint
                            + " per endpoint\n" + tested.manager().snapshot());
                }
            }
            case LOWERED -> {
                if (!isWithinLimits()) {
                    findings.add("the manager had come down to " + maxOpen + " in all and " + maxOpenPerEndpoint
                            + " per endpoint, but has more again\n"
                            + tested.manager().snapshot());
                } else if (random.nextInt(TURNS_PER_CHANGE) == 0) {
                    raise();
                }
            }
        }
    }

    private void lower() {
        maxOpen = LEAST_OPEN + random.nextInt(tested.maxOpen() - LEAST_OPEN);
        maxOpenPerEndpoint = 1 + random.nextInt(tested.maxOpenPerEndpoint());
        tested.manager().maxOpen(maxOpen);
        tested.manager().maxOpenPerEndpoint(maxOpenPerEndpoint);
        tested.manager().maxWaitingPerEndpoint(1 + random.nextInt(20));
        tested.manager().maxDialsPerEndpoint(1 + random.nextInt(tested.maxOpenPerEndpoint()));
        turns = 0;
        above = null;
        state = State.COMING_DOWN;
    }

    /**
     * While more connections are open than the limit allows, a released connection ends and no waiter is served.
     * Nothing is opened meanwhile, so if there are too many at two moments, there were too many at every moment
     * between. Not so with shared connections: those that stay go on taking leases, while others are on their way out.
     */
    private void checkComingDown() {
        Snapshot now = tested.manager().snapshot();
        boolean isAbove = now.all().open() - now.all().closing() > maxOpen;
        Snapshot before = above;
        if (isAbove && before != null && served(now.totals()) != served(before.totals())) {
            findings.add("a waiter was served while more connections were open than the " + maxOpen
                    + " to which the limit had been lowered\n" + before + "\n" + now);
        }
        above = isAbove ? now : null;
    }

    private static long served(Totals totals) {
        return totals.immediate() + totals.deferred() + totals.created();
    }

    /** Tells the server to enforce the lower limits. */
    private void holdToLimits() {
        environment.server.ask(() -> {
            tested.total().lower(maxOpen);
            gauges.forEach(gauge -> gauge.lower(maxOpenPerEndpoint));
            return true;
        });
        state = State.LOWERED;
    }

    /** Restores the initial limits; the server is told first. */
    void raise() {
        environment.server.ask(() -> {
            tested.total().raise();
            gauges.forEach(ConnectionGauge::raise);
            return true;
        });
        tested.manager().maxOpen(tested.maxOpen());
        tested.manager().maxOpenPerEndpoint(tested.maxOpenPerEndpoint());
        tested.manager().maxWaitingPerEndpoint(Integer.MAX_VALUE);
        tested.manager().maxDialsPerEndpoint(tested.maxOpenPerEndpoint());
        state = State.RAISED;
    }

    private boolean isWithinLimits() {
        Snapshot snapshot = tested.manager().snapshot();
        return snapshot.all().open() <= maxOpen
                && snapshot.endpoints().values().stream()
                        .mapToInt(Counts::open)
                        .allMatch(open -> open <= maxOpenPerEndpoint);
    }
}
