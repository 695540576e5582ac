package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Bounds on waiters and dials, and limits that change while the machine runs. */
class MachineLiveLimitsTest {
    // ---- the bound on waiters

    @Test
    void theNewcomerIsRefusedAndNotTheOldest() {
        MachineScript script = MachineScript.with(8, 1).maxWaitingPerEndpoint(2);
        script.acquire("covered", "a");
        script.acquire("w", "a");
        script.acquire("x", "a");
        assertThat(script.acquire("y", "a")).containsExactly("y fails QUEUE_FULL");
        assertThat(script.acquire("z", "b"))
                .as("each endpoint has a bound of its own")
                .containsExactly("dial 2 b");
        assertThat(script.opened(1)).containsExactly("covered gets 1 NEW");
        assertThat(script.release(1)).containsExactly("w gets 1 DEFERRED");
        assertThat(script.acquire("v", "a"))
                .as("there is room in the wait queue again")
                .isEmpty();
    }

    @Test
    void aCoveredWaiterDoesNotCount() {
        MachineScript script = MachineScript.with(8, 3).maxWaitingPerEndpoint(1);
        assertThat(script.acquire("u", "a")).containsExactly("dial 1 a");
        assertThat(script.acquire("v", "a")).containsExactly("dial 2 a");
        assertThat(script.acquire("w", "a")).containsExactly("dial 3 a");
        assertThat(script.acquire("x", "a")).isEmpty();
        assertThat(script.acquire("y", "a")).containsExactly("y fails QUEUE_FULL");
    }

    @Test
    void noConnectionIsEvictedForARefusedAcquire() {
        MachineScript script = MachineScript.with(2, 2).maxWaitingPerEndpoint(1);
        script.acquire("u", "a");
        script.opened(1);
        script.acquire("v", "b");
        script.opened(2);
        script.release(2);
        assertThat(script.acquire("w", "a")).containsExactly("close 2 EVICTED");
        assertThat(script.acquire("x", "a")).containsExactly("x fails QUEUE_FULL");
    }

    @Test
    void anAcquireAtTheEndOfAPauseIsNotRefusedForWaitersThatAreThenCovered() {
        MachineScript script = MachineScript.with(8, 2).maxWaitingPerEndpoint(1);
        script.acquire("u", "a");
        script.opened(1);
        for (String waiter : new String[] {"v", "w"}) {
            script.acquire(waiter, "a");
            script.refused(script.totals().dialsFailed() + 2);
        }
        assertThat(script.acquire("x", "a")).as("paused").isEmpty();
        assertThat(script.acquire("y", "a")).containsExactly("y fails QUEUE_FULL");
        script.advance(Duration.ofMillis(100));
        assertThat(script.acquire("z", "a")).as("the dial is for x").containsExactly("dial 4 a");
    }

    // ---- the bound on dials

    @Test
    void noMoreDialsAreUnderWayThanAllowed() {
        MachineScript script = MachineScript.with(8, 4).maxDialsPerEndpoint(2);
        script.acquire("u", "a");
        assertThat(script.acquire("v", "a")).containsExactly("dial 2 a");
        assertThat(script.acquire("w", "a")).isEmpty();
        assertThat(script.acquire("x", "b"))
                .as("another endpoint has its own bound")
                .containsExactly("dial 3 b");
        assertThat(script.opened(1)).containsExactly("u gets 1 NEW", "dial 4 a");
        assertThat(script.acquire("y", "a")).isEmpty();
        assertThat(script.refused(2)).containsExactly("v fails DIAL_FAILED 2", "dial 5 a");
    }

    @Test
    void aWaiterThatOnlyWaitsForADialEvictsNothing() {
        MachineScript script = MachineScript.with(2, 4).maxDialsPerEndpoint(1);
        script.acquire("u", "b");
        script.opened(1);
        script.release(1);
        script.acquire("v", "a");
        assertThat(script.acquire("w", "a")).isEmpty();
    }

    // ---- limits that change

    @Test
    void aHigherLimitServesWaitersAtOnce() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.acquire("y", "b");
        assertThat(script.limits(2, 1)).containsExactly("dial 2 b");
        assertThat(script.limits(3, 2)).containsExactly("dial 3 a");
    }

    @Test
    void aLowerLimitClosesIdleConnectionsAtOnceTheLongestIdleFirst() {
        MachineScript script = open(3);
        script.release(2);
        script.release(3);
        assertThat(script.limits(8, 2)).containsExactly("close 2 RETIRED");
        assertThat(script.limits(8, 1)).containsExactly("close 3 RETIRED");
        assertThat(script.limits(8, 1))
                .as("slot 1 is leased, and within the limit")
                .isEmpty();
    }

    @Test
    void aLowerLimitClosesALeasedConnectionAtItsReleaseBeforeTheWaitQueueIsServed() {
        MachineScript script = open(3);
        assertThat(script.limits(8, 2)).isEmpty();
        script.acquire("x", "a");
        assertThat(script.release(1)).containsExactly("close 1 RETIRED");
        assertThat(script.closed(1)).as("at the limit").containsExactly("gone 1 RETIRED");
        assertThat(script.release(2)).containsExactly("x gets 2 DEFERRED");
    }

    @Test
    void aLowerLimitStopsTheYoungestDials() {
        MachineScript script = MachineScript.with(8, 3);
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.acquire("y", "a");
        assertThat(script.limits(8, 1)).containsExactly("stop 3 RETIRED", "stop 2 RETIRED");
        script.refused(3);
        assertThat(script.refused(2)).as("no waiter is told of a stop").isEmpty();
        assertThat(script.opened(1)).containsExactly("w gets 1 NEW");
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void aLowerTotalLimitClosesTheLeastRecentlyUsedOfAllEndpoints() {
        MachineScript script = MachineScript.with(4, 4);
        int slot = 0;
        for (String endpoint : new String[] {"a", "b", "c"}) {
            script.acquire("w" + endpoint, endpoint);
            script.opened(++slot);
        }
        script.acquire("y", "d");
        script.release(2);
        script.release(1);
        assertThat(script.limits(3, 4)).containsExactly("close 2 RETIRED");
        assertThat(script.limits(1, 4)).containsExactly("close 1 RETIRED", "stop 4 RETIRED");
        assertThat(script.acquire("z", "a")).isEmpty();
        assertThat(script.release(3)).as("room for y").containsExactly("close 3 EVICTED");
    }

    @Test
    void aLowerTotalLimitStopsTheYoungestDialsOfAllEndpoints() {
        MachineScript script = MachineScript.with(4, 4);
        script.acquire("w", "a");
        script.acquire("x", "b");
        script.acquire("y", "a");
        script.acquire("z", "b");
        assertThat(script.limits(2, 4)).containsExactly("stop 4 RETIRED", "stop 3 RETIRED");
        assertThat(script.opened(1)).containsExactly("w gets 1 NEW");
        assertThat(script.opened(2)).containsExactly("x gets 2 NEW");
    }

    @Test
    void aLowerTotalLimitStopsAnOldDialRatherThanAYoungLease() {
        MachineScript script = MachineScript.with(4, 4);
        script.acquire("w", "a");
        script.acquire("x", "b");
        script.opened(2);
        assertThat(script.limits(1, 4)).containsExactly("stop 1 RETIRED");
    }

    @Test
    void aLowerTotalLimitCancelsTheYoungestPermitRequests() {
        MachineScript script = MachineScript.with(4, 4).budgeted();
        script.acquire("w", "a");
        script.acquire("x", "b");
        assertThat(script.limits(1, 4)).containsExactly("cancel permit request 2");
    }

    @Test
    void anOverdueCloseAboveALoweredLimitMakesAnotherConnectionEnd() {
        MachineScript script = open(3);
        script.release(1);
        script.invalidate(2);
        assertThat(script.limits(8, 2)).as("slot 2 is closing").isEmpty();
        script.advance(Duration.ofSeconds(5));
        assertThat(script.tick()).containsExactly("close overdue 2", "close 1 RETIRED");
    }

    @Test
    void anOverdueCloseAboveALoweredTotalLimitMakesAnotherConnectionEnd() {
        MachineScript script = MachineScript.with(2, 2);
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "b");
        script.invalidate(1);
        assertThat(script.limits(1, 2)).as("slot 1 is closing").isEmpty();
        script.advance(Duration.ofSeconds(5));
        assertThat(script.tick()).containsExactly("close overdue 1", "stop 2 RETIRED");
        script.refused(2);
        assertThat(script.closed(1)).as("x waits on").containsExactly("gone 1 INVALIDATED", "dial 3 b");
    }

    @Test
    void aResetThatEndsAboveALoweredLimitClosesTheConnection() {
        MachineScript script = open(2);
        script.releaseToReset(1);
        script.acquire("x", "a");
        assertThat(script.limits(8, 1)).isEmpty();
        assertThat(script.reset(1, true)).containsExactly("close 1 RETIRED");
        assertThat(script.release(2)).containsExactly("x gets 2 DEFERRED");
    }

    @Test
    void aClosingConnectionCountsAsPartOfTheSurplus() {
        MachineScript script = open(3);
        script.invalidate(1);
        assertThat(script.limits(8, 2)).isEmpty();
        assertThat(script.release(2))
                .as("it is within the limit when slot 1 is gone")
                .isEmpty();
        script.closed(1);
        script.advance(Duration.ofSeconds(15));
        assertThat(script.tick()).contains("close 2 IDLE_TIMEOUT");
    }

    /** A script with this number of leased connections to {@code a}. */
    private static MachineScript open(int count) {
        MachineScript script = MachineScript.with(8, 4);
        for (int slot = 1; slot <= count; slot++) {
            script.acquire("w" + slot, "a");
            script.opened(slot);
        }
        return script;
    }
}
