package dev.keepalive.internal;

import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The manager's time: nanoseconds since it was built. */
final class ManagerClock {
    /** So often, at most, is the wall clock looked at. */
    private static final long LOOK_INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

    private static final long SMALLEST_JUMP = TimeUnit.SECONDS.toMillis(5);

    private final TimeSource source;
    private final long start;

    /** One thread at a time looks at the wall clock, which is foreign code; the others go on. */
    private final AtomicBoolean looking = new AtomicBoolean();

    /** Plain: read and written by the thread that looks, and handed on by the flag. */
    private long wallAhead;

    private volatile long lastLook;
    private volatile long coarse;

    ManagerClock(TimeSource source) {
        this.source = source;
        this.start = source.nanoTime();
        this.wallAhead = wallAhead(0);
    }

    /**
     * True if the wall clock has jumped ahead since it was last looked at: the host was suspended, and what looks idle
     * may have been closed long ago. To be called without a lock. If the wall clock blocks, it holds up the one thread
     * that looks at it.
     */
    boolean wasSuspended(long now) {
        return now - lastLook >= LOOK_INTERVAL && looking.compareAndSet(false, true) && hasJumped();
    }

    /** The caller may have waited since it read its time, so both clocks are read here. */
    private boolean hasJumped() {
        try {
            long now = now();
            long before = wallAhead;
            wallAhead = wallAhead(now);
            lastLook = now;
            return wallAhead - before >= SMALLEST_JUMP;
        } finally {
            looking.set(false);
        }
    }

    private long wallAhead(long now) {
        return source.wallMillis() - TimeUnit.NANOSECONDS.toMillis(start + now);
    }

    long now() {
        return source.nanoTime() - start;
    }

    /** It is so late; the coarse time follows. For one thread at a time. */
    void tick(long now) {
        if (now > coarse) {
            coarse = now;
        }
    }

    /**
     * The time of the machine's last event: not later than now, and a patrol earlier at most. For those who have no
     * time to look at a clock.
     */
    long coarse() {
        return coarse;
    }

    /** The time so many nanoseconds after another; what is too far away is never, {@link Long#MAX_VALUE}. */
    static long after(long time, long nanos) {
        return nanos < Long.MAX_VALUE - time ? time + nanos : Long.MAX_VALUE;
    }

    /** The duration in nanoseconds; null is never. */
    static long nanosOrNever(@Nullable Duration duration) {
        return duration == null ? Long.MAX_VALUE : nanos(duration);
    }

    /** The duration in nanoseconds; a duration too long for that is never. */
    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }
}
