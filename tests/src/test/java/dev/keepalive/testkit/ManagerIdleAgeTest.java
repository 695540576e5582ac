package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.AcquireRequest;
import dev.keepalive.CloseReason;
import dev.keepalive.ConnectionListener;
import dev.keepalive.Endpoint;
import dev.keepalive.Lease;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.ManagerBuilder;
import dev.keepalive.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * No idle connection is handed out after its time, though the alarm that should have closed it is late. The answer to a
 * dial comes within the call, so each acquire is answered at once.
 */
class ManagerIdleAgeTest extends ManagerRig {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration NANO = Duration.ofNanos(1);
    private static final Duration LIFETIME = Duration.ofSeconds(10);

    private final List<CloseReason> closed = new ArrayList<>();
    private long late;

    /** The ways to ask for a connection. */
    enum Acquire {
        ACQUIRE,
        WITH_A_LABEL,
        CALLBACK,
        BLOCKING,
        USE,
        BLOCKING_USE;

        Lease<FakeConnection> ask(ManagerIdleAgeTest test) {
            List<Lease<FakeConnection>> got = new ArrayList<>();
            try {
                switch (this) {
                    case ACQUIRE -> got.add(test.manager.acquire(A).join());
                    case WITH_A_LABEL ->
                        got.add(test.manager
                                .acquire(AcquireRequest.to(A).withLabel("job"))
                                .join());
                    case CALLBACK ->
                        test.manager.acquire(AcquireRequest.to(A), Runnable::run, got::add, failure -> {
                            throw new AssertionError(failure);
                        });
                    case BLOCKING -> got.add(test.manager.blocking().acquire(A));
                    case USE ->
                        test.manager
                                .use(A, lease -> CompletableFuture.completedFuture(got.add(lease)))
                                .join();
                    case BLOCKING_USE -> test.manager.blocking().use(A, got::add);
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return got.get(0);
        }
    }

    @BeforeEach
    void useTheLateAlarm() {
        replaceManager(8, 4, this::options);
        connector.answerAtOnce();
    }

    private ManagerBuilder<FakeConnection> options(ManagerBuilder<FakeConnection> options) {
        return options.time(new LateAlarms())
                .callbackExecutor(Runnable::run)
                .idleTimeout(IDLE_TIMEOUT)
                .listener(new ConnectionListener() {
                    @Override
                    public void closed(Endpoint endpoint, CloseReason reason, int uses, @Nullable Throwable cause) {
                        closed.add(reason);
                    }
                });
    }

    /** Time passes, and no alarm goes off. */
    private void pass(Duration duration) {
        late += duration.toNanos();
    }

    private void idle(int connections) {
        List<Lease<FakeConnection>> held = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            held.add(manager.acquire(A).join());
        }
        held.forEach(Lease::release);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("G26")
    void anIdleConnectionIsLeasedJustBeforeItsTimeAndNotAtIt(Acquire how) {
        idle(1);
        pass(IDLE_TIMEOUT.minus(NANO));
        Lease<FakeConnection> inTime = how.ask(this);
        assertThat(inTime.uses()).as("the same connection").isEqualTo(2);
        inTime.release();
        assertThat(closed).isEmpty();

        pass(IDLE_TIMEOUT);
        Lease<FakeConnection> next = how.ask(this);
        assertThat(next.origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(closed).containsExactly(CloseReason.IDLE_TIMEOUT);
        next.release();
        assertThat(manager.snapshot().all().open()).isEqualTo(1);
        assertThat(manager.snapshot().totals().opened()).isEqualTo(2);
    }

    @Test
    @Tag("G26")
    void aTriedAcquireGetsNoConnectionWhoseTimeIsOver() {
        idle(2);
        pass(IDLE_TIMEOUT);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(closed).containsExactly(CloseReason.IDLE_TIMEOUT, CloseReason.IDLE_TIMEOUT);
        assertThat(manager.blocking().tryAcquire(A)).isNull();
        assertThat(closed).hasSize(2);
    }

    @Test
    void theNextConnectionWhoseTimeIsNotOverIsLeasedAtOnce() throws Exception {
        idle(2);
        pass(IDLE_TIMEOUT.minus(NANO));
        Lease<FakeConnection> first = Objects.requireNonNull(manager.tryAcquire(A));
        Lease<FakeConnection> second = Objects.requireNonNull(manager.tryAcquire(A));
        FakeLink young = second.connection().link();
        FakeLink old = first.connection().link();
        first.release();
        pass(NANO);
        manager.snapshot(); // an event, so that the release below has the present time
        second.release();
        pass(IDLE_TIMEOUT.minus(NANO));

        Lease<FakeConnection> next = manager.blocking().acquire(A);
        assertThat(next.connection().link()).isSameAs(young);
        assertThat(old.isOpen()).isFalse();
        assertThat(closed).containsExactly(CloseReason.IDLE_TIMEOUT);
        next.release();
    }

    @Test
    @Tag("G26")
    void aConnectionIsNotLeasedAfterItsLifetimeThoughItIsUsedAllTheTime() {
        replaceManager(8, 4, options -> options(options).maxLifetime(LIFETIME));
        connector.answerAtOnce();
        idle(1);
        for (int second = 0; second < 7; second++) {
            Objects.requireNonNull(manager.tryAcquire(A)).release();
            pass(Duration.ofSeconds(1));
        }
        assertThat(closed)
                .as("each lifetime is three quarters of the option at least")
                .isEmpty();
        pass(Duration.ofSeconds(3));
        assertThat(manager.acquire(A).join().origin()).isEqualTo(LeaseOrigin.NEW);
        assertThat(closed).containsExactly(CloseReason.LIFETIME);
    }

    /** The time of a release is that of the last event, which is long ago while the alarm is late. */
    @Test
    void aConnectionThatIsUsedAgainAndAgainIsNotClosedWhileTheAlarmIsLate() {
        idle(1);
        for (int round = 2; round < 20; round++) {
            Lease<FakeConnection> lease = Objects.requireNonNull(manager.tryAcquire(A));
            assertThat(lease.uses()).isEqualTo(round);
            lease.release();
            pass(Duration.ofSeconds(5));
        }
        assertThat(closed).isEmpty();
    }

    @Test
    void aTimeThatIsForEverIsNeverOver() {
        replaceManager(8, 4, options -> options(options).idleTimeout(Duration.ofSeconds(Long.MAX_VALUE)));
        connector.answerAtOnce();
        idle(1);
        pass(Duration.ofDays(365));
        assertThat(manager.tryAcquire(A)).isNotNull();
        manager.close(); // the check at rest waits for the idle timeout
    }

    @Test
    void theAlarmThatGoesOffLateClosesWhatIsLeftAndOnlyThat() {
        idle(1);
        Lease<FakeConnection> other = manager.acquire(B).join();
        other.release();
        pass(IDLE_TIMEOUT);
        assertThat(manager.tryAcquire(A)).isNull();
        assertThat(closed).as("one look ends all that is due").hasSize(2);
        time.advance(Duration.ofSeconds(1));
        assertThat(closed).hasSize(2);
    }

    /** The time of the rig, from which its alarms know nothing of what {@link #pass} adds. */
    private final class LateAlarms implements TimeSource {
        @Override
        public long nanoTime() {
            return time.nanoTime() + late;
        }

        @Override
        public Alarm alarm(String name, Runnable onAlarm) {
            return time.alarm(name, onAlarm);
        }
    }
}
