package dev.keepalive.spi;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The real time. No other class reads a clock. */
final class SystemTime implements TimeSource {
    static final SystemTime INSTANCE = new SystemTime();

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long wallMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public Alarm alarm(String name, Runnable onAlarm) {
        return new ThreadAlarm(name, onAlarm);
    }

    /**
     * An alarm with a thread of its own, which is started when the alarm is first set. From then on the alarm needs no
     * memory to be set and to go off.
     */
    private static final class ThreadAlarm implements Alarm, Runnable {
        /** After so long the alarm goes off again if {@code onAlarm} threw, in nanoseconds. */
        private static final long RETRY = TimeUnit.MILLISECONDS.toNanos(100);

        private static final long NEVER = Long.MAX_VALUE;

        private final String name;
        private final Runnable onAlarm;
        private final long start = INSTANCE.nanoTime();

        /** When the alarm goes off, in nanoseconds since {@code start}. */
        private final AtomicLong due = new AtomicLong(NEVER);

        private volatile @Nullable Thread thread;
        private volatile boolean closed;

        ThreadAlarm(String name, Runnable onAlarm) {
            this.name = name;
            this.onAlarm = onAlarm;
        }

        @Override
        public void set(long nanosFromNow) {
            due.set(in(nanosFromNow));
            if (thread == null) {
                startThread();
            }
            LockSupport.unpark(thread);
        }

        private synchronized void startThread() {
            if (thread == null && !closed) {
                Thread created = new Thread(null, this, name, 0, false);
                created.setDaemon(true);
                created.setPriority(Thread.NORM_PRIORITY);
                created.setContextClassLoader(null);
                created.start();
                thread = created;
            }
        }

        /** What {@code onAlarm} throws does not end the thread: later alarms go off all the same. */
        @Override
        public void run() {
            while (!closed) {
                long next = due.get();
                long wait = next - now();
                if (wait > 0) {
                    LockSupport.parkNanos(this, wait);
                } else if (due.compareAndSet(next, NEVER)) {
                    // An interrupt that came before is none of this alarm's.
                    Thread.interrupted();
                    goOff();
                }
                // An interrupt means nothing here; if it stayed, no later wait would last.
                Thread.interrupted();
            }
        }

        private void goOff() {
            try {
                onAlarm.run();
            } catch (Throwable thrown) {
                // Not logged: there may be no memory. If the alarm has not been set again, it goes off again.
                due.compareAndSet(NEVER, in(RETRY));
            }
        }

        private long in(long nanos) {
            long now = now();
            return nanos < NEVER - now ? now + Math.max(0, nanos) : NEVER;
        }

        private long now() {
            return INSTANCE.nanoTime() - start;
        }

        @Override
        public void close() {
            closed = true;
            LockSupport.unpark(thread);
        }
    }
}
