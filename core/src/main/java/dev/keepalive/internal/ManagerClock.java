package dev.keepalive.internal;

import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The manager's time, in nanoseconds since the manager was built. Safe from any thread, {@link #tick} excepted. */
final class ManagerClock {
    /** How often, at most, the wall clock is read, in nanoseconds. */
    private static final long LOOK_INTERVAL = TimeUnit.MILLISECONDS.toNanos(100);

    /** From which jump of the wall clock on the host counts as suspended, in milliseconds. */
    private static final long SMALLEST_JUMP = TimeUnit.SECONDS.toMillis(5);

    private final TimeSource source;
    private final long start;

    /** True while a thread reads the wall clock, which is foreign code. The other threads go on without. */
    private final AtomicBoolean looking = new AtomicBoolean();

    /**
     * How far the wall clock is ahead of the manager's time, in milliseconds. Plain: read and written by the thread
     * that has set {@code looking}, and passed on by it.
     */
    private long wallAhead;

    /** Plain, as {@code wallAhead}: true since the wall clock threw, until it is read again. */
    private boolean wallFails;

    /** Plain: true since {@code nanoTime} threw, until it does not. A report too many does no harm. */
    private boolean timeFails;

    private volatile Consumer<Throwable> onFailure = thrown -> {};
    private volatile long lastLook;
    private volatile long coarse;

    ManagerClock(TimeSource source) {
        this.source = source;
        this.start = source.nanoTime();
        this.wallAhead = wallAhead(0);
    }

    /**
     * True if the wall clock has jumped ahead since it was last read: then the host was suspended, and idle connections
     * may have been closed long ago. Called without a lock, since the wall clock may block; then it delays the one
     * thread that reads it.
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
            wallFails = false;
            return wallAhead - before >= SMALLEST_JUMP;
        } catch (StackOverflowError overflow) {
            throw overflow;
        } catch (Throwable thrown) {
            wallFails = report(thrown, wallFails);
            return false;
        } finally {
            looking.set(false);
        }
    }

    /** Only differences of the time source are used, since its number wraps around. */
    private long wallAhead(long now) {
        return source.wallMillis() - TimeUnit.NANOSECONDS.toMillis(now);
    }

    /** The time; the last known one if the time source throws, so that no other code has to expect that. */
    long now() {
        long now;
        try {
            now = source.nanoTime() - start;
        } catch (StackOverflowError overflow) {
            throw overflow;
        } catch (Throwable thrown) {
            timeFails = report(thrown, timeFails);
            return coarse;
        }
        if (timeFails) {
            timeFails = false;
        }
        return now;
    }

    /** Sets what is told of that the time source throws: once, until it works again. */
    void onFailure(Consumer<Throwable> told) {
        onFailure = told;
    }

    private boolean report(Throwable thrown, boolean isReported) {
        if (!isReported) {
            onFailure.accept(thrown);
        }
        return true;
    }

    /** Advances the coarse time. Called under the machine's lock. */
    void tick(long now) {
        if (now > coarse) {
            coarse = now;
        }
    }

    /**
     * The time of the machine's last event: not later than now, and earlier by a patrol at most. It reads no clock, so
     * it is cheap.
     */
    long coarse() {
        return coarse;
    }

    /** The time so many nanoseconds after another; {@link Long#MAX_VALUE}, which is never, if that overflows. */
    static long after(long time, long nanos) {
        return nanos < Long.MAX_VALUE - time ? time + nanos : Long.MAX_VALUE;
    }

    /** The duration in nanoseconds; {@link Long#MAX_VALUE}, which is never, for null. */
    static long nanosOrNever(@Nullable Duration duration) {
        return duration == null ? Long.MAX_VALUE : nanos(duration);
    }

    /** The duration in nanoseconds; {@link Long#MAX_VALUE}, which is never, if that overflows. */
    static long nanos(Duration duration) {
        try {
            return duration.toNanos();
        } catch (ArithmeticException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    /**
     * The duration in nanoseconds, as {@link #nanos}.
     *
     * @throws IllegalArgumentException if it is negative
     */
    static long nanosNotNegative(String name, Duration duration) {
        if (Objects.requireNonNull(duration, name).isNegative()) {
            throw new IllegalArgumentException(name + " " + duration + " is not allowed: zero or more");
        }
        return nanos(duration);
    }
}
