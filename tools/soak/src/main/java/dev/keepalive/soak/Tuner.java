package dev.keepalive.soak;

import dev.keepalive.Counts;
import dev.keepalive.Snapshot;
import dev.keepalive.Totals;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Changes the limits of one manager while it works, and holds it to them: once it has come down to a lowered limit, the
 * server must never see more, until the limit is raised again. Also evicts, and changes the bounds of waiters and
 * dials. Used by one thread, which calls {@link #turn} now and then.
 */
final class Tuner {
    private static final int TURNS_PER_CHANGE = 40;
    private static final int TURNS_PER_EVICTION = 20;
    private static final int LEAST_OPEN = 3;
    private static final int TURNS_OF_PATIENCE = 1500;

    private enum State {
        /** The limits are what they were in the beginning. */
        RAISED,
        /** Lower ones hold, and the manager may still be above them. */
        COMING_DOWN,
        /** The manager has come down to them. */
        LOWERED
    }

    private final Random random;
    private final Client client;
    private final Site site;
    private final Findings findings;
    private final List<Gauge> gauges;
    private State state = State.RAISED;
    private int maxOpen;
    private int maxOpenPerEndpoint;
    private int turns;
    /** The last look at the manager, if it showed more connections than the lowered limit; else null. */
    private @Nullable Snapshot above;

    Tuner(Random random, Client client, Site site, Findings findings) {
        this.random = random;
        this.client = client;
        this.site = site;
        this.findings = findings;
        this.gauges = site.gauges(client.endpoints());
    }

    /** Goes one step on. */
    void turn() {
        turns++;
        if (random.nextInt(TURNS_PER_EVICTION) == 0) {
            client.manager().evict(endpoint -> random.nextInt(4) == 0);
        }
        switch (state) {
            case RAISED -> {
                if (random.nextInt(TURNS_PER_CHANGE) == 0) {
                    lower();
                }
            }
            case COMING_DOWN -> {
                comesDown();
                if (keepsToIt()) {
                    hold();
                } else if (turns > TURNS_OF_PATIENCE) {
                    findings.add("the manager does not come down to " + maxOpen + " in all and " + maxOpenPerEndpoint
                            + " per endpoint\n" + client.manager().snapshot());
                }
            }
            case LOWERED -> {
                if (!keepsToIt()) {
                    findings.add("the manager had come down to " + maxOpen + " in all and " + maxOpenPerEndpoint
                            + " per endpoint, and has more again\n"
                            + client.manager().snapshot());
                } else if (random.nextInt(TURNS_PER_CHANGE) == 0) {
                    raise();
                }
            }
        }
    }

    private void lower() {
        maxOpen = LEAST_OPEN + random.nextInt(client.maxOpen() - LEAST_OPEN);
        maxOpenPerEndpoint = 1 + random.nextInt(client.maxOpenPerEndpoint());
        client.manager().maxOpen(maxOpen);
        client.manager().maxOpenPerEndpoint(maxOpenPerEndpoint);
        client.manager().maxWaitingPerEndpoint(1 + random.nextInt(20));
        client.manager().maxDialsPerEndpoint(1 + random.nextInt(client.maxOpenPerEndpoint()));
        turns = 0;
        above = null;
        state = State.COMING_DOWN;
    }

    /**
     * As long as there are more connections than the limit, what is released ends, and nobody is served. Nothing is
     * opened meanwhile, so if there are more at two moments, there were at every moment between.
     */
    private void comesDown() {
        Snapshot now = client.manager().snapshot();
        boolean isAbove = now.all().open() - now.all().closing() > maxOpen;
        Snapshot before = above;
        if (isAbove && before != null && served(now.totals()) != served(before.totals())) {
            findings.add("somebody was served while there were more connections than the " + maxOpen
                    + " to which the limit had been lowered\n" + before + "\n" + now);
        }
        above = isAbove ? now : null;
    }

    private static long served(Totals totals) {
        return totals.immediate() + totals.deferred() + totals.created();
    }

    /** From now on the server knows. */
    private void hold() {
        site.server.ask(() -> {
            client.total().lower(maxOpen);
            gauges.forEach(gauge -> gauge.lower(maxOpenPerEndpoint));
            return true;
        });
        state = State.LOWERED;
    }

    /** Back to what was in the beginning; the server is told first. */
    void raise() {
        site.server.ask(() -> {
            client.total().raise();
            gauges.forEach(Gauge::raise);
            return true;
        });
        client.manager().maxOpen(client.maxOpen());
        client.manager().maxOpenPerEndpoint(client.maxOpenPerEndpoint());
        client.manager().maxWaitingPerEndpoint(Integer.MAX_VALUE);
        client.manager().maxDialsPerEndpoint(client.maxOpenPerEndpoint());
        state = State.RAISED;
    }

    private boolean keepsToIt() {
        Snapshot snapshot = client.manager().snapshot();
        return snapshot.all().open() <= maxOpen
                && snapshot.endpoints().values().stream()
                        .mapToInt(Counts::open)
                        .allMatch(open -> open <= maxOpenPerEndpoint);
    }
}
