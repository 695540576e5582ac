package dev.keepalive.spi;

import java.util.concurrent.TimeUnit;

/** The clock and the alarm of a manager: the only place where time comes from. Safe from any thread. */
public interface TimeSource {
    /** The time of a clock that never goes back, in nanoseconds from any beginning. */
    long nanoTime();

    /**
     * The time of day in milliseconds. Only compared with {@link #nanoTime}: if it runs ahead of it, the machine was
     * suspended meanwhile, or its clock was set. By default, the same as {@code nanoTime}.
     */
    default long wallMillis() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime());
    }

    /** Makes an alarm that calls {@code onAlarm}, which never blocks for long. */
    Alarm alarm(String name, Runnable onAlarm);

    /** The system's monotonic clock, and alarms on a daemon thread each. */
    static TimeSource system() {
        return SystemTime.INSTANCE;
    }

    /** Goes off once at a given time. */
    interface Alarm extends AutoCloseable {
        /**
         * Sets the alarm to go off in so many nanoseconds; what was set before is forgotten. Zero or less: at once, on
         * the alarm's thread.
         */
        void set(long nanosFromNow);

        /** Ends the alarm: it does not go off any more. */
        @Override
        void close();
    }
}
