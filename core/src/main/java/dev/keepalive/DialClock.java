package dev.keepalive;

/** How long the phases of one dial take. Written by the connector, one phase after the other; read by anyone. */
final class DialClock {
    private final Ticks ticks;
    private final long[] nanos = new long[Phase.values().length];
    private Phase phase = Phase.CONNECT;
    private long since;
    private boolean running = true;

    DialClock(Ticks ticks) {
        this.ticks = ticks;
        this.since = ticks.now();
    }

    synchronized void enter(Phase next) {
        if (running) {
            stopPhase();
            phase = next;
        }
    }

    synchronized void end() {
        stopPhase();
        running = false;
    }

    synchronized Phase phase() {
        return phase;
    }

    /** The timings so far, for an acquire that waited so long. */
    synchronized Timings timings(long waitedNanos) {
        long[] copy = nanos.clone();
        if (running) {
            copy[phase.ordinal()] += ticks.now() - since;
        }
        copy[Phase.QUEUE.ordinal()] = waitedNanos;
        return Timings.of(copy);
    }

    private void stopPhase() {
        if (running) {
            long now = ticks.now();
            nanos[phase.ordinal()] += now - since;
            since = now;
        }
    }
}
