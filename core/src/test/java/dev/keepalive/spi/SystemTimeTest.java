package dev.keepalive.spi;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SystemTimeTest {
    private final BlockingQueue<Thread> wentOff = new LinkedBlockingQueue<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final TimeSource.Alarm alarm = TimeSource.system().alarm("alarm under test", () -> {
        wentOff.add(Thread.currentThread());
        if (failures.getAndDecrement() > 0) {
            throw new OutOfMemoryError("full");
        }
    });

    @AfterEach
    void close() {
        alarm.close();
    }

    private Thread next() throws InterruptedException {
        Thread thread = wentOff.poll(60, SECONDS);
        assertThat(thread).as("the thread on which the alarm went off").isNotNull();
        return thread;
    }

    @Test
    void anAlarmGoesOffOncePerTimeThatIsSetOnOneDaemonThread() throws Exception {
        alarm.set(0);
        Thread first = next();
        alarm.set(SECONDS.toNanos(3_600));
        alarm.set(-1);
        assertThat(next()).isSameAs(first);
        assertThat(first.isDaemon()).isTrue();
        assertThat(first.getName()).isEqualTo("alarm under test");
        assertThat(wentOff).isEmpty();
    }

    @Test
    void anAlarmWhoseTaskThrewGoesOffAgainAndCanBeSet() throws Exception {
        failures.set(2);
        alarm.set(0);
        next();
        next();
        next();
        alarm.set(0);
        next();
    }

    @Test
    void anInterruptDoesNotEndTheThreadAndNotItsWaits() throws Exception {
        alarm.set(0);
        Thread thread = next();
        thread.interrupt();
        alarm.set(1);
        assertThat(next()).isSameAs(thread);
        assertThat(thread.isInterrupted()).isFalse();
    }

    @Test
    void afterItsCloseTheThreadEndsAndASetDoesNothing() throws Exception {
        alarm.set(0);
        Thread thread = next();
        alarm.close();
        thread.join(SECONDS.toMillis(60));
        assertThat(thread.isAlive()).isFalse();
        alarm.set(0);
        assertThat(wentOff).isEmpty();
    }

    @Test
    void anAlarmThatWasClosedBeforeItWasSetStartsNoThread() {
        alarm.close();
        alarm.set(0);
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("alarm under test"));
    }
}
