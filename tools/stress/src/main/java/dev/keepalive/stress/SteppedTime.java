package dev.keepalive.stress;

import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A clock that goes in steps. Its alarm goes off with every step, whenever it was set for: a manager must accept an
 * early alarm. So an alarm that another thread is just setting is never lost.
 */
public final class SteppedTime implements TimeSource {
    private final AtomicLong now = new AtomicLong();
    private final AtomicReference<@Nullable Runnable> onAlarm = new AtomicReference<>();

    /** A clock at zero. */
    public SteppedTime() {}

    @Override
    public long nanoTime() {
        return now.get();
    }

    /** Advances the time, then runs the alarm on this thread. */
    public void step(Duration duration) {
        now.addAndGet(duration.toNanos());
        Runnable alarm = onAlarm.get();
        if (alarm != null) {
            alarm.run();
        }
    }

    @Override
    public Alarm alarm(String name, Runnable onAlarm) {
        this.onAlarm.set(onAlarm);
        return new Alarm() {
            @Override
            public void set(long nanosFromNow) {
                // the alarm goes off with the next step in any case
            }

            @Override
            public void close() {
                SteppedTime.this.onAlarm.set(null);
            }
        };
    }
}
