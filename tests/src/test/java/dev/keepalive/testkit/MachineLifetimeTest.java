package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The lifetime of connections, retired connections, and leases that are held too long. */
class MachineLifetimeTest {
    private static final Duration LIFETIME = Duration.ofSeconds(10);
    private final MachineScript script = MachineScript.with(100, 100).maxLifetime(LIFETIME);

    @Test
    void anIdleConnectionEndsWhenItIsTooOld() {
        script.advance(Duration.ofHours(1));
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.advance(Duration.ofMillis(7499));
        assertThat(script.tick()).isEmpty();
        script.advance(Duration.ofMillis(2501));
        assertThat(script.tick()).containsExactly("close 1 LIFETIME");
    }

    @Test
    void aLeasedConnectionThatIsTooOldIsClosedAtItsReleaseBeforeTheWaitQueueIsServed() {
        MachineScript one = MachineScript.with(1, 1).maxLifetime(LIFETIME);
        one.acquire("w", "a");
        one.opened(1);
        one.acquire("x", "a");
        one.advance(LIFETIME);
        assertThat(one.tick()).as("it is in use").isEmpty();
        assertThat(one.release(1)).containsExactly("close 1 LIFETIME");
        assertThat(one.closed(1)).containsExactly("gone 1 LIFETIME", "dial 2 a");
    }

    @Test
    void useDoesNotExtendTheLifetime() {
        script.acquire("w", "a");
        script.opened(1);
        for (int second = 0; second < 9; second++) {
            script.release(1);
            script.advance(Duration.ofSeconds(1));
            script.acquire("w" + second, "a");
        }
        script.advance(Duration.ofSeconds(1));
        assertThat(script.release(1)).containsExactly("close 1 LIFETIME");
    }

    @Test
    @Tag("G20")
    void connectionsOpenedTogetherDoNotEndTogether() {
        int count = 50;
        for (int slot = 1; slot <= count; slot++) {
            script.acquire("w" + slot, "a");
        }
        for (int slot = 1; slot <= count; slot++) {
            script.opened(slot);
        }
        for (int slot = 1; slot <= count; slot++) {
            script.release(slot);
        }
        TreeSet<Duration> ends = new TreeSet<>();
        while (script.counts().idle() > 0) {
            Duration end = script.wakeAt();
            script.advanceTo(end);
            List<String> ended = script.tick();
            ended.forEach(line -> {
                assertThat(line).endsWith("LIFETIME");
                ends.add(end);
            });
            assertThat(ended.size()).as("at the same time").isLessThanOrEqualTo(1);
        }
        assertThat(ends).hasSize(count);
        assertThat(ends.first()).isBetween(Duration.ofMillis(7500), Duration.ofMillis(7700));
        assertThat(ends.last()).isBetween(Duration.ofMillis(9800), Duration.ofMillis(10000));
    }

    // ---- retired connections

    @Test
    void oneConnectionIsRetiredAndTheOthersStay() {
        script.acquire("v", "a");
        script.acquire("w", "a");
        script.opened(1);
        script.opened(2);
        script.release(1);
        script.release(2);
        assertThat(script.retire(1)).containsExactly("close 1 RETIRED");
        assertThat(script.retire(1)).as("the second time").isEmpty();
        assertThat(script.closed(1)).containsExactly("gone 1 RETIRED");
        assertThat(script.retire(1)).as("too late").isEmpty();
        assertThat(script.acquire("x", "a")).containsExactly("x gets 2 IMMEDIATE");
    }

    @Test
    void aRetiredConnectionInUseIsClosedAtItsReleaseBeforeTheWaitQueueIsServed() {
        MachineScript one = MachineScript.with(1, 1);
        one.acquire("v", "a");
        one.opened(1);
        one.acquire("w", "a");
        assertThat(one.retire(1)).isEmpty();
        assertThat(one.release(1)).containsExactly("close 1 RETIRED");
        assertThat(one.closed(1)).containsExactly("gone 1 RETIRED", "dial 2 a");
    }

    @Test
    void aConnectionRetiredDuringItsDialServesOneWaiter() {
        script.acquire("v", "a");
        assertThat(script.retire(1)).isEmpty();
        assertThat(script.opened(1)).containsExactly("v gets 1 NEW");
        assertThat(script.release(1)).containsExactly("close 1 RETIRED");
    }

    @Test
    void retiringAnEndpointClosesIdleConnectionsAtOnceAndLeasedOnesAtTheirRelease() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.opened(1);
        script.opened(2);
        script.release(1);
        assertThat(script.retire("b")).isEmpty();
        assertThat(script.retire("a")).containsExactly("close 1 RETIRED");
        assertThat(script.release(2)).containsExactly("close 2 RETIRED");
        assertThat(script.acquire("y", "a"))
                .as("new connections are not retired")
                .containsExactly("dial 3 a");
    }

    @Test
    void aRetiredDialServesOnceAndAResetIsNotKept() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.opened(2);
        script.releaseToReset(2);
        script.retire("a");
        assertThat(script.reset(2, true)).containsExactly("close 2 RETIRED");
        assertThat(script.opened(1)).containsExactly("x gets 1 NEW");
        assertThat(script.release(1)).containsExactly("close 1 RETIRED");
    }

    @Test
    void aRetiredDialThatNoWaiterNeedsIsNotKept() {
        script.acquire("w", "a");
        script.cancel("w");
        script.retire("a");
        assertThat(script.opened(1)).containsExactly("close 1 RETIRED");
    }

    @Test
    void retiringAllClosesIdleConnectionsAtOnceAndLeasedOnesAtTheirRelease() {
        script.acquire("w", "a");
        script.acquire("x", "b");
        script.opened(1);
        script.opened(2);
        script.release(1);
        assertThat(script.retireAll()).containsExactly("close 1 RETIRED");
        assertThat(script.release(2)).containsExactly("close 2 RETIRED");
        assertThat(script.acquire("y", "b"))
                .as("new connections are not retired")
                .containsExactly("dial 3 b");
    }

    static Stream<Arguments> retirements() {
        return Stream.<Function<MachineScript, List<String>>>of(
                        script -> script.retire("a"), script -> script.retire(1), MachineScript::retireAll)
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("retirements")
    void aRetiredConnectionWhoseCloseIsOverdueIsReportedInTime(Function<MachineScript, List<String>> retirement) {
        MachineScript idle = MachineScript.with(1, 1);
        idle.acquire("w", "a");
        idle.opened(1);
        idle.release(1);
        idle.advance(Duration.ofSeconds(1));
        idle.tick();
        assertThat(retirement.apply(idle)).containsExactly("close 1 RETIRED");
        idle.advanceTo(idle.wakeAt());
        idle.tick();
        assertThat(idle.wakeAt()).as("a close may take 5 s").isEqualTo(Duration.ofSeconds(6));
        idle.advanceTo(idle.wakeAt());
        assertThat(idle.tick()).containsExactly("close overdue 1");
    }

    // ---- leases that are held too long

    @Test
    void aLeaseThatIsHeldForLongIsReportedOnce() {
        MachineScript reporting = MachineScript.with(1, 1).reportHeldFor(Duration.ofSeconds(3));
        reporting.acquire("w", "a");
        reporting.opened(1);
        reporting.advance(Duration.ofMillis(2999));
        assertThat(reporting.tick()).isEmpty();
        reporting.advance(Duration.ofMillis(1));
        assertThat(reporting.tick()).containsExactly("held too long 1");
        reporting.advance(Duration.ofSeconds(30));
        assertThat(reporting.tick()).isEmpty();
        reporting.release(1);
        reporting.acquire("x", "a");
        reporting.advance(Duration.ofSeconds(3));
        assertThat(reporting.tick()).as("the next lease").containsExactly("held too long 1");
    }
}
