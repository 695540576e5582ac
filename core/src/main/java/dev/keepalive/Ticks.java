package dev.keepalive;

import dev.keepalive.spi.TimeSource;
import java.util.concurrent.TimeUnit;

/** The manager's time: nanoseconds since it was built. */
final class Ticks {
    /** So often, at most, is the wall clock looked at. */
    private static final long LOOK = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SMALLEST_JUMP = TimeUnit.SECONDS.toMillis(5);

    private final TimeSource source;
    private final long beginning;
    private long wallAhead;
    private long looked;
    private volatile long coarse;

    Ticks(TimeSource source) {
        this.source = source;
        this.beginning = source.nanoTime();
        this.wallAhead = wallAhead(0);
    }

    /**
     * True if the wall clock has jumped ahead since it was last looked at: the machine was suspended, and what looks idle may have been closed long ago. For one
     * thread at a time.
     */
    boolean wasSuspended(long now) {
        if (now - looked < LOOK) {
            return false;
        }
        looked = now;
        long before = wallAhead;
        wallAhead = wallAhead(now);
        return wallAhead - before >= SMALLEST_JUMP;
    }

    private long wallAhead(long now) {
        return source.wallMillis() - TimeUnit.NANOSECONDS.toMillis(beginning + now);
    }

    long now() {
        return source.nanoTime() - beginning;
    }

    /** It is so late; the coarse time follows. For one thread at a time. */
    void tick(long now) {
        if (now > coarse) {
            coarse = now;
        }
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
