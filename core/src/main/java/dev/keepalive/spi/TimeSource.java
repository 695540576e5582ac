package dev.keepalive.spi;

import java.util.concurrent.TimeUnit;

/**
 * The clock and the alarms of a manager. It is the only source of time. Safe from any thread. If a method that tells
 * the time throws, the manager reports it, and takes the last time that it knows.
 */
public interface TimeSource {
    /** The time of a monotonic clock, in nanoseconds since an arbitrary beginning. */
    long nanoTime();

    /**
     * The time of day in milliseconds. It is only compared with {@link #nanoTime}: if it runs ahead of that, the host
     * was suspended meanwhile, or its clock was set. By default, the same as {@code nanoTime}.
     */
    default long wallMillis() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime());
    }

    /**
     * Makes an alarm that calls {@code onAlarm}, which never blocks for long.
     *
     * @param onAlarm sets the alarm again, whatever goes wrong. It throws only if that is not possible, for example for
     *     want of memory; the alarms of {@link #system} then go off again after 100 ms
     */
    Alarm alarm(String name, Runnable onAlarm);

    /** The system's monotonic clock, and alarms on a daemon thread each. */
    static TimeSource system() {
        return SystemTime.INSTANCE;
    }

    /** An alarm that goes off once at a given time. */
    interface Alarm extends AutoCloseable {
        /**
         * Sets the alarm to go off after this many nanoseconds, instead of the time that was set before. With zero or
         * less it goes off at once, on the alarm's thread.
         */
        void set(long nanosFromNow);

        /** Ends the alarm. It does not go off any more. */
        @Override
        void close();
    }
}
