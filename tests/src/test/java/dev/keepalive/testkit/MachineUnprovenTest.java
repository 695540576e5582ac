package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * Endpoints that are not known to work, because no dial to them has succeeded or the last one has failed: their dials
 * take at most half of the total limit.
 */
class MachineUnprovenTest {
    private static final Duration LONGER_THAN_PATIENCE = Duration.ofMillis(60);
    private static final Duration LONGER_THAN_IDLE_TIMEOUT = Duration.ofSeconds(16);

    private static MachineScript with(int maxOpen, int maxOpenPerEndpoint) {
        return MachineScript.with(maxOpen, maxOpenPerEndpoint).unprovenPercent(50);
    }

    /** Acquires to this many unproven endpoints, u1 and so on, one each. */
    private static void acquireFromUnproven(MachineScript script, int endpoints) {
        for (int i = 1; i <= endpoints; i++) {
            script.acquire("of u" + i, "u" + i);
        }
    }

    /**
     * Opens this many connections to the endpoint, which get the next slots, from the given number on, and leases them.
     */
    private static void lease(MachineScript script, String endpoint, int firstSlot, int count) {
        for (int i = 0; i < count; i++) {
            script.acquire(endpoint + i, endpoint);
        }
        for (int i = 0; i < count; i++) {
            script.opened(firstSlot + i);
        }
    }

    private static void release(MachineScript script, int firstSlot, int count) {
        for (int i = 0; i < count; i++) {
            script.release(firstSlot + i);
        }
    }

    // ---- their share

    @Test
    void dialsToThemTakeAtMostHalf() {
        MachineScript script = with(7, 4);
        acquireFromUnproven(script, 6);
        assertThat(script.counts().dialing()).as("half of 7, rounded up").isEqualTo(4);
        assertThat(script.refused(1)).containsExactly("of u1 fails DIAL_FAILED 1", "dial 5 u5");
    }

    @Test
    void anEndpointThatHasConnectedLeavesTheShareAtOnce() {
        MachineScript script = with(8, 4);
        acquireFromUnproven(script, 5);
        assertThat(script.acquire("w", "u1")).as("u1 has not connected").isEmpty();
        assertThat(script.opened(1)).containsExactly("of u1 gets 1 NEW", "dial 5 u5", "dial 6 u1");
    }

    @Test
    void allDialsOfAnEndpointLeaveTheShareWithTheFirstThatSucceeds() {
        MachineScript script = with(6, 4);
        script.acquire("w", "u1");
        script.acquire("x", "u1");
        acquireFromUnproven(script, 3);
        assertThat(script.counts().dialing()).isEqualTo(3);
        assertThat(script.opened(1)).containsExactly("w gets 1 NEW", "dial 4 u2", "dial 5 u3");
    }

    @Test
    void theOnlyEndpointMayTakeEverything() {
        MachineScript script = with(4, 4);
        for (int i = 1; i <= 4; i++) {
            assertThat(script.acquire("w" + i, "a")).containsExactly("dial " + i + " a");
        }
    }

    @Test
    void anEndpointMayTakeEverythingWhenTheOthersAreGone() {
        MachineScript script = with(2, 2);
        script.acquire("w", "a");
        script.acquire("x", "b");
        assertThat(script.acquire("y", "a")).isEmpty();
        assertThat(script.cancel("x")).containsExactly("dial 2 a");
    }

    @Test
    void ofThemTheOldestWaiterIsNext() {
        MachineScript script = with(4, 4);
        acquireFromUnproven(script, 4);
        script.acquire("w", "u2");
        assertThat(script.refused(1)).containsExactly("of u1 fails DIAL_FAILED 1", "dial 3 u3");
        assertThat(script.refused(3)).containsExactly("of u3 fails DIAL_FAILED 3", "dial 4 u4");
        assertThat(script.refused(4)).containsExactly("of u4 fails DIAL_FAILED 4", "dial 5 u2");
    }

    @Test
    void aDialThatNoWaiterNeedsMakesWayForAnotherOfThem() {
        MachineScript script = with(4, 4);
        acquireFromUnproven(script, 3);
        assertThat(script.cancel("of u2")).containsExactly("stop 2 EVICTED", "dial 3 u3");
    }

    @Test
    void aDialOfAnEndpointThatWorksDoesNotMakeWayForThem() {
        MachineScript script = with(8, 4);
        lease(script, "a", 1, 1);
        script.acquire("w", "a");
        acquireFromUnproven(script, 5);
        assertThat(script.cancel("w")).as("its place is not of their share").isEmpty();
    }

    @Test
    void permitRequestsCountToo() {
        MachineScript script = with(4, 4).budgeted();
        acquireFromUnproven(script, 3);
        assertThat(script.counts().open()).isEqualTo(2);
        script.permitGranted(1);
        assertThat(script.counts().open()).isEqualTo(2);
        assertThat(script.opened(1)).containsExactly("of u1 gets 1 NEW", "request permit 3 u3");
    }

    // ---- beside endpoints that work

    @Test
    void theyDoNotEvictIdleConnectionsOfTheOtherHalf() {
        MachineScript script = with(8, 4);
        lease(script, "a", 1, 4);
        release(script, 1, 4);
        acquireFromUnproven(script, 8);
        assertThat(script.counts().dialing()).isEqualTo(4);
        assertThat(script.counts().idle()).isEqualTo(4);
        assertThat(script.acquire("w", "a")).containsExactly("w gets 4 IMMEDIATE");
    }

    @Test
    void theyEvictWhatEndpointsThatWorkHoldAboveTheirHalf() {
        MachineScript script = with(4, 4);
        lease(script, "a", 1, 4);
        release(script, 1, 4);
        assertThat(script.acquire("w", "u1")).containsExactly("close 1 EVICTED");
        assertThat(script.acquire("x", "u2")).containsExactly("close 2 EVICTED");
        assertThat(script.acquire("y", "u3")).as("the share is full").isEmpty();
        script.closed(1);
        script.closed(2);
        assertThat(script.counts("a").idle()).isEqualTo(2);
    }

    @Test
    void theOnlyPlaceIsShared() {
        MachineScript script = with(1, 1);
        lease(script, "a", 1, 1);
        release(script, 1, 1);
        assertThat(script.acquire("w", "u1")).containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 u1");
        assertThat(script.acquire("x", "a")).isEmpty();
        assertThat(script.refused(2)).containsExactly("w fails DIAL_FAILED 2", "dial 3 a");
    }

    @Test
    void anEndpointThatWorksDialsAtOnceBesideThem() {
        MachineScript script = with(8, 4);
        lease(script, "a", 1, 1);
        acquireFromUnproven(script, 8);
        assertThat(script.acquire("w", "a")).containsExactly("dial 6 a");
        assertThat(script.acquire("x", "a")).containsExactly("dial 7 a");
    }

    @Test
    void anEndpointThatWorksAndIsKeptOutGetsAPlaceAfterPatienceThoughTheyWaitLonger() {
        MachineScript script = with(6, 2);
        lease(script, "a", 1, 2);
        lease(script, "b", 3, 1);
        acquireFromUnproven(script, 5);
        script.acquire("w", "b");
        script.acquire("x", "a");
        script.advance(LONGER_THAN_PATIENCE);
        assertThat(script.release(1)).containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("gone 1 EVICTED", "dial 7 b");
    }

    @Test
    void fourHundredEndpointsThatNeverConnectDoNotDisturbOneThatWorks() {
        MachineScript script = with(128, 4);
        script.checkOnDemand();
        lease(script, "a", 1, 4);
        release(script, 1, 4);
        for (int waiter = 0; waiter < 1600; waiter++) {
            script.acquire("w" + waiter, "u" + waiter % 400);
        }
        script.check();
        assertThat(script.counts().dialing()).isEqualTo(64);
        assertThat(script.counts("a").idle()).isEqualTo(4);
        for (int round = 0; round < 3; round++) {
            script.advance(Duration.ofSeconds(10));
            script.tick();
            assertThat(script.acquire("round " + round, "a"))
                    .as("hit in round " + round)
                    .hasSize(1);
            script.release(4);
        }
        script.check();
    }

    // ---- what is known of an endpoint

    @Test
    void anEndpointWhoseDialFailsIsUnprovenAgain() {
        MachineScript script = with(4, 4);
        lease(script, "a", 1, 1);
        script.acquire("w", "a");
        script.refused(2);
        acquireFromUnproven(script, 2);
        assertThat(script.acquire("x", "a")).as("there is room, but not for it").isEmpty();
        assertThat(script.opened(3)).containsExactly("of u1 gets 3 NEW", "dial 5 a");
        script.opened(5);
        script.release(1);
        assertThat(script.counts("a").idle()).isOne();
    }

    @Test
    void aDialThatTakesTooLongMakesItsEndpointUnproven() {
        MachineScript script = with(4, 4);
        lease(script, "a", 1, 1);
        script.acquire("w", "a");
        script.advance(Duration.ofSeconds(30));
        script.tick();
        script.refused(2);
        acquireFromUnproven(script, 2);
        assertThat(script.acquire("x", "a")).isEmpty();
    }

    @Test
    void aDialThatFailsForWantOfDescriptorsSaysNothingOfItsEndpoint() {
        MachineScript script = with(4, 4);
        lease(script, "a", 1, 1);
        script.acquire("w", "a");
        script.outOfResources(2);
        script.advance(Duration.ofSeconds(1));
        script.tick();
        acquireFromUnproven(script, 2);
        assertThat(script.acquire("x", "a")).containsExactly("dial 5 a");
    }

    @Test
    void anEndpointThatWorkedIsRememberedWhenNothingIsLeftOfIt() {
        MachineScript script = with(4, 4).remembers(1);
        openAndExpire(script, "a", 1);
        assertThat(script.endpoints()).isZero();
        acquireFromUnproven(script, 3);
        assertThat(script.acquire("w", "a")).containsExactly("dial 4 a");
    }

    @Test
    void onlyTheLastEndpointsAreRemembered() {
        MachineScript script = with(6, 4).remembers(2);
        openAndExpire(script, "a", 1);
        openAndExpire(script, "b", 2);
        openAndExpire(script, "a", 3);
        openAndExpire(script, "c", 4);
        acquireFromUnproven(script, 3);
        assertThat(script.acquire("w", "b")).as("b was forgotten").isEmpty();
        assertThat(script.acquire("x", "a")).containsExactly("dial 8 a");
        assertThat(script.acquire("y", "c")).containsExactly("dial 9 c");
    }

    private static void openAndExpire(MachineScript script, String endpoint, int slot) {
        lease(script, endpoint, slot, 1);
        script.release(slot);
        script.advance(LONGER_THAN_IDLE_TIMEOUT);
        script.tick();
        script.closed(slot);
    }
}
