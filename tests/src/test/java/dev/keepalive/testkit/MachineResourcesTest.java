package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Dials that fail because the host has no resources for another connection. */
class MachineResourcesTest {
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
        assertThat(script.outOfResources(3)).containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("gone 1 EVICTED", "dial 4 c");
        assertThat(script.opened(4)).containsExactly("w gets 4 NEW");
    }

    @Test
    void theSecondFailureIsToldToTheWaiter() {
        idle(1, "a");
        idle(2, "b");
        script.acquire("w", "c");
        script.outOfResources(3);
        script.closed(1);
        assertThat(script.outOfResources(4)).containsExactly("w fails DIAL_FAILED 4");
        assertThat(script.counts().idle()).as("no waiter needs its permit now").isEqualTo(1);
    }

    @Test
    void theFirstFailureIsToldToTheWaiterIfNothingIsIdle() {
        script.acquire("v", "a");
        script.opened(1);
        script.acquire("w", "b");
        assertThat(script.outOfResources(2)).containsExactly("w fails DIAL_FAILED 2");
    }

    @Test
    void theNextAcquireWaitsInsteadOfDialing() {
        script.acquire("v", "a");
        script.opened(1);
        script.acquire("w", "b");
        script.outOfResources(2);
        assertThat(script.acquire("x", "c"))
                .as("x waits for room below the ceiling")
                .isEmpty();
        assertThat(script.release(1)).as("makes room").containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("gone 1 EVICTED", "dial 3 c");
    }

    @Test
    void theCeilingRisesByItselfAndWaitersAreServed() {
        script.acquire("v", "a");
        script.opened(1);
        script.acquire("w", "b");
        script.outOfResources(2);
        script.acquire("x", "c");
        script.acquire("y", "c");
        assertThat(script.wakeAt()).isEqualTo(A_WHILE);
        script.advance(A_WHILE);
        assertThat(script.tick()).containsExactly("dial 3 c", "dial 4 c");
    }

    @Test
    void aWaiterIsServedInTheEndThoughNothingIsOpen() {
        script.acquire("w", "b");
        assertThat(script.outOfResources(1)).containsExactly("w fails DIAL_FAILED 1");
        assertThat(script.acquire("x", "b")).isEmpty();
        assertThat(script.wakeAt()).isEqualTo(A_WHILE);
        script.advance(A_WHILE);
        assertThat(script.tick()).containsExactly("dial 2 b");
        assertThat(script.opened(2)).containsExactly("x gets 2 NEW");
    }

    @Test
    void lackOfResourcesDoesNotPauseTheEndpoint() {
        for (int i = 1; i <= 8; i++) {
            script.acquire("w" + i, "a");
            assertThat(script.outOfResources(i)).containsExactly("w" + i + " fails DIAL_FAILED " + i);
            script.advance(A_WHILE);
        }
        assertThat(script.acquire("x", "a")).as("not paused").containsExactly("dial 9 a");
        assertThat(script.totals().dialsFailed()).isEqualTo(8);
    }

    @Test
    void aReleaseServesItsOwnWaitQueueAsUsual() {
        script.acquire("v", "a");
        script.opened(1);
        script.acquire("w", "a");
        script.outOfResources(2);
        script.acquire("x", "a");
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void everyFailureLowersTheCeilingFurther() {
        script.acquire("u", "a");
        script.opened(1);
        script.acquire("v", "b");
        script.acquire("w", "c");
        script.outOfResources(2);
        script.outOfResources(3);
        script.acquire("x", "b");
        assertThat(script.counts().open()).isEqualTo(1);
        assertThat(script.counts().waiting()).isEqualTo(1);
    }

    @Test
    void aStoppedDialThatRunsOutOfResourcesIsNotTold() {
        script.acquire("w", "a");
        script.shutdown();
        assertThat(script.outOfResources(1)).containsExactly("finished");
    }

    @Test
    void noDialIsRepeatedForACancelledWaiter() {
        idle(1, "a");
        script.acquire("w", "b");
        script.cancel("w");
        assertThat(script.outOfResources(2)).isEmpty();
        assertThat(script.counts().idle()).isEqualTo(1);
    }
}
