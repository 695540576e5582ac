package dev.keepalive;

import dev.keepalive.spi.TimeSource;
import java.util.concurrent.TimeUnit;

/** The manager's time: nanoseconds since it was built. */
final class Ticks {
    private static final long SMALLEST_JUMP = TimeUnit.SECONDS.toMillis(5);

    private final TimeSource source;
    private final long beginning;
    private long wallAhead;

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

    /** The time so many nanoseconds after another; what is too far away is never, {@link Long#MAX_VALUE}. */
    static long after(long time, long nanos) {
        return nanos < Long.MAX_VALUE - time ? time + nanos : Long.MAX_VALUE;
    }
}
