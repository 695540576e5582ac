package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * What is idle is lent to whoever comes, without the machine: what the machine finds out, when, and what it does then.
 */
class MachineLendingTest {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration HELD = Duration.ofSeconds(3);
    private final MachineScript script = MachineScript.with(2, 2);

    /** An idle connection, which is slot 1. */
    private static void idle(MachineScript script) {
        script.acquire("v", "a");
        script.opened(1);
        script.release(1);
    }

    /** Two of them, the second one used last. */
    private static void twoIdle(MachineScript script) {
        script.acquire("u", "a");
        script.acquire("v", "a");
        script.opened(1);
        script.opened(2);
        script.release(1);
        script.release(2);
    }

    // ---- who may help himself

    @Test
    void whatIsIdleIsLentAndNothingElseIs() {
        script.acquire("v", "a");
        assertThat(script.isLendable(1)).as("while it is dialled").isFalse();
        script.opened(1);
        assertThat(script.isLendable(1)).as("while it is leased").isFalse();
        script.releaseToReset(1);
        assertThat(script.isLendable(1)).as("while it is cleaned up").isFalse();
        script.reset(1, true);
        assertThat(script.isLendable(1)).isTrue();
        script.borrow(1);
        assertThatThrownBy(() -> script.borrow(1)).isInstanceOf(AssertionError.class);
        assertThat(script.bringBack(1)).isTrue();
        assertThat(script.isLendable(1)).isTrue();
    }

    @Test
    void nobodyHelpsHimselfWhileSomebodyWaits() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.acquire("w", "a")).containsExactly("w gets 2 IMMEDIATE");
        assertThat(script.acquire("x", "a")).as("the other is lent").isEmpty();
        assertThat(script.bringBack(1)).as("not past the line").isFalse();
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void aReleaseServesWhoWaitsThoughTheMachineDidNotMakeTheLease() {
        MachineScript one = MachineScript.with(1, 1);
        idle(one);
        one.borrow(1);
        assertThat(one.acquire("w", "b")).as("it is in use").isEmpty();
        assertThat(one.counts().leased()).isEqualTo(1);
        assertThat(one.release(1)).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 b");
    }

    @Test
    void whatIsLentCountsAgainstTheLimits() {
        twoIdle(script);
        script.borrow(1);
        script.borrow(2);
        assertThat(script.acquire("w", "a")).isEmpty();
        assertThat(script.acquire("x", "b")).isEmpty();
        assertThat(script.counts().open()).isEqualTo(2);
        assertThat(script.counts().waiting()).isEqualTo(2);
    }

    @Test
    void whatWasDeadWhenSomebodyCameForItIsClosedAndAnotherIsOpened() {
        idle(script);
        script.borrow(1);
        script.bringBack(1);
        script.refuseClaim(1);
        assertThat(script.acquire("w", "a")).containsExactly("close 1 PEER_CLOSED", "dial 2 a");
    }

    // ---- how a lease ends that the machine did not make

    @Test
    void eachWayToEndALeaseIsThereForOneThatWasBorrowed() {
        MachineScript many = MachineScript.with(9, 9);
        for (int slot = 1; slot <= 5; slot++) {
            many.acquire("w" + slot, "a");
        }
        for (int slot = 1; slot <= 5; slot++) {
            many.opened(slot);
        }
        for (int slot = 1; slot <= 5; slot++) {
            many.release(slot);
            many.borrow(slot);
        }
        assertThat(many.invalidate(1)).containsExactly("close 1 INVALIDATED");
        assertThat(many.releaseUnquiet(2)).containsExactly("close 2 NOT_REUSABLE");
        assertThat(many.forget(3)).containsExactly("close 3 LEAKED");
        assertThat(many.totals().leaked()).isEqualTo(1);
        assertThat(many.releaseToReset(4)).isEmpty();
        assertThat(many.counts().resetting()).isEqualTo(1);
        assertThat(many.reset(4, true)).isEmpty();
        assertThat(many.releaseAs(5, "b")).isEmpty();
        assertThat(many.tryAcquire("x", "b")).containsExactly("x gets 5 IMMEDIATE");
    }

    @Test
    void whatIsBeingCleanedUpServesWhoComesMeanwhileWhenThatIsDone() {
        idle(script);
        script.borrow(1);
        script.bringBackToReset(1);
        assertThat(script.acquire("w", "a")).as("one is coming already").isEmpty();
        assertThat(script.counts().resetting()).isEqualTo(1);
        assertThat(script.reset(1, true)).containsExactly("w gets 1 IMMEDIATE");
    }

    @Test
    void aLeaseThatHasEndedEndsNoOtherOne() {
        idle(script);
        script.borrow(1);
        script.bringBack(1);
        script.borrow(1);
        assertThat(script.acquire("w", "a")).as("the lease is found out").containsExactly("dial 2 a");
        script.release(1, 2);
        assertThat(script.counts().leased()).as("the one before is not meant").isEqualTo(1);
        assertThat(script.release(1, 3)).containsExactly("w gets 1 DEFERRED");
    }

    @Test
    void aPeerThatClosesWhatIsLentFreesItsPlaceAtOnce() {
        MachineScript one = MachineScript.with(1, 1);
        idle(one);
        one.borrow(1);
        assertThat(one.acquire("w", "a")).isEmpty();
        assertThat(one.closed(1)).containsExactly("gone 1 PEER_CLOSED", "dial 2 a");
        assertThat(one.releaseUnquiet(1)).as("its holder is late").isEmpty();
    }

    // ---- how long

    @Test
    void whatIsUsedAgainAndAgainIsNotIdleForTooLong() {
        idle(script);
        script.pass(IDLE_TIMEOUT.minusSeconds(1));
        script.borrow(1);
        script.bringBack(1);
        script.pass(Duration.ofSeconds(1));
        assertThat(script.tick()).as("it was used a second ago").isEmpty();
        script.pass(IDLE_TIMEOUT.minusSeconds(1));
        assertThat(script.tick()).containsExactly("close 1 IDLE_TIMEOUT");
    }

    @Test
    void whatIsLentWhenItsTimeIsUpStaysUntilItIsBroughtBack() {
        idle(script);
        script.borrow(1);
        script.pass(IDLE_TIMEOUT);
        assertThat(script.tick()).isEmpty();
        assertThat(script.counts().leased()).isEqualTo(1);
        assertThat(script.bringBack(1)).as("the machine knows of it now").isFalse();
        assertThat(script.release(1)).isEmpty();
        assertThat(script.isLendable(1)).isTrue();
    }

    @Test
    void whatIsTooOldEndsThoughItIsUsedAllTheTime() {
        MachineScript mortal = MachineScript.with(1, 1).maxLifetime(Duration.ofSeconds(10));
        idle(mortal);
        mortal.pass(Duration.ofSeconds(9));
        mortal.borrow(1);
        mortal.bringBack(1);
        mortal.pass(Duration.ofSeconds(1));
        assertThat(mortal.tick()).containsExactly("close 1 LIFETIME");
    }

    @Test
    void whatWasUsedIsNotWhatMakesWay() {
        twoIdle(script);
        script.pass(Duration.ofMillis(1));
        script.borrow(1);
        script.bringBack(1);
        assertThat(script.acquire("w", "b")).containsExactly("close 2 EVICTED");
    }

    @Test
    void whatIsLentDoesNotMakeWay() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.acquire("w", "b")).containsExactly("close 2 EVICTED");
        assertThat(script.closed(2)).containsExactly("gone 2 EVICTED", "dial 3 b");
    }

    @Test
    void aLeaseThatIsHeldForLongIsReportedInTimeHoweverLongTheConnectionHadBeenIdle() {
        MachineScript reporting = MachineScript.with(1, 1).reportHeldFor(HELD);
        idle(reporting);
        for (int second = 0; second < 7; second++) {
            reporting.pass(Duration.ofSeconds(1));
            assertThat(reporting.tick()).isEmpty();
        }
        reporting.borrow(1);
        reporting.pass(HELD.minusMillis(1));
        assertThat(reporting.tick()).isEmpty();
        reporting.pass(Duration.ofMillis(1));
        assertThat(reporting.tick()).containsExactly("held 1");
        reporting.pass(HELD);
        assertThat(reporting.tick()).as("once").isEmpty();
    }

    @Test
    void theAlarmGoesOffAllTheWhileSoThatLeasesThatNobodyEndedAreFound() {
        idle(script);
        script.borrow(1);
        for (int second = 1; second < IDLE_TIMEOUT.toSeconds(); second++) {
            assertThat(script.wakeAt()).isEqualTo(Duration.ofSeconds(second));
            script.passTo(script.wakeAt());
            script.tick();
        }
    }

    @Test
    void aCleanUpHasItsTimeFromWhenTheConnectionWasBroughtBack() {
        idle(script);
        script.borrow(1);
        script.bringBackToReset(1);
        script.pass(Duration.ofSeconds(4));
        assertThat(script.acquire("w", "a")).isEmpty();
        script.pass(Duration.ofSeconds(1));
        assertThat(script.tick()).containsExactly("close 1 STEP_TIMEOUT", "dial 2 a");
    }

    @Test
    void whatIsBroughtBackAndNeverCleanedUpIsClosedThoughNobodyComes() {
        idle(script);
        script.borrow(1);
        script.bringBackToReset(1);
        script.pass(IDLE_TIMEOUT);
        assertThat(script.tick()).containsExactly("close 1 STEP_TIMEOUT");
    }

    // ---- what may not stay

    @Test
    void whatIsRetiredWhileItIsLentEndsWhenItIsBroughtBack() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.retire("a")).containsExactly("close 2 RETIRED");
        assertThat(script.bringBack(1)).isFalse();
        assertThat(script.release(1)).containsExactly("close 1 RETIRED");
    }

    @Test
    void aLimitThatIsLoweredEndsWhatIsIdleAndNotWhatIsLent() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.limits(1, 1)).containsExactly("close 2 RETIRED");
        assertThat(script.release(1)).as("it is the only one now").isEmpty();
        assertThat(script.isLendable(1)).isTrue();
    }

    @Test
    void whatIsLentAboveALoweredLimitEndsWhenItIsBroughtBack() {
        twoIdle(script);
        script.borrow(1);
        script.borrow(2);
        assertThat(script.limits(1, 1)).isEmpty();
        assertThat(script.bringBack(1)).isFalse();
        assertThat(script.release(1)).containsExactly("close 1 RETIRED");
        assertThat(script.release(2)).isEmpty();
        assertThat(script.isLendable(2)).isTrue();
    }

    @Test
    void aDrainWaitsForWhatIsLent() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.drain(Duration.ofHours(1))).containsExactly("close 2 MANAGER_CLOSED");
        assertThat(script.isLendable(1)).isFalse();
        script.closed(2);
        assertThat(script.release(1)).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(script.isClean()).isTrue();
    }

    @Test
    void aShutdownClosesWhatIsLentAndSaysThatItWasCutShort() {
        idle(script);
        script.borrow(1);
        assertThat(script.shutdown()).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(script.isClean()).isFalse();
    }
}
