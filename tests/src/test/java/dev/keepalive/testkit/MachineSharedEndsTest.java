package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.machine.ReleaseKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How a shared connection ends: retired, idle, without capacity, too old, above a limit, or with the machine. */
class MachineSharedEndsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration NANO = Duration.ofNanos(1);
    private static final Duration WITHIN = Duration.ofSeconds(10);

    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript one = scripts.with(1, 1);
    private final MachineScript two = scripts.with(2, 2);

    /** The waiters a1 and a2 hold two places of connection 1. */
    private static void twoHold(MachineScript script, int capacity) {
        script.expects(2);
        script.acquire("a1", "a");
        script.acquire("a2", "a");
        script.openedShared(1, capacity);
    }

    /** Connection 1 is idle. */
    private static void idle(MachineScript script, int capacity) {
        twoHold(script, capacity);
        script.release("a1");
        assertThat(script.release("a2")).isEmpty();
        assertThat(script.counts().idle()).isOne();
    }

    // ---- retired

    @Test
    void aConnectionThatIsSendingEverybodyAwayTakesNobodyAndEndsAfterItsLastLease() {
        MachineScript budgeted = scripts.with(2, 2).expects(2).budgeted();
        budgeted.acquire("a1", "a");
        budgeted.acquire("a2", "a");
        budgeted.permitGranted(1);
        budgeted.openedShared(1, 100);
        assertThat(budgeted.retire(1)).isEmpty();
        assertThat(budgeted.acquire("a3", "a")).containsExactly("request permit 2 a");
        assertThat(budgeted.release("a1")).isEmpty();
        assertThat(budgeted.release("a2")).containsExactly("close 1 RETIRED");
        assertThat(budgeted.closed(1)).containsExactly("return permit 1", "gone 1 RETIRED");
    }

    @Test
    void aRetiredConnectionEndsWhenItsLastPlaceIsReset() {
        twoHold(two, 2);
        two.release("a1");
        two.end("a2", ReleaseKind.RESET);
        assertThat(two.retire("a")).isEmpty();
        assertThat(two.reset("a2", true)).containsExactly("close 1 RETIRED");
    }

    @Test
    void anIdleConnectionThatIsRetiredEndsAtOnce() {
        idle(one, 2);
        assertThat(one.retire(1)).containsExactly("close 1 RETIRED");
    }

    @Test
    void capacityOfARetiredConnectionServesNobody() {
        twoHold(one, 2);
        one.retireAll();
        one.acquire("a3", "a");
        assertThat(one.capacity(1, 9)).isEmpty();
        assertThat(one.counts().room()).isZero();
    }

    @Test
    void allAreRetiredBeforeAWaiterFailsForIt() {
        MachineScript script = scripts.with(4, 4);
        script.acquire("a1", "a");
        script.openedShared(1, 1);
        script.acquire("a2", "a");
        script.refused(2);
        script.acquire("a3", "a");
        script.refused(3);
        script.acquire("b1", "b");
        script.openedShared(4, 1);
        script.release("b1");
        assertThat(script.acquire("a4", "a")).as("a1 may end in time").isEmpty();
        assertThat(script.retireAll()).containsExactly("close 4 RETIRED", "a4 fails PAUSED 3");
    }

    // ---- idle

    @Test
    void aConnectionThatNobodyComesToIsIdleFromItsDial() {
        one.acquire("a1", "a");
        one.cancel("a1");
        one.advance(SECOND);
        one.openedShared(1, 2);
        assertThat(one.run(Duration.ofSeconds(15).minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("close 1 IDLE_TIMEOUT");
    }

    @Test
    void aConnectionIsIdleFromTheEndOfItsLastLease() {
        twoHold(one, 2);
        one.release("a2");
        one.run(Duration.ofSeconds(14));
        one.release("a1");
        assertThat(one.run(Duration.ofSeconds(15).minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("close 1 IDLE_TIMEOUT");
    }

    @Test
    void aConnectionIsIdleFromTheResetOfItsLastPlace() {
        twoHold(one, 2);
        one.release("a2");
        one.end("a1", ReleaseKind.RESET);
        one.run(SECOND);
        one.reset("a1", true);
        assertThat(one.run(Duration.ofSeconds(15).minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("close 1 IDLE_TIMEOUT");
    }

    @Test
    void aNewLeaseEndsTheIdleTime() {
        one.advance(SECOND);
        idle(one, 2);
        one.run(Duration.ofSeconds(14));
        one.acquire("a3", "a");
        assertThat(one.run(Duration.ofSeconds(20))).isEmpty();
        one.release("a3");
        assertThat(one.run(Duration.ofSeconds(15).minus(NANO)))
                .as("it begins anew")
                .isEmpty();
        assertThat(one.run(NANO)).containsExactly("close 1 IDLE_TIMEOUT");
    }

    @Test
    void theLeastRecentlyUsedIdleConnectionMakesWayWhateverItTakes() {
        two.acquire("a1", "a");
        two.acquire("c1", "c");
        two.openedShared(1, 5);
        two.opened(2);
        two.release("a1");
        two.release(2);
        two.acquire("a2", "a");
        two.release("a2");
        assertThat(two.acquire("b1", "b")).containsExactly("close 2 EVICTED");
        assertThat(two.acquire("b2", "b")).containsExactly("close 1 EVICTED");
    }

    @Test
    void idleConnectionsPayWhatIsOwed() {
        MachineScript budgeted = scripts.with(2, 2).budgeted();
        budgeted.acquire("a1", "a");
        budgeted.permitGranted(1);
        budgeted.openedShared(1, 2);
        budgeted.release("a1");
        assertThat(budgeted.owed(1)).containsExactly("close 1 EVICTED", "pays 1");
    }

    // ---- no capacity

    @Test
    void aConnectionWithoutCapacityThatIsFreeIsKeptForALittleAndThenReplaced() {
        one.acquire("a1", "a");
        one.openedShared(1, 2);
        one.capacity(1, 0);
        one.acquire("a2", "a");
        assertThat(one.release("a1")).isEmpty();
        assertThat(one.counts().idle()).isOne();
        assertThat(one.run(Duration.ofSeconds(5).minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("close 1 NO_ROOM");
        assertThat(one.closed(1)).containsExactly("gone 1 NO_ROOM", "dial 2 a");
    }

    @Test
    void anIdleConnectionThatLosesItsCapacityEndsALittleLater() {
        idle(one, 2);
        one.run(Duration.ofSeconds(7));
        one.capacity(1, 0);
        assertThat(one.run(Duration.ofSeconds(5).minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("close 1 NO_ROOM");
    }

    @Test
    void anIdleConnectionThatGetsItsCapacityBackHasBeenIdleAllTheTime() {
        idle(one, 2);
        one.run(Duration.ofSeconds(7));
        one.capacity(1, 0);
        one.run(Duration.ofSeconds(4));
        one.capacity(1, 1);
        assertThat(one.run(Duration.ofSeconds(4).minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("close 1 IDLE_TIMEOUT");
    }

    @Test
    void noneIsServedByAConnectionWithoutCapacityAndItMakesWayAtOnce() {
        idle(one, 2);
        one.capacity(1, 0);
        assertThat(one.tryAcquire("t", "a")).containsExactly("t gets nothing");
        assertThat(one.acquire("b1", "b")).containsExactly("close 1 EVICTED");
    }

    // ---- lifetime

    @Test
    void anIdleConnectionEndsWithItsLifetime() {
        MachineScript aging = scripts.with(1, 1).maxLifetime(Duration.ofSeconds(8));
        idle(aging, 2);
        assertThat(aging.run(Duration.ofSeconds(8))).containsExactly("close 1 LIFETIME");
    }

    @Test
    void aConnectionThatIsTooOldWhenItsLastPlaceIsFreeEnds() {
        MachineScript aging = scripts.with(1, 1).maxLifetime(Duration.ofSeconds(8));
        twoHold(aging, 2);
        aging.advance(Duration.ofSeconds(8));
        aging.release("a1");
        assertThat(aging.release("a2")).containsExactly("close 1 LIFETIME");
    }

    // ---- limits

    @Test
    void aboveALoweredLimitIdleConnectionsEndAtOnceAndBusyOnesWhenTheyAreFree() {
        two.acquire("a1", "a");
        two.acquire("b1", "b");
        two.openedShared(1, 5);
        two.openedShared(2, 5);
        assertThat(two.limits(1, 1)).isEmpty();
        assertThat(two.release("a1")).containsExactly("close 1 RETIRED");
        assertThat(two.release("b1")).as("the limit is reached").isEmpty();
        assertThat(two.counts().idle()).isOne();
    }

    @Test
    void aLoweredLimitEndsAnIdleConnection() {
        two.acquire("a1", "a");
        two.acquire("b1", "b");
        two.openedShared(1, 5);
        two.openedShared(2, 5);
        two.release("b1");
        assertThat(two.limits(1, 1)).containsExactly("close 2 RETIRED");
    }

    // ---- the end of the machine

    @Test
    void aDrainServesTheWaitersThenEndsTheConnection() {
        twoHold(one, 2);
        one.acquire("a3", "a");
        assertThat(one.drain(WITHIN)).isEmpty();
        assertThat(one.acquire("late", "a")).containsExactly("late fails CLOSED");
        assertThat(one.release("a1")).containsExactly("a3 gets 1 DEFERRED");
        assertThat(one.release("a2")).isEmpty();
        assertThat(one.release("a3")).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(one.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(one.isClean()).isTrue();
    }

    @Test
    void aDrainServesTheWaitersThoughNoOtherPlaceIsTaken() {
        one.acquire("a1", "a");
        one.openedShared(1, 1);
        one.acquire("a2", "a");
        one.drain(WITHIN);
        assertThat(one.release("a1")).containsExactly("a2 gets 1 DEFERRED");
        assertThat(one.release("a2")).containsExactly("close 1 MANAGER_CLOSED");
    }

    @Test
    void aDrainWaitsForTheResetOfTheLastPlace() {
        twoHold(one, 2);
        one.drain(WITHIN);
        one.release("a1");
        assertThat(one.end("a2", ReleaseKind.INVALIDATED)).isEmpty();
        assertThat(one.reset("a2", true)).containsExactly("close 1 MANAGER_CLOSED");
    }

    @Test
    void aDrainEndsAnIdleConnection() {
        idle(one, 2);
        assertThat(one.drain(WITHIN)).containsExactly("close 1 MANAGER_CLOSED");
    }

    @Test
    void theDeadlineOfADrainCutsEachLeaseShortOnce() {
        twoHold(one, 2);
        one.acquire("a3", "a");
        one.drain(WITHIN);
        assertThat(one.run(WITHIN)).containsExactly("a3 fails CLOSED", "close 1 MANAGER_CLOSED");
        assertThat(one.release("a1")).isEmpty();
        assertThat(one.wasHeld()).isFalse();
        assertThat(one.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(one.isClean()).isFalse();
        assertThat(one.release("a2")).isEmpty();
        assertThat(one.wasHeld()).isFalse();
    }

    @Test
    void aShutdownEndsTheConnectionWithAllItsLeases() {
        twoHold(one, 5);
        assertThat(one.shutdown()).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(one.counts().leases()).isZero();
        assertThat(one.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(one.isClean()).isFalse();
    }

    // ---- leases that are held for too long

    @Test
    void eachLeaseThatIsHeldForTooLongIsReportedOnceCountedFromItsOwnGrant() {
        MachineScript reporting = scripts.with(1, 1).reportHeldFor(Duration.ofSeconds(4));
        reporting.acquire("a1", "a");
        reporting.openedShared(1, 9);
        reporting.run(SECOND);
        reporting.acquire("a2", "a");
        reporting.run(SECOND);
        reporting.acquire("a3", "a");
        reporting.release("a2");
        assertThat(reporting.runTo(Duration.ofSeconds(4))).containsExactly("held too long 1 lease 1");
        assertThat(reporting.runTo(Duration.ofSeconds(6).minus(NANO))).isEmpty();
        assertThat(reporting.run(NANO)).containsExactly("held too long 1 lease 3");
        assertThat(reporting.run(Duration.ofSeconds(20))).isEmpty();
    }

    @Test
    void allLeasesOfABatchAreReportedInTheirOrder() {
        MachineScript reporting = scripts.with(1, 1).reportHeldFor(Duration.ofSeconds(4));
        twoHold(reporting, 2);
        assertThat(reporting.run(Duration.ofSeconds(4)))
                .containsExactly("held too long 1 lease 1", "held too long 1 lease 2");
        reporting.release("a1");
        assertThat(reporting.acquire("a3", "a")).containsExactly("a3 gets 1 IMMEDIATE");
        assertThat(reporting.run(Duration.ofSeconds(4))).containsExactly("held too long 1 lease 3");
    }

    @Test
    void aPlaceThatIsBeingResetIsNotReported() {
        MachineScript reporting = scripts.with(1, 1).reportHeldFor(Duration.ofSeconds(4));
        twoHold(reporting, 2);
        reporting.end("a1", ReleaseKind.RESET);
        assertThat(reporting.run(Duration.ofSeconds(4))).containsExactly("held too long 1 lease 2");
    }

    @Test
    void aResetThatIsGivenUpAndAReportMayBeDueAtTheSameTime() {
        MachineScript reporting = scripts.with(1, 1).reportHeldFor(Duration.ofSeconds(5));
        twoHold(reporting, 2);
        reporting.end("a1", ReleaseKind.RESET);
        assertThat(reporting.run(Duration.ofSeconds(5))).containsExactly("held too long 1 lease 2");
        assertThat(reporting.counts().leaving()).isOne();
    }
}
