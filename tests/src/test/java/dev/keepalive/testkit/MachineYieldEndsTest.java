package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.machine.ReleaseKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * How the yield of a shared connection ends: it becomes free, the yield is taken back since nothing justifies it any
 * more, its window is over, or the connection is retired or gone.
 */
class MachineYieldEndsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration NANO = Duration.ofNanos(1);
    private static final Duration PATIENCE = Duration.ofMillis(50);

    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript one = scripts.with(1, 1);
    private final MachineScript two = scripts.with(2, 2);
    private final MachineScript three = scripts.with(3, 3);

    /**
     * The only connection, of two places, yields for b1: a1 holds a place, and a2 waits. It is 1 s and the patience
     * since the start.
     */
    private static void yields(MachineScript script) {
        script.acquire("a1", "a");
        script.openedShared(1, 2);
        script.advance(SECOND);
        script.acquire("b1", "b");
        script.advance(PATIENCE);
        assertThat(script.acquire("a2", "a")).isEmpty();
        assertThat(script.counts("a").leaving()).isOne();
    }

    // ---- taken back

    @Test
    void itIsTakenBackWhenTheWaiterThatWasKeptOutLeaves() {
        yields(one);
        assertThat(one.cancel("b1")).containsExactly("a2 gets 1 DEFERRED");
        assertThat(one.counts("a").leaving()).isZero();
    }

    @Test
    void itIsTakenBackWhenThatWaiterTimesOut() {
        one.acquire("a1", "a");
        one.openedShared(1, 2);
        one.advance(SECOND);
        one.acquire("b1", "b", Duration.ofMillis(500));
        one.advance(PATIENCE);
        one.acquire("a2", "a");
        assertThat(one.run(Duration.ofMillis(450))).containsExactly("b1 fails TIMED_OUT", "a2 gets 1 DEFERRED");
    }

    @Test
    void itIsTakenBackWhenThatWaiterIsServedElsewhere() {
        two.acquire("a1", "a");
        two.acquire("b1", "b");
        two.openedShared(1, 2);
        two.opened(2);
        two.advance(SECOND);
        two.acquire("b2", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("a2", "a")).isEmpty();
        assertThat(two.release(2)).containsExactly("b2 gets 2 DEFERRED", "a2 gets 1 DEFERRED");
    }

    @Test
    void itIsTakenBackWhenTheTotalLimitIsRaised() {
        yields(one);
        assertThat(one.limits(2, 1)).containsExactly("dial 2 b", "a2 gets 1 DEFERRED");
    }

    @Test
    void itIsTakenBackWhenAnotherConnectionMakesRoom() {
        two.acquire("a1", "a");
        two.acquire("c1", "c");
        two.openedShared(1, 2);
        two.opened(2);
        two.advance(SECOND);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        two.acquire("a2", "a");
        assertThat(two.release(2)).containsExactly("close 2 EVICTED", "a2 gets 1 DEFERRED");
    }

    @Test
    void itIsTakenBackWhenAllThatAreKeptOutAreYoungerThanItsOwnWaiter() {
        yields(one);
        assertThat(one.acquire("b2", "b")).isEmpty();
        assertThat(one.cancel("b1")).containsExactly("a2 gets 1 DEFERRED");
        assertThat(one.acquire("a3", "a")).as("b2 is older than a3").isEmpty();
        assertThat(one.counts("a").leaving()).isOne();
    }

    @Test
    void itIsNotTakenBackWhenItsOwnWaitersLeave() {
        yields(one);
        assertThat(one.cancel("a2")).isEmpty();
        assertThat(one.counts("a").leaving()).isOne();
        assertThat(one.release("a1")).containsExactly("close 1 EVICTED");
    }

    @Test
    void itIsTakenBackWhenNothingIsOwedAnyMore() {
        MachineScript budgeted = scripts.with(1, 1).budgeted();
        budgeted.acquire("a1", "a");
        budgeted.permitGranted(1);
        budgeted.openedShared(1, 2);
        budgeted.advance(SECOND);
        budgeted.owed(1);
        budgeted.advance(PATIENCE);
        assertThat(budgeted.acquire("a2", "a")).isEmpty();
        assertThat(budgeted.owed(0)).containsExactly("a2 gets 1 DEFERRED", "pays 0");
    }

    @Test
    void itIsTakenBackWhenALoweredLimitIsRaisedAgain() {
        two.acquire("a1", "a");
        two.acquire("b1", "b");
        two.openedShared(1, 2);
        two.openedShared(2, 2);
        two.advance(SECOND);
        two.limits(1, 1);
        assertThat(two.acquire("a2", "a")).isEmpty();
        assertThat(two.limits(2, 1)).containsExactly("a2 gets 1 DEFERRED");
    }

    @Test
    void theOneThatYieldedLastIsTakenBackFirst() {
        for (int slot = 1; slot <= 3; slot++) {
            three.acquire("a" + slot, "a");
            three.openedShared(slot, 1);
        }
        for (int slot = 1; slot <= 3; slot++) {
            three.capacity(slot, 2);
        }
        three.advance(SECOND);
        three.limits(3, 1);
        assertThat(three.acquire("a4", "a")).containsExactly("a4 gets 1 IMMEDIATE");
        assertThat(three.acquire("a5", "a")).isEmpty();
        assertThat(three.limits(3, 2)).as("3 yielded first, then 2").containsExactly("a5 gets 2 DEFERRED");
        assertThat(three.counts().leaving()).isOne();
        assertThat(three.release("a3")).containsExactly("close 3 RETIRED");
    }

    @Test
    void itIsTakenBackWhenTheFreshWaiterLeaves() {
        one.acquire("a1", "a");
        one.openedShared(1, 2);
        one.advance(SECOND);
        one.acquireFresh("f", "a");
        assertThat(one.acquire("a2", "a")).isEmpty();
        assertThat(one.cancel("f")).containsExactly("a2 gets 1 DEFERRED");
    }

    @Test
    void oneThatWasTakenBackMayYieldAgainAtOnce() {
        yields(one);
        one.cancel("b1");
        one.release("a2");
        one.acquire("b2", "b");
        one.advance(PATIENCE);
        assertThat(one.acquire("a3", "a")).isEmpty();
        assertThat(one.run(SECOND.multipliedBy(2).minus(NANO)))
                .as("for twice as long")
                .isEmpty();
        assertThat(one.run(NANO)).containsExactly("a3 gets 1 DEFERRED");
    }

    // ---- the window

    @Test
    void whenItsWindowIsOverItServesItsOwnForAsLongAndThenYieldsForTwiceAsLong() {
        yields(one);
        assertThat(one.run(SECOND.minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("a2 gets 1 DEFERRED");
        one.release("a2");
        one.run(SECOND.minus(NANO));
        assertThat(one.acquire("a3", "a")).as("it rests").containsExactly("a3 gets 1 IMMEDIATE");
        one.release("a3");
        one.run(NANO);
        assertThat(one.acquire("a4", "a")).isEmpty();
        assertThat(one.run(SECOND.multipliedBy(2).minus(NANO))).isEmpty();
        assertThat(one.run(NANO)).containsExactly("a4 gets 1 DEFERRED");
        one.release("a4");
        one.run(SECOND.multipliedBy(2).minus(NANO));
        assertThat(one.acquire("a5", "a")).as("it rests as long").containsExactly("a5 gets 1 IMMEDIATE");
    }

    @Test
    void theWindowGrowsUpToTheLongest() {
        MachineScript script = scripts.with(1, 1).yieldWindows(SECOND, SECOND.multipliedBy(3));
        yields(script);
        assertThat(script.run(SECOND)).containsExactly("a2 gets 1 DEFERRED");
        script.release("a2");
        script.run(SECOND);
        int waiter = 3;
        for (int window : new int[] {2, 3, 3}) {
            Duration time = SECOND.multipliedBy(window);
            assertThat(script.acquire("a" + waiter, "a")).isEmpty();
            assertThat(script.run(time.minus(NANO))).as("window %s", window).isEmpty();
            assertThat(script.run(NANO)).containsExactly("a" + waiter + " gets 1 DEFERRED");
            script.release("a" + waiter);
            script.run(time);
            waiter++;
        }
    }

    @Test
    void afterALongTimeTheWindowIsTheFirstAgain() {
        MachineScript script = scripts.with(1, 1).yieldWindows(SECOND, SECOND.multipliedBy(4));
        yields(script);
        script.run(SECOND);
        script.release("a2");
        script.run(SECOND.multipliedBy(4).plus(NANO));
        assertThat(script.acquire("a3", "a")).isEmpty();
        assertThat(script.run(SECOND)).containsExactly("a3 gets 1 DEFERRED");
    }

    @Test
    void notLongerAgoThanTheLongestWindowIsNoLongTime() {
        MachineScript script = scripts.with(1, 1).yieldWindows(SECOND, SECOND.multipliedBy(4));
        yields(script);
        script.run(SECOND);
        script.release("a2");
        script.run(SECOND.multipliedBy(4));
        assertThat(script.acquire("a3", "a")).isEmpty();
        assertThat(script.run(SECOND.multipliedBy(2).minus(NANO))).isEmpty();
        assertThat(script.run(NANO)).containsExactly("a3 gets 1 DEFERRED");
    }

    @Test
    void whenTheWindowOfOneIsOverItIsTheTurnOfTheOther() {
        two.acquire("a1", "a");
        two.openedShared(1, 2);
        two.acquire("a2", "a");
        two.acquire("a3", "a");
        two.openedShared(2, 2);
        two.acquire("a4", "a");
        two.release("a2");
        two.advance(SECOND);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("a5", "a")).as("2 yields").containsExactly("a5 gets 1 IMMEDIATE");
        assertThat(two.run(SECOND)).isEmpty();
        assertThat(two.acquire("a6", "a")).as("now 1 yields").isEmpty();
        assertThat(two.release("a5")).isEmpty();
        assertThat(two.release("a3")).containsExactly("a6 gets 2 DEFERRED");
        assertThat(two.release("a1")).containsExactly("close 1 EVICTED");
    }

    @Test
    void whenAllHaveHadTheirTurnANewRoundBegins() {
        for (int slot = 1; slot <= 2; slot++) {
            two.acquire("a" + slot, "a");
            two.openedShared(slot, 1);
        }
        two.capacity(1, 2);
        two.capacity(2, 2);
        two.advance(SECOND);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("x1", "a")).as("2 yields").containsExactly("x1 gets 1 IMMEDIATE");
        two.release("x1");
        two.run(SECOND.multipliedBy(3));
        assertThat(two.acquire("x2", "a")).as("1 yields").containsExactly("x2 gets 2 IMMEDIATE");
        two.release("x2");
        two.run(SECOND.multipliedBy(3));
        assertThat(two.acquire("x3", "a")).as("2 yields").containsExactly("x3 gets 1 IMMEDIATE");
        two.release("x3");
        two.run(SECOND.multipliedBy(5));
        assertThat(two.acquire("x4", "a")).as("1 yields").containsExactly("x4 gets 2 IMMEDIATE");
    }

    // ---- the connection ends, or is retired

    @Test
    void aConnectionThatIsRetiredWhileItYieldsDoesNotComeBack() {
        yields(one);
        assertThat(one.retire(1)).isEmpty();
        assertThat(one.counts("a").leaving()).isOne();
        assertThat(one.cancel("b1")).isEmpty();
        assertThat(one.run(SECOND.multipliedBy(3))).isEmpty();
        assertThat(one.release("a1")).containsExactly("close 1 RETIRED");
        assertThat(one.closed(1)).containsExactly("gone 1 RETIRED", "dial 2 a");
    }

    @Test
    void aPlaceThatCannotBeResetRetiresTheConnectionThoughItYields() {
        one.acquire("a1", "a");
        one.openedShared(1, 3);
        one.acquire("a0", "a");
        one.advance(SECOND);
        one.acquire("b1", "b");
        one.advance(PATIENCE);
        one.acquire("a2", "a");
        one.end("a0", ReleaseKind.RESET);
        assertThat(one.reset("a0", false)).isEmpty();
        assertThat(one.cancel("b1")).isEmpty();
        assertThat(one.release("a1")).containsExactly("close 1 RETIRED");
    }

    @Test
    void aConnectionThatIsGoneWhileItYieldsYieldsNoMore() {
        yields(one);
        assertThat(one.closed(1)).containsExactly("gone 1 PEER_CLOSED", "dial 2 b");
        one.openedShared(2, 2);
        assertThat(one.counts().leaving()).isZero();
    }

    @Test
    void capacityOfAConnectionThatYieldsCountsWhenItIsTakenBack() {
        yields(one);
        one.acquire("a3", "a");
        assertThat(one.capacity(1, 1)).isEmpty();
        assertThat(one.capacity(1, 9)).isEmpty();
        assertThat(one.cancel("b1")).containsExactly("a2 gets 1 DEFERRED", "a3 gets 1 DEFERRED");
    }

    @Test
    void aConnectionThatYieldsAtTheLastResetEnds() {
        yields(one);
        assertThat(one.end("a1", ReleaseKind.RESET)).isEmpty();
        assertThat(one.reset("a1", true)).containsExactly("close 1 EVICTED");
    }

    @Test
    void aDrainLetsAConnectionThatYieldsServeItsOwnWhenItIsTakenBack() {
        yields(one);
        one.drain(SECOND.multipliedBy(10));
        assertThat(one.cancel("b1")).containsExactly("a2 gets 1 DEFERRED");
        one.release("a1");
        assertThat(one.release("a2")).containsExactly("close 1 MANAGER_CLOSED");
    }
}
