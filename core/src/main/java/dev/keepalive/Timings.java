package dev.keepalive;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How long the steps of one acquire took. {@link Phase#QUEUE} is the acquire's own waiting, from the call until the
 * answer; the other phases belong to the dial that opened the connection, which may have begun before this acquire did,
 * so they need not add up. A phase that did not happen for this answer is zero. Immutable.
 */
public final class Timings implements Serializable {
    private static final long serialVersionUID = 1;

    private static final int NANO_DIGITS_OF_MILLIS = 6;
    private static final int DECIMALS = 3;
    private static final Phase[] PHASES = Phase.values();

    /** Of an acquire that did not wait, and a connection that was not dialled for it. */
    private static final Timings NO_WAIT = new Timings(0, null);

    private final long waited;

    /** By {@link Phase#ordinal}; null if nothing was dialled. */
    private final long @Nullable [] dialled;

    private Timings(long waited, long @Nullable [] dialled) {
        this.waited = Math.max(0, waited);
        this.dialled = dialled;
    }

    /**
     * Timings of an acquire that waited so many nanoseconds for a connection that was not dialed for it. Made by
     * managers, and by tests of their users; a negative number counts as zero.
     */
    public static Timings ofWait(long nanos) {
        return nanos <= 0 ? NO_WAIT : new Timings(nanos, null);
    }

    /**
     * Timings of the given phases in nanoseconds, in the order of {@link Phase}; a missing or negative number counts as
     * zero. Made by managers, and by tests of their users.
     */
    public static Timings ofPhases(long... nanosByPhase) {
        long[] nanos = Arrays.stream(Arrays.copyOf(nanosByPhase, PHASES.length))
                .map(phase -> Math.max(0, phase))
                .toArray();
        return new Timings(nanos[Phase.QUEUE.ordinal()], nanos);
    }

    /** How long this phase took. */
    public Duration get(Phase phase) {
        return Duration.ofNanos(nanos(phase));
    }

    private long nanos(Phase phase) {
        return phase == Phase.QUEUE ? waited : dialled == null ? 0 : dialled[phase.ordinal()];
    }

    /** For example {@code 1.204 ms}. */
    private static String millis(long nanos) {
        return BigDecimal.valueOf(nanos, NANO_DIGITS_OF_MILLIS)
                        .setScale(DECIMALS, RoundingMode.HALF_UP)
                        .toPlainString() + " ms";
    }

    /** How long the dial took: all phases but waiting. */
    public Duration dial() {
        return Duration.ofNanos(dialled == null ? 0 : Arrays.stream(dialled).sum() - waited);
    }

    /**
     * All phases in milliseconds, for example {@code queue 1.204 ms, connect 0.310 ms}; a dial's phases only if they
     * happened.
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Phase phase : PHASES) {
            long took = nanos(phase);
            if (took > 0 || phase == Phase.QUEUE) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(phase)
                        .append(' ')
                        .append(millis(took));
            }
        }
        return text.toString();
    }
}
