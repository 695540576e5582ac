package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Permits of a budget outside: asked for before a dial, given back after the end, paid back when they are owed. */
class MachineBudgetTest {
    private final MachineScript script = MachineScript.with(8, 2).budgeted();

    @Test
    void aPermitIsAskedForBeforeTheDialAndGivenBackAfterTheEnd() {
        assertThat(script.acquire("w", "a")).containsExactly("ask 1 a");
        assertThat(script.granted(1)).containsExactly("dial 1 a");
        assertThat(script.opened(1)).containsExactly("w gets 1 NEW");
        assertThat(script.invalidate(1)).containsExactly("close 1 INVALIDATED");
        assertThat(script.closed(1)).containsExactly("give back 1", "gone 1 INVALIDATED");
    }

    @Test
    void aFailedDialGivesItsPermitBack() {
        script.acquire("w", "a");
        script.granted(1);
        assertThat(script.refused(1)).containsExactly("w fails DIAL_FAILED 1", "give back 1");
    }

    @Test
    void reuseNeedsNoPermit() {
        leased();
        script.release(1);
        assertThat(script.acquire("x", "a")).containsExactly("x gets 1 IMMEDIATE");
    }

    @Test
    void anAskCountsAgainstTheLimits() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        assertThat(script.acquire("y", "a")).isEmpty();
        assertThat(script.counts().awaitingPermit()).isEqualTo(2);
        assertThat(script.counts().open()).isEqualTo(2);
    }

    @Test
    void anAskIsWithdrawnWhenNobodyWaitsForItAnyMore() {
        script.acquire("w", "a");
        assertThat(script.cancel("w")).containsExactly("unask 1");
        assertThat(script.unasked(1)).isEmpty();
        assertThat(script.counts().open()).isZero();
    }

    @Test
    void nothingIsAskedForWhileAnEndpointIsPaused() {
        script.acquire("w", "a");
        script.granted(1);
        script.refused(1);
        script.acquire("x", "a");
        script.acquire("y", "a");
        script.granted(2);
        assertThat(script.refused(2))
                .containsExactly("x fails DIAL_FAILED 2", "give back 2", "unask 3", "y fails PAUSED 2");
        assertThat(script.granted(3)).as("too late").containsExactly("give back 3");
    }

    @Test
    void aDialThatBeganAfterAFailureSaysSomethingNewAlsoIfItsPermitWasAskedForBefore() {
        script.acquire("w", "a");
        script.granted(1);
        script.acquire("x", "a");
        script.refused(1);
        assertThat(script.granted(2)).containsExactly("dial 2 a");
        script.refused(2);
        assertThat(script.acquire("y", "a")).containsExactly("y fails PAUSED 2");
    }

    @Test
    void aPermitThatIsGrantedTooLateGoesBackAtOnce() {
        script.acquire("w", "a");
        script.cancel("w");
        assertThat(script.granted(1)).containsExactly("give back 1");
        assertThat(script.counts().open()).isZero();
    }

    @Test
    void aPermitThatIsGrantedWhenItsWaitersTimeIsUpIsTooLate() {
        script.acquire("w", "a", Duration.ofSeconds(1));
        script.pass(Duration.ofSeconds(1));
        assertThat(script.granted(1)).containsExactly("w fails TIMED_OUT 1", "unask 1", "give back 1");
    }

    @Test
    void aReleaseServesAWaiterWhoseAskWaits() {
        leased();
        script.acquire("x", "a");
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED", "unask 2");
    }

    @Test
    void theTimeoutOfAWaiterWhoseAskWaitsNamesTheAsk() {
        script.acquire("w", "a", Duration.ofSeconds(1));
        script.pass(Duration.ofSeconds(1));
        assertThat(script.tick()).containsExactly("w fails TIMED_OUT 1", "unask 1");
    }

    @Test
    void whatIsIdlePaysAtOnceTheLeastRecentlyUsedFirst() {
        leased();
        script.acquire("x", "b");
        script.granted(2);
        script.opened(2);
        script.release(2);
        script.release(1);
        assertThat(script.owed(1)).containsExactly("close 2 EVICTED", "pays 1");
        assertThat(script.owed(1)).as("it is on its way").containsExactly("pays 1");
        script.closed(2);
        assertThat(script.owed(0)).containsExactly("pays 0");
        assertThat(script.counts().idle()).isOne();
    }

    @Test
    void aDialThatNobodyWaitsForPaysToo() {
        script.acquire("w", "a");
        script.granted(1);
        script.cancel("w");
        assertThat(script.owed(1)).containsExactly("stop 1 EVICTED", "pays 1");
    }

    @Test
    void anAskPaysNothing() {
        script.acquire("w", "a");
        assertThat(script.owed(1)).containsExactly("pays 0");
    }

    @Test
    void aReleaseServesItsOwnLineUntilPatienceIsOver() {
        script.pass(Duration.ofSeconds(3));
        leased();
        script.owed(1);
        script.acquire("x", "a");
        script.pass(Duration.ofMillis(20));
        assertThat(script.owed(1)).as("still the same debt").containsExactly("pays 0");
        script.pass(Duration.ofMillis(29));
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED", "unask 2");
        script.unasked(2);
        script.acquire("y", "a");
        script.pass(Duration.ofMillis(1));
        assertThat(script.release(1)).containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("give back 1", "gone 1 EVICTED");
    }

    @Test
    void aReleaseThatNobodyWaitsForPaysWithoutPatience() {
        leased();
        script.owed(1);
        assertThat(script.release(1)).containsExactly("close 1 EVICTED");
    }

    @Test
    void whatIsNotOwedAnyMoreIsNotPaid() {
        leased();
        script.owed(1);
        script.owed(0);
        assertThat(script.release(1)).isEmpty();
    }

    @Test
    void aShutdownWithdrawsAsksAndGivesPermitsBack() {
        leased();
        script.acquire("x", "b");
        assertThat(script.shutdown()).containsExactlyInAnyOrder("x fails CLOSED", "unask 2", "close 1 MANAGER_CLOSED");
        script.unasked(2);
        assertThat(script.closed(1)).containsExactly("give back 1", "gone 1 MANAGER_CLOSED", "finished");
    }

    private void leased() {
        script.acquire("w", "a");
        script.granted(1);
        script.opened(1);
    }
}
