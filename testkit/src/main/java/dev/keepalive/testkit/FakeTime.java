package dev.keepalive.testkit;

import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A clock that stands still until it is advanced. Alarms go off on the thread that advances it, each at its own time,
 * in order. Safe from any thread; never blocks.
 */
public final class FakeTime implements TimeSource {
    private final List<FakeAlarm> alarms = new ArrayList<>();
    private long now;
    private long wallOffset;

    /**
     * A clock that begins at an arbitrary time: a negative one, since negative times are allowed and programs often get
     * them wrong.
     */
    public FakeTime() {
        this.now = -1_000_000_000_000L;
    }

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    /** Lets time pass. Alarms that become due go off within this call. */
    public void advance(Duration duration) {
        long end = nanoTime() + duration.toNanos();
        for (Optional<FakeAlarm> due = due(end); due.isPresent(); due = due(end)) {
            due.get().goOff();
        }
        synchronized (this) {
            now = Math.max(now, end);
        }
    }

    @Override
    public synchronized long wallMillis() {
        return wallOffset + TimeUnit.NANOSECONDS.toMillis(now);
    }

    /** Moves the wall clock alone, as when the host was suspended, or the clock was set. */
    public synchronized void moveWallClock(Duration by) {
        wallOffset += by.toMillis();
    }

    /** The number of alarms that are set. */
    public synchronized int alarmsSet() {
        return (int) alarms.stream().filter(alarm -> alarm.set).count();
    }

    private synchronized Optional<FakeAlarm> due(long end) {
        Optional<FakeAlarm> first = alarms.stream()
                .filter(alarm -> alarm.set && alarm.time <= end)
                .min(Comparator.comparingLong(alarm -> alarm.time));
        first.ifPresent(alarm -> {
            now = Math.max(now, alarm.time);
            alarm.set = false;
        });
        return first;
    }

    @Override
    public synchronized Alarm alarm(String name, Runnable onAlarm) {
        FakeAlarm alarm = new FakeAlarm(onAlarm);
        alarms.add(alarm);
        return alarm;
    }

    private final class FakeAlarm implements Alarm {
        private final Runnable onAlarm;
        private long time;
        private boolean set;

        FakeAlarm(Runnable onAlarm) {
            this.onAlarm = onAlarm;
        }

        void goOff() {
            onAlarm.run();
        }

        @Override
        public void set(long nanosFromNow) {
            synchronized (FakeTime.this) {
                long wait = Math.max(0, nanosFromNow);
                time = wait < Long.MAX_VALUE - Math.max(0, now) ? now + wait : Long.MAX_VALUE;
                set = alarms.contains(this);
            }
        }

        @Override
        public void close() {
            synchronized (FakeTime.this) {
                set = false;
                alarms.remove(this);
            }
        }
    }
}
