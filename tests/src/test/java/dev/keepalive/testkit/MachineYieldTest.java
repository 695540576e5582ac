package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * When a shared connection yields, that is, takes no new leases for a while so that it becomes free for others. The
 * connections have been open for longer than the first window, unless a test is about that.
 */
class MachineYieldTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMillis(50);

    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript one = scripts.with(1, 1);
    private final MachineScript two = scripts.with(2, 2);
    private final MachineScript three = scripts.with(3, 3);

    /** The waiter a1 holds one of the two places of the only connection. */
    private static void oneHolds(MachineScript script) {
        script.acquire("a1", "a");
        script.openedShared(1, 2);
        script.advance(SECOND);
    }

    /** The waiters a1, a2 and so on each hold one of two places of connections 1, 2 and so on. */
    private static void eachHoldsOne(MachineScript script, int slots) {
        for (int slot = 1; slot <= slots; slot++) {
            script.acquire("a" + slot, "a");
            script.openedShared(slot, 1);
        }
        for (int slot = 1; slot <= slots; slot++) {
            script.capacity(slot, 2);
        }
        script.advance(SECOND);
    }

    // ---- for an endpoint that is kept out

    @Test
    void afterThePatienceOfAnotherEndpointAConnectionIsRenewedNoMore() {
        oneHolds(one);
        assertThat(one.acquire("b1", "b")).isEmpty();
        one.advance(PATIENCE.minusNanos(1));
        assertThat(one.acquire("a2", "a")).containsExactly("a2 gets 1 IMMEDIATE");
        assertThat(one.release("a2")).isEmpty();
        one.advance(Duration.ofNanos(1));
        assertThat(one.acquire("a3", "a")).isEmpty();
        assertThat(one.counts("a").leaving()).isOne();
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 b");
    }

    @Test
    void tryAcquireDoesNotRenewItEither() {
        oneHolds(one);
        one.acquire("b1", "b");
        one.advance(PATIENCE);
        assertThat(one.tryAcquire("t", "a")).containsExactly("t gets nothing");
        assertThat(one.counts("a").leaving()).isOne();
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
    }

    @Test
    void withoutAWaiterOfItsOwnItJustBecomesFree() {
        oneHolds(one);
        one.acquire("a2", "a");
        one.acquire("b1", "b");
        one.advance(PATIENCE);
        assertThat(one.release("a2")).isEmpty();
        assertThat(one.counts("a").leaving()).isZero();
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
    }

    @Test
    void aReleaseIsAlsoAMomentToYield() {
        oneHolds(one);
        one.acquire("a2", "a");
        one.acquire("b1", "b");
        one.acquire("a3", "a");
        one.advance(PATIENCE);
        assertThat(one.release("a2")).isEmpty();
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
    }

    @Test
    void aConnectionThatBecomesFreeWhenItOughtToYieldEndsAtOnce() {
        one.acquire("a1", "a");
        one.openedShared(1, 1);
        one.advance(SECOND);
        one.acquire("b1", "b");
        one.acquire("a2", "a");
        one.advance(PATIENCE);
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
    }

    @Test
    void anOlderWaiterOfItsOwnEndpointIsServedFirst() {
        oneHolds(one);
        one.acquire("a2", "a");
        one.acquire("a3", "a");
        one.acquire("b1", "b");
        one.acquire("a4", "a");
        one.advance(PATIENCE);
        assertThat(one.release("a2")).containsExactly("a3 gets 1 DEFERRED");
        assertThat(one.counts("a").leaving()).isOne();
        assertThat(one.release("a1")).as("a4 is younger than b1").isEmpty();
        assertThat(one.release("a3")).containsExactly("close 1 EVICTED");
    }

    @Test
    void oneConnectionYieldsForOneEndpointHoweverLongThatWaits() {
        eachHoldsOne(two, 2);
        two.acquire("b1", "b");
        two.advance(PATIENCE.multipliedBy(4));
        assertThat(two.acquire("a3", "a")).containsExactly("a3 gets 1 IMMEDIATE");
        assertThat(two.acquire("a4", "a")).isEmpty();
        assertThat(two.counts("a").leaving()).isOne();
    }

    @Test
    void forTwoEndpointsASecondConnectionYieldsAfterTwiceThePatience() {
        eachHoldsOne(two, 2);
        two.acquire("b1", "b");
        two.acquire("c1", "c");
        two.advance(PATIENCE);
        assertThat(two.acquire("a3", "a")).containsExactly("a3 gets 1 IMMEDIATE");
        two.release("a3");
        two.advance(PATIENCE.minusNanos(1));
        assertThat(two.acquire("a4", "a")).containsExactly("a4 gets 1 IMMEDIATE");
        two.release("a4");
        two.advance(Duration.ofNanos(1));
        assertThat(two.acquire("a5", "a")).isEmpty();
        assertThat(two.counts("a").leaving()).isEqualTo(2);
    }

    @Test
    void aConnectionThatIsBeingClosedForOthersCountsLikeOneThatYields() {
        eachHoldsOne(two, 2);
        two.acquire("b1", "b");
        two.acquire("c1", "c");
        two.advance(PATIENCE);
        two.acquire("a3", "a");
        assertThat(two.release("a2")).containsExactly("close 2 EVICTED");
        two.release("a3");
        assertThat(two.acquire("a4", "a")).containsExactly("a4 gets 1 IMMEDIATE");
        assertThat(two.counts("a").leaving()).isZero();
    }

    @Test
    void noneYieldsForAnEndpointThatMayNotOpen() {
        MachineScript script = scripts.with(2, 1);
        script.acquire("a1", "a");
        script.acquire("b1", "b");
        script.openedShared(1, 2);
        script.opened(2);
        script.advance(SECOND);
        script.acquire("b2", "b");
        script.advance(PATIENCE);
        assertThat(script.acquire("a2", "a")).as("b is at its own limit").containsExactly("a2 gets 1 IMMEDIATE");
    }

    @Test
    void inItsFirstWindowAConnectionYieldsToNobody() {
        one.acquire("a1", "a");
        one.openedShared(1, 2);
        one.advance(Duration.ofMillis(200));
        one.acquire("b1", "b");
        one.advance(SECOND.minusMillis(200).minusNanos(1));
        assertThat(one.acquire("a2", "a")).containsExactly("a2 gets 1 IMMEDIATE");
        one.release("a2");
        one.advance(Duration.ofNanos(1));
        assertThat(one.acquire("a3", "a")).isEmpty();
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
    }

    // ---- for a budget

    @Test
    void aConnectionYieldsForAPermitThatHasBeenOwedForThePatience() {
        MachineScript budgeted = scripts.with(1, 1).budgeted();
        budgeted.acquire("a1", "a");
        budgeted.permitGranted(1);
        budgeted.openedShared(1, 2);
        budgeted.advance(SECOND);
        assertThat(budgeted.owed(1)).containsExactly("pays 0");
        budgeted.advance(PATIENCE.minusNanos(1));
        assertThat(budgeted.acquire("a2", "a")).containsExactly("a2 gets 1 IMMEDIATE");
        budgeted.release("a2");
        budgeted.advance(Duration.ofNanos(1));
        assertThat(budgeted.acquire("a3", "a")).isEmpty();
        assertThat(budgeted.release("a1")).containsExactly("close 1 EVICTED");
        assertThat(budgeted.closed(1)).containsExactly("return permit 1", "gone 1 EVICTED", "request permit 2 a");
    }

    @Test
    void oneConnectionAtATimeYieldsForABudget() {
        MachineScript budgeted = scripts.with(2, 2).budgeted();
        for (int slot = 1; slot <= 2; slot++) {
            budgeted.acquire("a" + slot, "a");
            budgeted.permitGranted(slot);
            budgeted.openedShared(slot, 1);
        }
        budgeted.capacity(1, 2);
        budgeted.capacity(2, 2);
        budgeted.advance(SECOND);
        budgeted.owed(2);
        budgeted.advance(PATIENCE.multipliedBy(4));
        assertThat(budgeted.acquire("a3", "a")).containsExactly("a3 gets 1 IMMEDIATE");
        assertThat(budgeted.counts("a").leaving()).isOne();
        assertThat(budgeted.release("a2")).containsExactly("close 2 EVICTED");
        budgeted.acquire("a4", "a");
        assertThat(budgeted.counts("a").leaving()).as("another permit is owed").isOne();
    }

    // ---- for a limit that was lowered

    @Test
    void aboveTheLoweredTotalLimitAConnectionYieldsAtTheNextAcquire() {
        two.acquire("a1", "a");
        two.acquire("b1", "b");
        two.openedShared(1, 2);
        two.openedShared(2, 2);
        two.advance(SECOND);
        assertThat(two.limits(1, 2)).isEmpty();
        assertThat(two.counts().leaving()).isZero();
        assertThat(two.acquire("a2", "a")).isEmpty();
        assertThat(two.counts("a").leaving()).isOne();
        assertThat(two.acquire("b2", "b")).as("one is enough").containsExactly("b2 gets 2 IMMEDIATE");
        assertThat(two.release("a1")).containsExactly("close 1 RETIRED");
    }

    @Test
    void aboveTheLoweredLimitOfTheEndpointAsManyYieldAsAreAboveIt() {
        eachHoldsOne(three, 3);
        assertThat(three.limits(3, 1)).isEmpty();
        assertThat(three.counts().leaving()).isZero();
        assertThat(three.acquire("a4", "a")).containsExactly("a4 gets 1 IMMEDIATE");
        assertThat(three.counts().leaving()).isEqualTo(2);
        assertThat(three.release("a3")).containsExactly("close 3 RETIRED");
        assertThat(three.release("a2")).containsExactly("close 2 RETIRED");
        three.release("a1");
        assertThat(three.release("a4")).isEmpty();
        assertThat(three.counts().idle()).isOne();
    }

    // ---- for a fresh connection of its own endpoint

    @Test
    void atTheLimitOfTheEndpointAConnectionYieldsForAFreshOneThatIsFirst() {
        oneHolds(one);
        assertThat(one.acquireFresh("f", "a")).isEmpty();
        assertThat(one.counts().leaving()).as("no ordinary waiter renews it").isZero();
        assertThat(one.acquire("a2", "a")).isEmpty();
        assertThat(one.counts().leaving()).isOne();
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 a");
        assertThat(one.openedShared(2, 2)).containsExactly("f gets 2 NEW", "a2 gets 2 NEW");
    }

    @Test
    void atTheTotalLimitAConnectionYieldsForAFreshOneWhoseTurnItIs() {
        MachineScript script = scripts.with(1, 4);
        oneHolds(script);
        script.acquireFresh("f", "a");
        assertThat(script.acquire("a2", "a")).isEmpty();
        assertThat(script.counts().leaving()).isOne();
    }

    @Test
    void oneConnectionYieldsForFreshOnesAndTheOthersServe() {
        eachHoldsOne(two, 2);
        two.acquireFresh("f", "a");
        two.acquireFresh("g", "a");
        assertThat(two.acquire("a3", "a")).containsExactly("a3 gets 1 IMMEDIATE");
        assertThat(two.counts().leaving()).isOne();
    }

    @Test
    void noneYieldsForAFreshOneBehindAnOrdinaryWaiter() {
        oneHolds(one);
        one.acquire("a2", "a");
        one.acquire("a3", "a");
        one.acquireFresh("f", "a");
        one.acquire("a4", "a");
        assertThat(one.release("a2")).containsExactly("a3 gets 1 DEFERRED");
        assertThat(one.counts().leaving()).as("now f is first").isOne();
    }

    @Test
    void noneYieldsForAFreshOneThatIsDialedFor() {
        oneHolds(two);
        assertThat(two.acquireFresh("f", "a")).containsExactly("dial 2 a");
        assertThat(two.acquire("a2", "a")).containsExactly("a2 gets 1 IMMEDIATE");
        assertThat(two.counts().leaving()).isZero();
    }

    @Test
    void aConnectionThatIsFreeMakesRoomForAFreshOne() {
        oneHolds(one);
        one.acquireFresh("f", "a");
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 a");
    }

    @Test
    void oneDialServesManyFreshOnesSoOneIdleConnectionMakesRoom() {
        two.acquire("a1", "a");
        two.openedShared(1, 1);
        two.acquire("a2", "a");
        two.openedShared(2, 3);
        two.release("a1");
        two.release("a2");
        assertThat(two.acquireFresh("f", "a")).containsExactly("close 1 EVICTED");
        assertThat(two.acquireFresh("g", "a")).isEmpty();
        assertThat(two.acquireFresh("h", "a")).isEmpty();
        assertThat(two.closed(1)).containsExactly("gone 1 EVICTED", "dial 3 a");
        assertThat(two.openedShared(3, 3)).containsExactly("f gets 3 NEW", "g gets 3 NEW", "h gets 3 NEW");
    }
}
