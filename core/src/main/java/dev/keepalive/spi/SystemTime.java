package dev.keepalive.spi;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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

    private static final class ThreadAlarm implements Alarm {
        private final ScheduledThreadPoolExecutor thread;
        private final Runnable onAlarm;
        private final ReentrantLock lock = new ReentrantLock();
        private @Nullable ScheduledFuture<?> set;

        ThreadAlarm(String name, Runnable onAlarm) {
            this.onAlarm = onAlarm;
            thread = new ScheduledThreadPoolExecutor(1, task -> {
                Thread created = new Thread(null, task, name, 0, false);
                created.setDaemon(true);
                created.setPriority(Thread.NORM_PRIORITY);
                created.setContextClassLoader(null);
                return created;
            });
            thread.setRemoveOnCancelPolicy(true);
        }

        @Override
        public void set(long nanosFromNow) {
            lock.lock();
            try {
                if (set != null) {
                    set.cancel(false);
                }
                set = thread.schedule(onAlarm, Math.max(0, nanosFromNow), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                if (!thread.isShutdown()) {
                    throw e;
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {
            thread.shutdownNow();
        }
    }
}
