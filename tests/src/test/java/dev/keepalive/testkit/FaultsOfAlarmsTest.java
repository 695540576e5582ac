package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireException;
import dev.keepalive.AcquireRequest;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Lease;
import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fault catalogue, K: clocks and alarms that fail once. No timer of a manager stops for that. */
class FaultsOfAlarmsTest extends ManagerRig {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<String> reports = new ArrayList<>();
    private final List<Throwable> thrownByTheAlarm = new ArrayList<>();
    private long nanoOffset;
    private boolean clockThrows;
    private boolean wallClockThrows;
    private boolean setThrows;
    private boolean alarmIsLost;

    @BeforeEach
    void useTheFailingTimeSource() {
        replaceManager(4, 1, options -> options.time(new FailingTimeSource()).listener(new Listener()));
    }

    @AfterEach
    void theAlarmsThreadSawNothing() {
        assertThat(thrownByTheAlarm).isEmpty();
    }

    private CompletableFuture<Lease<FakeConnection>> waiting(Duration timeout) {
        return manager.acquire(AcquireRequest.to(A).withTimeout(timeout));
    }

    private void assertTimesOut(CompletableFuture<?> waiting) {
        tasks.runAll();
        assertThat(failure(waiting)).isInstanceOf(AcquireException.TimedOut.class);
    }

    @Test
    void aClockThatThrowsOnTheAlarmsThreadStopsNoTimerAndIsReportedOnce() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<?> waiting = waiting(SECOND);
        clockThrows = true;
        time.advance(SECOND);
        clockThrows = false;
        time.advance(SECOND);
        assertTimesOut(waiting);
        CompletableFuture<?> next = waiting(SECOND);
        time.advance(SECOND);
        assertTimesOut(next);
        assertThat(reports).containsExactly("the time source no time");
        held.release();
    }

    @Test
    void aClockThatThrowsInACallHarmsNoCall() {
        clockThrows = true;
        Lease<FakeConnection> held = lease();
        CompletableFuture<Lease<FakeConnection>> waiting = waiting(SECOND);
        assertThat(held.release()).isTrue();
        tasks.runAll();
        assertThat(waiting.join().release()).isTrue();
        clockThrows = false;
        assertThat(reports).containsExactly("the time source no time");
    }

    @Test
    void aWallClockThatThrowsStopsNoTimerAndIsReportedOnce() {
        Lease<FakeConnection> held = lease();
        wallClockThrows = true;
        CompletableFuture<?> waiting = waiting(SECOND);
        time.advance(SECOND);
        assertTimesOut(waiting);
        wallClockThrows = false;
        assertThat(reports).containsExactly("the time source no time of day");
        held.release();
    }

    @Test
    void anAlarmThatCannotBeSetWhenItGoesOffIsSetAgainSoon() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<?> waiting = waiting(SECOND.multipliedBy(3));
        setThrows = true;
        time.advance(SECOND);
        assertThat(setThrows).as("the alarm was to be set").isFalse();
        time.advance(SECOND.multipliedBy(2));
        assertTimesOut(waiting);
        assertThat(reports).containsExactly("the patrol of the manager no alarm");
        held.release();
    }

    @Test
    void anAlarmThatIsLostIsSetAgainByAnEvent() {
        Lease<FakeConnection> held = lease();
        CompletableFuture<?> waiting = waiting(SECOND.multipliedBy(5));
        alarmIsLost = true;
        time.advance(SECOND.multipliedBy(3));
        assertThat(alarmIsLost).as("an alarm was to go off").isFalse();
        assertThat(time.alarmsSet()).isZero();

        CompletableFuture<?> other = waiting(SECOND.multipliedBy(60));
        assertThat(time.alarmsSet()).isEqualTo(1);
        time.advance(SECOND.multipliedBy(2));
        assertTimesOut(waiting);
        other.cancel(false);
        held.release();
    }

    @Test
    void aTimeSourceWhoseNumberWrapsAroundRetiresNoConnection() {
        nanoOffset = Long.MAX_VALUE - time.nanoTime() - SECOND.toNanos();
        useTheFailingTimeSource();
        lease().release();
        tasks.runAll();
        time.advance(SECOND.multipliedBy(2));
        assertThat(manager.snapshot().all().idle()).isEqualTo(1);
        tasks.runAll();
        assertThat(connector.openLinks()).isEqualTo(1);
    }

    /** Records reports of code that threw. */
    private final class Listener implements ConnectionListener {
        @Override
        public void userCodeThrew(String who, Throwable thrown) {
            reports.add(who + " " + thrown.getMessage());
        }
    }

    /** The time of the test, from a time source that fails when the test says so. */
    private final class FailingTimeSource implements TimeSource {
        @Override
        public long nanoTime() {
            if (clockThrows) {
                throw new IllegalStateException("no time");
            }
            return time.nanoTime() + nanoOffset;
        }

        @Override
        public long wallMillis() {
            if (wallClockThrows) {
                throw new IllegalStateException("no time of day");
            }
            return time.wallMillis();
        }

        @Override
        public Alarm alarm(String name, Runnable onAlarm) {
            Alarm alarm = time.alarm(name, () -> goOff(onAlarm));
            return new Alarm() {
                @Override
                public void set(long nanosFromNow) {
                    if (setThrows) {
                        setThrows = false;
                        throw new IllegalStateException("no alarm");
                    }
                    alarm.set(nanosFromNow);
                }

                @Override
                public void close() {
                    alarm.close();
                }
            };
        }

        private void goOff(Runnable onAlarm) {
            if (alarmIsLost) {
                alarmIsLost = false;
                return;
            }
            try {
                onAlarm.run();
            } catch (RuntimeException thrown) {
                thrownByTheAlarm.add(thrown);
            }
        }
    }
}
