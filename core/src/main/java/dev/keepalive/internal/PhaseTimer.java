package dev.keepalive.internal;

import dev.keepalive.Phase;
import dev.keepalive.Timings;

/**
 * Measures how long each phase of one dial takes. The connector reports one phase after the other; any thread may read.
 * The clock is foreign code, so it is read outside the lock.
 */
final class PhaseTimer {
    private final ManagerClock clock;
    private final long[] nanos = new long[Phase.values().length];
    private Phase phase = Phase.CONNECT;
    private long since;
    private boolean running = true;

    PhaseTimer(ManagerClock clock) {
        this.clock = clock;
        // Made within an event: its time is read here, not the clock, since the machine's lock is held.
        this.since = clock.coarse();
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

    /** The timings until now, for an acquire that waited so many nanoseconds. */
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

    /** @param now read before the lock was taken, so another thread may have stopped the phase at a later time */
    private void stopPhase(long now) {
        if (running && now > since) {
            nanos[phase.ordinal()] += now - since;
            since = now;
        }
    }
}
