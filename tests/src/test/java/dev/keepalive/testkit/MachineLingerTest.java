package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Retired connections whose leases do not end, while waiters of their endpoint are kept out by a limit. */
class MachineLingerTest {
    private static final Duration REPORT = Duration.ofSeconds(30);

    /** A connection that is retired with one lease, and is the only one that the limit allows. */
    private static MachineScript retired(MachineScript script) {
        script.acquire("everlasting", "a");
        script.openedShared(1, 2);
        script.retire(1);
        return script;
    }

    @Test
    void itIsToldOnceWhenItKeepsItsOwnWaitersOut() {
        MachineScript script = retired(MachineScript.with(1, 1));
        script.acquire("w", "a");
        assertThat(script.run(REPORT.minusNanos(1))).isEmpty();
        assertThat(script.run(Duration.ofNanos(1))).containsExactly("lingers 1 with 1");
        assertThat(script.run(REPORT.multipliedBy(3))).isEmpty();
        assertThat(script.counts().leaving()).isEqualTo(1);
        assertThat(script.release("everlasting")).containsExactly("close 1 RETIRED");
        assertThat(script.closed(1)).containsExactly("gone 1 RETIRED", "dial 2 a");
    }

    @Test
    void itIsToldLaterIfNoWaiterIsKeptOutAtFirst() {
        MachineScript script = retired(MachineScript.with(1, 1));
        assertThat(script.run(REPORT.multipliedBy(2))).isEmpty();
        script.acquire("w", "a");
        assertThat(script.run(Duration.ofSeconds(1))).containsExactly("lingers 1 with 1");
    }

    @Test
    void itIsNotToldWhileAnotherConnectionIsBeingOpened() {
        MachineScript script = retired(MachineScript.with(2, 2));
        assertThat(script.acquire("w", "a")).containsExactly("dial 2 a");
        assertThat(script.run(REPORT.minusSeconds(1))).isEmpty();
        script.openedShared(2, 2);
        assertThat(script.run(REPORT)).doesNotContain("lingers 1 with 1");
    }

    @Test
    void withoutALimitItsLeasesAreNeverCut() {
        MachineScript script = retired(MachineScript.with(1, 1));
        script.acquire("w", "a");
        assertThat(script.run(Duration.ofHours(1))).doesNotContain("close 1 RETIRED");
    }

    @Test
    void itIsClosedUnderItsHoldersAtTheLimitIfItKeepsAWaiterOut() {
        MachineScript script = retired(MachineScript.with(1, 1).lingerTimeout(Duration.ofSeconds(5)));
        script.acquire("w", "a");
        assertThat(script.run(Duration.ofSeconds(5).minusNanos(1))).isEmpty();
        assertThat(script.run(Duration.ofNanos(1))).containsExactly("close 1 RETIRED");
        assertThat(script.closed(1)).containsExactly("gone 1 RETIRED", "dial 2 a");
        script.release("everlasting");
        assertThat(script.wasHeld()).isFalse();
    }

    @Test
    void itIsClosedForAWaiterOfAnotherEndpointToo() {
        MachineScript script = retired(MachineScript.with(1, 1).lingerTimeout(Duration.ofSeconds(5)));
        assertThat(script.run(Duration.ofSeconds(60)))
                .as("no waiter is kept out")
                .isEmpty();
        script.acquire("w", "b");
        assertThat(script.run(Duration.ofSeconds(1))).containsExactly("close 1 RETIRED");
    }

    @Test
    void oneThatWasRetiredWhileItWasDialedLingersFromItsDialOn() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("everlasting", "a");
        script.retire(1);
        script.advance(Duration.ofSeconds(10));
        script.openedShared(1, 2);
        script.acquire("w", "a");
        assertThat(script.run(REPORT.minusNanos(1))).isEmpty();
        assertThat(script.run(Duration.ofNanos(1))).containsExactly("lingers 1 with 1");
    }
}
