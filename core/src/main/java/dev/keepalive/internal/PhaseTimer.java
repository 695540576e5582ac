package dev.keepalive.internal;

import dev.keepalive.Phase;
import dev.keepalive.Timings;

/**
 * How long the phases of one dial take. Written by the connector, one phase after the other; read by any thread. The
 * clock is foreign code, so it is read outside the lock.
 */
final class PhaseTimer {
    private final ManagerClock clock;
    private final long[] nanos = new long[Phase.values().length];
    private Phase phase = Phase.CONNECT;
    private long since;
    private boolean running = true;

    PhaseTimer(ManagerClock clock) {
        this.clock = clock;
        this.since = clock.now();
    }

    void enter(Phase next) {
        enter(next, clock.now());
    }

    private synchronized void enter(Phase next, long now) {
        if (running) {
            stopPhase(now);
            phase = next;
        }
    }

    void end() {
        end(clock.now());
    }

    private synchronized void end(long now) {
        stopPhase(now);
        running = false;
    }

    synchronized Phase phase() {
        return phase;
    }

    /** The timings so far, for an acquire that waited so long. */
    Timings timings(long waitedNanos) {
        return timings(waitedNanos, clock.now());
    }

    private synchronized Timings timings(long waitedNanos, long now) {
        long[] copy = nanos.clone();
        if (running) {
            copy[phase.ordinal()] += Math.max(0, now - since);
        }
        copy[Phase.QUEUE.ordinal()] = waitedNanos;
        return Timings.ofPhases(copy);
    }

    /** @param now read before the lock was taken, so another thread may have come later with a later time */
    private void stopPhase(long now) {
        if (running && now > since) {
            nanos[phase.ordinal()] += now - since;
            since = now;
        }
    }
}
