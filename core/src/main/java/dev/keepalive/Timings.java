package dev.keepalive;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How long the phases of one acquire took. {@link Phase#QUEUE} is the waiting of the acquire itself, from the call
 * until the answer. The other phases belong to the dial that opened the connection. That dial may have begun before the
 * acquire, so the phases need not add up. A phase that did not happen for this answer is zero. Immutable.
 */
public final class Timings implements Serializable {
    private static final long serialVersionUID = 1;

    private static final int NANO_DIGITS_OF_MILLIS = 6;
    private static final int DECIMALS = 3;
    private static final Phase[] PHASES = Phase.values();

    /** For an acquire that did not wait and for which no connection was dialed. */
    private static final Timings NO_WAIT = new Timings(0, null);

    private final long waited;

    /** Nanoseconds by {@link Phase#ordinal}; null if no connection was dialed. */
    private final long @Nullable [] dialNanos;

    private Timings(long waited, long @Nullable [] dialNanos) {
        this.waited = Math.max(0, waited);
        this.dialNanos = dialNanos;
    }

    /**
     * Timings of an acquire that waited this many nanoseconds for a connection that was not dialed for it. A negative
     * number counts as zero. Managers make it, and so may tests of their users.
     */
    public static Timings ofWait(long nanos) {
        return nanos <= 0 ? NO_WAIT : new Timings(nanos, null);
    }

    /**
     * Timings of the given phases in nanoseconds, in the order of {@link Phase}. A missing or negative number counts as
     * zero. Managers make it, and so may tests of their users.
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
        return phase == Phase.QUEUE ? waited : dialNanos == null ? 0 : dialNanos[phase.ordinal()];
    }

    /** For example {@code 1.204 ms}. */
    private static String millis(long nanos) {
        return BigDecimal.valueOf(nanos, NANO_DIGITS_OF_MILLIS)
                        .setScale(DECIMALS, RoundingMode.HALF_UP)
                        .toPlainString() + " ms";
    }

    /** How long the dial took: the sum of all phases except {@link Phase#QUEUE}; zero if no connection was dialed. */
    public Duration dial() {
        return Duration.ofNanos(dialNanos == null ? 0 : Arrays.stream(dialNanos).sum() - waited);
    }

    /**
     * The phases in milliseconds, for example {@code queue 1.204 ms, connect 0.310 ms}. A phase of the dial is left out
     * if it did not happen.
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
