package dev.keepalive;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/**
 * How long the steps of one acquire took. {@link Phase#QUEUE} is the acquire's own waiting, from the call until the answer; the other
 * phases belong to the dial that opened the connection, which may have begun before this acquire did, so they need not add up. A
 * phase that did not happen for this answer is zero. Immutable.
 */
public final class Timings {
    private static final int PHASES = Phase.values().length;

    /** Of an acquire that did not wait, and a connection that was not dialled for it. */
    static final Timings NONE = of();

    private final long[] nanos;

    private Timings(long[] nanos) {
        this.nanos = nanos;
    }

    /** Timings of the given phases in nanoseconds, indexed by {@link Phase#ordinal}; what is missing, or negative, is zero. */
    static Timings of(long... nanosByPhase) {
        return new Timings(Arrays.stream(Arrays.copyOf(nanosByPhase, PHASES))
                .map(nanos -> Math.max(0, nanos))
                .toArray());
    }

    /** How long this phase took. */
    public Duration of(Phase phase) {
        return Duration.ofNanos(nanos[phase.ordinal()]);
    }

    /** How long the dial took: all phases but waiting. */
    public Duration dial() {
        return Duration.ofNanos(Arrays.stream(nanos).sum() - nanos[Phase.QUEUE.ordinal()]);
    }

    /** All phases in milliseconds, for example {@code queue 1.204 ms, connect 0.310 ms}; a dial's phases only if they happened. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Phase phase : Phase.values()) {
            long took = nanos[phase.ordinal()];
            if (took > 0 || phase == Phase.QUEUE) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(String.format(Locale.ROOT, "%s %.3f ms", phase, took / 1e6));
            }
        }
        return text.toString();
    }
}
