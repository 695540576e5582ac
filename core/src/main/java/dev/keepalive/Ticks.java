package dev.keepalive;

import dev.keepalive.spi.TimeSource;
import java.util.concurrent.TimeUnit;

/** The manager's time: nanoseconds since it was built. */
final class Ticks {
    private static final long SMALLEST_JUMP = TimeUnit.SECONDS.toMillis(5);

    private final TimeSource source;
    private final long beginning;
    private long wallAhead;
    private volatile long coarse;

    Ticks(TimeSource source) {
        this.source = source;
        this.beginning = source.nanoTime();
        this.wallAhead = wallAhead();
    }

    /**
     * True if the wall clock has jumped ahead since the last call: the machine was suspended, and what looks idle may have been closed long ago. For one
     * thread at a time.
     */
    boolean wasSuspended() {
        long before = wallAhead;
        wallAhead = wallAhead();
        return wallAhead - before >= SMALLEST_JUMP;
    }

    private long wallAhead() {
        return source.wallMillis() - TimeUnit.NANOSECONDS.toMillis(source.nanoTime());
    }

    long now() {
        return source.nanoTime() - beginning;
    }

    /** The time now, which from now on is the coarse time as well. For one thread at a time. */
    long tick() {
        long now = now();
        if (now != coarse) {
            coarse = now;
        }
        return now;
    }

    /** The time of the machine's last event: not later than now, and a patrol earlier at most. For those who have no time to look at a clock. */
    long coarse() {
        return coarse;
    }

    /** The time so many nanoseconds after another; what is too far away is never, {@link Long#MAX_VALUE}. */
    static long after(long time, long nanos) {
        return nanos < Long.MAX_VALUE - time ? time + nanos : Long.MAX_VALUE;
    }
}
