package dev.keepalive.stress;

import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A clock that goes on by steps, and whose alarm goes off with each step, whenever it was set for: a manager must bear
 * an alarm that is too early. So there is no instant at which a step is done and the alarm that another thread is just
 * setting is forgotten.
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

    /** Time passes, then the alarm goes off, on this thread. */
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
                // it goes off with the next step anyway
            }

            @Override
            public void close() {
                SteppedTime.this.onAlarm.set(null);
            }
        };
    }
}
