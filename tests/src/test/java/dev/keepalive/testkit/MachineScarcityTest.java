package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Dials that fail because the system has no resources for another connection. */
class MachineScarcityTest {
    private static final Duration A_WHILE = Duration.ofSeconds(1);
    private final MachineScript script = MachineScript.with(10, 2);

    private void idle(long slot, String endpoint) {
        script.acquire("before " + slot, endpoint);
        script.opened(slot);
        script.release(slot);
    }

    @Test
    void theLeastRecentlyUsedIdleConnectionMakesWayAndTheSameWaiterIsTriedAgain() {
        idle(1, "a");
        idle(2, "b");
        script.acquire("w", "c");
        assertThat(script.ranOut(3)).containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("gone 1 EVICTED", "dial 4 c");
        assertThat(script.opened(4)).containsExactly("w gets 4 NEW");
    }

    @Test
    void theSecondFailureIsTold() {
        idle(1, "a");
        idle(2, "b");
        script.acquire("w", "c");
        script.ranOut(3);
        script.closed(1);
        assertThat(script.ranOut(4)).containsExactly("w fails DIAL_FAILED 4");
        assertThat(script.counts().idle()).as("nobody wants its place now").isEqualTo(1);
    }

    @Test
    void whereNothingIsIdleTheFirstFailureIsTold() {
        script.acquire("v", "a");
        script.opened(1);
        script.acquire("w", "b");
        assertThat(script.ranOut(2)).containsExactly("w fails DIAL_FAILED 2");
    }

    @Test
    void theNextDoNotRunIntoTheSameWall() {
        script.acquire("v", "a");
        script.opened(1);
        script.acquire("w", "b");
        script.ranOut(2);
        assertThat(script.acquire("x", "c")).as("waits for what comes").isEmpty();
        assertThat(script.release(1)).as("makes room").containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("gone 1 EVICTED", "dial 3 c");
    }

    @Test
    void theCeilingRisesByItselfAndWhoWaitsIsServed() {
        script.acquire("v", "a");
        script.opened(1);
        script.acquire("w", "b");
        script.ranOut(2);
        script.acquire("x", "c");
        script.acquire("y", "c");
        assertThat(script.wakeAt()).isEqualTo(A_WHILE);
        script.pass(A_WHILE);
        assertThat(script.tick()).containsExactly("dial 3 c", "dial 4 c");
    }

    @Test
    void evenWithNothingOpenWhoWaitsIsServedInTheEnd() {
        script.acquire("w", "b");
        assertThat(script.ranOut(1)).containsExactly("w fails DIAL_FAILED 1");
        assertThat(script.acquire("x", "b")).isEmpty();
        assertThat(script.wakeAt()).isEqualTo(A_WHILE);
        script.pass(A_WHILE);
        assertThat(script.tick()).containsExactly("dial 2 b");
        assertThat(script.opened(2)).containsExactly("x gets 2 NEW");
    }

    @Test
    void itIsNotTheEndpointsFault() {
        for (int i = 1; i <= 8; i++) {
            script.acquire("w" + i, "a");
            assertThat(script.ranOut(i)).containsExactly("w" + i + " fails DIAL_FAILED " + i);
            script.pass(A_WHILE);
        }
        assertThat(script.acquire("x", "a")).as("not paused").containsExactly("dial 9 a");
        assertThat(script.totals().dialsFailed()).isEqualTo(8);
    }

    @Test
    void whatIsReleasedToItsOwnLineIsUsedAsEver() {
        script.acquire("v", "a");
        script.opened(1);
        script.acquire("w", "a");
        script.ranOut(2);
        script.acquire("x", "a");
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void everyFailureLowersTheCeilingFurther() {
        script.acquire("u", "a");
        script.opened(1);
        script.acquire("v", "b");
        script.acquire("w", "c");
        script.ranOut(2);
        script.ranOut(3);
        script.acquire("x", "b");
        assertThat(script.counts().open()).isEqualTo(1);
        assertThat(script.counts().waiting()).isEqualTo(1);
    }

    @Test
    void aStoppedDialThatRanOutSaysNothing() {
        script.acquire("w", "a");
        script.shutdown();
        assertThat(script.ranOut(1)).containsExactly("finished");
    }

    @Test
    void whoeverHasGoneIsNotTriedAgain() {
        idle(1, "a");
        script.acquire("w", "b");
        script.cancel("w");
        assertThat(script.ranOut(2)).isEmpty();
        assertThat(script.counts().idle()).isEqualTo(1);
    }
}
