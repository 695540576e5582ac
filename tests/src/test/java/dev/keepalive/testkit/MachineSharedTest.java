package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who gets a place of a shared connection, of which one, and what its capacity means. */
class MachineSharedTest {
    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript script = scripts.with(100, 100);
    private final MachineScript one = scripts.with(1, 1);

    /** The waiters a1 to a3 hold the only connection's three places. */
    private void threeHold() {
        one.acquire("a1", "a");
        one.acquire("a2", "a");
        one.acquire("a3", "a");
        one.openedShared(1, 3);
    }

    /** Opens this slot for one waiter, which is named after it. Its capacity is 1. */
    private void open(long slot, int loop) {
        script.acquire("on " + slot, "a");
        script.openedSharedOn(slot, loop, 1);
    }

    // ---- room serves

    @Test
    void anAcquireTakesAFreePlaceAtOnce() {
        one.acquire("a1", "a");
        one.openedShared(1, 2);
        assertThat(one.acquire("a2", "a")).containsExactly("a2 gets 1 IMMEDIATE");
        assertThat(one.lease("a2")).isEqualTo(2);
        assertThat(one.acquire("a3", "a")).isEmpty();
    }

    @Test
    void tryAcquireTakesAFreePlaceOrNothing() {
        one.acquire("a1", "a");
        one.openedShared(1, 2);
        assertThat(one.tryAcquire("t1", "a")).containsExactly("t1 gets 1 IMMEDIATE");
        assertThat(one.tryAcquire("t2", "a")).containsExactly("t2 gets nothing");
        one.release("t1");
        assertThat(one.tryAcquire("t3", "a")).containsExactly("t3 gets 1 IMMEDIATE");
    }

    @Test
    void aReleasedPlaceGoesToTheOldestWaiter() {
        threeHold();
        one.acquire("a4", "a");
        one.acquire("a5", "a");
        assertThat(one.release("a2")).containsExactly("a4 gets 1 DEFERRED");
        assertThat(one.wasHeld()).isTrue();
        assertThat(one.lease("a4")).isEqualTo(4);
        assertThat(one.release("a4")).containsExactly("a5 gets 1 DEFERRED");
    }

    @Test
    void waitersAreServedInOrderWhicheverConnectionHasRoom() {
        MachineScript two = scripts.with(2, 2);
        two.acquire("a1", "a");
        two.acquire("a2", "a");
        two.openedShared(1, 1);
        two.openedShared(2, 1);
        two.acquire("a3", "a");
        two.acquire("a4", "a");
        assertThat(two.release("a2")).containsExactly("a3 gets 2 DEFERRED");
        assertThat(two.release("a1")).containsExactly("a4 gets 1 DEFERRED");
    }

    @Test
    void capacityThatGoesUpServesAsManyAsItHasRoomForThen() {
        threeHold();
        one.acquire("a4", "a");
        one.acquire("a5", "a");
        one.acquire("a6", "a");
        assertThat(one.capacity(1, 5)).containsExactly("a4 gets 1 DEFERRED", "a5 gets 1 DEFERRED");
    }

    @Test
    void capacityThatGoesDownEndsNoLeaseAndNoneIsGrantedUntilItHasRoom() {
        threeHold();
        assertThat(one.capacity(1, 1)).isEmpty();
        assertThat(one.counts().leases()).isEqualTo(3);
        one.acquire("a4", "a");
        assertThat(one.release("a1")).isEmpty();
        assertThat(one.release("a2")).isEmpty();
        assertThat(one.release("a3")).containsExactly("a4 gets 1 DEFERRED");
    }

    @Test
    void capacityThatGoesUpButNotAboveTheLeasesServesNobody() {
        threeHold();
        one.acquire("a4", "a");
        one.capacity(1, 1);
        assertThat(one.capacity(1, 3)).isEmpty();
        assertThat(one.capacity(1, 4)).containsExactly("a4 gets 1 DEFERRED");
    }

    @Test
    void atNoCapacityAReleaseServesNobodyUntilThereIsSome() {
        threeHold();
        one.capacity(1, 0);
        one.acquire("a4", "a");
        assertThat(one.release("a1")).isEmpty();
        assertThat(one.capacity(1, 3)).containsExactly("a4 gets 1 DEFERRED");
    }

    @Test
    void capacityOfAnExclusiveOrAClosingConnectionIsIgnored() {
        one.acquire("a1", "a");
        one.opened(1);
        assertThat(one.capacity(1, 5)).isEmpty();
        assertThat(one.counts().room()).isZero();
        one.acquire("a2", "a");
        one.invalidate(1);
        assertThat(one.capacity(1, 5)).isEmpty();
        one.closed(1);
        assertThat(one.capacity(1, 5)).isEmpty();
    }

    // ---- which connection

    @Test
    void theFullestConnectionIsFilledFirstSoThatAnotherBecomesIdle() {
        MachineScript two = scripts.with(2, 2).expects(100);
        IntStream.rangeClosed(1, 103).forEach(number -> two.acquire("a" + number, "a"));
        two.openedShared(1, 100);
        assertThat(two.openedShared(2, 100)).hasSize(3);
        two.release("a1");
        two.release("a2");
        assertThat(two.acquire("x", "a")).containsExactly("x gets 1 IMMEDIATE");
        assertThat(two.acquire("y", "a")).containsExactly("y gets 1 IMMEDIATE");
        assertThat(two.acquire("z", "a")).containsExactly("z gets 2 IMMEDIATE");
        IntStream.rangeClosed(101, 103).forEach(number -> two.release("a" + number));
        assertThat(two.release("z")).isEmpty();
        assertThat(two.run(Duration.ofSeconds(15))).containsExactly("close 2 IDLE_TIMEOUT");
    }

    @Test
    void ofEquallyFullOnesItIsTheOneWhoseRoomChangedLast() {
        open(1, 0);
        open(2, 0);
        script.capacity(2, 9);
        script.capacity(1, 5);
        assertThat(script.acquire("x", "a")).containsExactly("x gets 1 IMMEDIATE");
        script.release("x");
        script.capacity(2, 8);
        assertThat(script.acquire("y", "a")).containsExactly("y gets 2 IMMEDIATE");
    }

    @Test
    void ofEquallyFullOnesItIsTheOneWhosePlacesChangedLast() {
        open(1, 0);
        open(2, 0);
        script.capacity(1, 2);
        script.capacity(2, 2);
        script.acquire("x", "a");
        script.acquire("y", "a");
        script.release("x");
        script.release("y");
        assertThat(script.acquire("z", "a")).containsExactly("z gets 1 IMMEDIATE");
    }

    @Test
    void ofEquallyFullOnesOneOnTheEventLoopOfTheWaiterComesFirst() {
        open(1, 7);
        open(2, 8);
        script.capacity(1, 9);
        script.capacity(2, 9);
        assertThat(script.acquireOn(7, "x", "a")).containsExactly("x gets 1 IMMEDIATE");
        script.release("x");
        assertThat(script.acquireOn(6, "y", "a")).as("the latest").containsExactly("y gets 1 IMMEDIATE");
        assertThat(script.acquireOn(8, "z", "a")).as("fuller").containsExactly("z gets 1 IMMEDIATE");
    }

    @Test
    void onlyTheLatestThirtyTwoAreSearchedForTheEventLoop() {
        for (int slot = 1; slot <= 33; slot++) {
            open(slot, slot);
        }
        for (int slot = 1; slot <= 33; slot++) {
            script.capacity(slot, 2);
        }
        assertThat(script.acquireOn(1, "x", "a")).as("33rd").containsExactly("x gets 33 IMMEDIATE");
        assertThat(script.acquireOn(1, "y", "a")).as("32nd").containsExactly("y gets 1 IMMEDIATE");
    }

    @Test
    void anIdleExclusiveConnectionIsTakenBeforeASharedOne() {
        script.acquire("x", "a");
        script.acquire("y", "a");
        script.opened(1);
        script.openedShared(2, 100);
        script.release(1);
        assertThat(script.acquire("z", "a")).containsExactly("z gets 1 IMMEDIATE");
        assertThat(script.acquire("v", "a")).containsExactly("v gets 2 IMMEDIATE");
    }

    @Test
    void anIdleExclusiveConnectionIsTakenBeforeASharedOneThatBecameIdleLater() {
        script.acquire("x", "a");
        script.acquire("y", "a");
        script.opened(1);
        script.openedShared(2, 2);
        script.release(1);
        script.release("y");
        assertThat(script.counts().idle()).isEqualTo(2);
        assertThat(script.acquire("z", "a")).containsExactly("z gets 1 IMMEDIATE");
        assertThat(script.acquire("v", "a")).containsExactly("v gets 2 IMMEDIATE");
        assertThat(script.acquire("w", "a")).containsExactly("w gets 2 IMMEDIATE");
    }

    @Test
    void ifTheExclusiveOneIsBorrowedTheSharedOneServes() {
        script.acquire("x", "a");
        script.acquire("y", "a");
        script.opened(1);
        script.openedShared(2, 100);
        script.release(1);
        script.borrow(1);
        assertThat(script.acquire("z", "a")).containsExactly("z gets 2 IMMEDIATE");
        assertThat(script.counts().leased()).isEqualTo(2);
        assertThat(script.release(1)).isEmpty();
    }

    @Test
    void aSharedConnectionIsNeverLentNotEvenOneThatTakesOneLease() {
        one.acquire("a1", "a");
        one.openedShared(1, 1);
        assertThat(one.release("a1")).isEmpty();
        assertThat(one.counts().idle()).isOne();
        assertThat(one.isBorrowable(1)).isFalse();
        assertThat(one.acquire("a2", "a")).containsExactly("a2 gets 1 IMMEDIATE");
    }

    @Test
    void aConnectionThatTurnsOutToBeDeadIsClosedAndTheNextOneServes() {
        open(1, 0);
        open(2, 0);
        script.capacity(1, 2);
        script.capacity(2, 2);
        script.refuseClaim(2);
        assertThat(script.acquire("x", "a")).containsExactly("close 2 PEER_CLOSED", "x gets 1 IMMEDIATE");
        assertThat(script.release("on 2")).isEmpty();
        assertThat(script.wasHeld()).isFalse();
    }
}
