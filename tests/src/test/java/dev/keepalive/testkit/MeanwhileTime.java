package dev.keepalive.testkit;

import dev.keepalive.spi.TimeSource;
import java.util.List;

/**
 * A clock during whose next reading something else happens, once each: as if another thread acted just before an event
 * takes the lock of the manager.
 */
final class MeanwhileTime implements TimeSource {
    private final FakeTime time;
    private final List<Runnable> meanwhile;

    MeanwhileTime(FakeTime time, List<Runnable> meanwhile) {
        this.time = time;
        this.meanwhile = meanwhile;
    }

    @Override
    public long nanoTime() {
        if (!meanwhile.isEmpty()) {
            meanwhile.remove(0).run();
        }
        return time.nanoTime();
    }

    @Override
    public Alarm alarm(String name, Runnable onAlarm) {
        return time.alarm(name, onAlarm);
    }
}
