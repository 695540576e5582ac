package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which waiter gets which connection. */
class MachineServingTest {
    private final MachineScript script = MachineScript.with(128, 4);

    @Test
    void theFirstAcquireDialsAndGetsANewConnection() {
        assertThat(script.acquire("w", "a")).containsExactly("dial 1 a");
        assertThat(script.opened(1)).containsExactly("w gets 1 NEW");
    }

    @Test
    void anIdleConnectionIsGivenAtOnce() {
        script.acquire("w", "a");
        script.opened(1);
        assertThat(script.release(1)).isEmpty();
        assertThat(script.acquire("x", "a")).containsExactly("x gets 1 IMMEDIATE");
    }

    @Test
    void aReleasedConnectionGoesToTheOldestWaiter() {
        MachineScript one = MachineScript.with(1, 1);
        one.acquire("w", "a");
        one.opened(1);
        assertThat(one.acquire("x", "a")).isEmpty();
        assertThat(one.acquire("y", "a")).isEmpty();
        assertThat(one.release(1)).containsExactly("x gets 1 DEFERRED");
        assertThat(one.release(1)).containsExactly("y gets 1 DEFERRED");
    }

    @Test
    void aReleasedConnectionServesAWaiterWhoseDialStillRuns() {
        script.acquire("w", "a");
        script.opened(1);
        assertThat(script.acquire("x", "a")).containsExactly("dial 2 a");
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED");
        assertThat(script.opened(2)).as("the connection goes idle").isEmpty();
        assertThat(script.counts().idle()).isOne();
    }

    @Test
    void aDialServesTheOldestWaiterNotTheOneItWasBegunFor() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        assertThat(script.opened(2)).containsExactly("w gets 2 NEW");
        assertThat(script.opened(1)).containsExactly("x gets 1 NEW");
    }

    @Test
    void aDialThatNoWaiterNeedsGoesIdleAndIsThenImmediate() {
        script.acquire("w", "a");
        assertThat(script.cancel("w")).isEmpty();
        assertThat(script.opened(1)).isEmpty();
        assertThat(script.acquire("x", "a")).containsExactly("x gets 1 IMMEDIATE");
    }

    @Test
    void theMostRecentlyUsedConnectionIsGivenFirst() {
        openTwo();
        script.release(2);
        script.release(1);
        assertThat(script.acquire("y", "a")).containsExactly("y gets 1 IMMEDIATE");
        assertThat(script.acquire("z", "a")).containsExactly("z gets 2 IMMEDIATE");
    }

    @Test
    void aConnectionThatTurnsOutToBeDeadIsNotHandedOut() {
        openTwo();
        script.release(1);
        script.release(2);
        script.refuseClaim(2);
        assertThat(script.acquire("y", "a")).containsExactly("close 2 PEER_CLOSED", "y gets 1 IMMEDIATE");
    }

    @Test
    void aConnectionThatCannotBeParkedIsClosed() {
        script.acquire("w", "a");
        script.opened(1);
        script.refusePark(1);
        assertThat(script.release(1)).containsExactly("close 1 NOT_REUSABLE");
    }

    @Test
    void aNewConnectionThatCannotBeParkedIsClosedAndNotGivenToTheNext() {
        script.acquire("w", "a");
        script.cancel("w");
        script.refusePark(1);
        assertThat(script.opened(1)).containsExactly("close 1 NOT_REUSABLE");
        assertThat(script.acquire("x", "a")).containsExactly("dial 2 a");
    }

    @Test
    void endpointsDoNotShareConnections() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        assertThat(script.acquire("x", "b")).containsExactly("dial 2 b");
    }

    @Test
    void noDialBeginsWhileAConnectionIsReset() {
        script.acquire("w", "a");
        script.opened(1);
        assertThat(script.releaseToReset(1)).isEmpty();
        assertThat(script.acquire("x", "a")).isEmpty();
        assertThat(script.reset(1, true)).as("it was released before x asked").containsExactly("x gets 1 IMMEDIATE");
    }

    @Test
    void aResetThatEndsAWaitIsDeferred() {
        MachineScript one = MachineScript.with(1, 1);
        one.acquire("w", "a");
        one.opened(1);
        one.acquire("x", "a");
        assertThat(one.releaseToReset(1)).isEmpty();
        assertThat(one.reset(1, true)).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void aResetThatFindsTheConnectionNotReusableClosesItAndDialsForTheWaiter() {
        script.acquire("w", "a");
        script.opened(1);
        script.releaseToReset(1);
        script.acquire("x", "a");
        assertThat(script.reset(1, false)).containsExactly("close 1 NOT_REUSABLE", "dial 2 a");
    }

    @Test
    @Tag("G21")
    void aResetThatIsNeverAnsweredEndsTheConnection() {
        script.acquire("w", "a");
        script.opened(1);
        script.releaseToReset(1);
        script.advance(Duration.ofSeconds(5));
        assertThat(script.tick()).containsExactly("close 1 STEP_TIMEOUT");
        assertThat(script.reset(1, true)).as("too late").isEmpty();
        assertThat(script.closed(1)).containsExactly("gone 1 STEP_TIMEOUT");
    }

    @Test
    void aResetThatIsNeverAnsweredDialsForTheWaiter() {
        script.acquire("w", "a");
        script.opened(1);
        script.releaseToReset(1);
        assertThat(script.acquire("x", "a")).isEmpty();
        script.advance(Duration.ofSeconds(5));
        assertThat(script.tick()).containsExactly("close 1 STEP_TIMEOUT", "dial 2 a");
    }

    @Test
    void aConnectionThatIsNotAtAMessageBoundaryIsClosedAndTheNextIsNew() {
        MachineScript one = MachineScript.with(1, 1);
        one.acquire("w", "a");
        one.opened(1);
        one.acquire("x", "a");
        assertThat(one.releaseNotReusable(1)).containsExactly("close 1 NOT_REUSABLE");
        assertThat(one.closed(1)).containsExactly("gone 1 NOT_REUSABLE", "dial 2 a");
    }

    @Test
    void tryAcquireTakesAnIdleConnectionAndNothingElse() {
        assertThat(script.tryAcquire("w", "a")).containsExactly("w gets nothing");
        assertThat(script.endpoints()).isZero();
        script.acquire("x", "a");
        assertThat(script.tryAcquire("y", "a")).as("a dial is under way").containsExactly("y gets nothing");
        script.opened(1);
        script.release(1);
        assertThat(script.tryAcquire("z", "a")).containsExactly("z gets 1 IMMEDIATE");
    }

    @Test
    void tryAcquireOfADeadConnectionGetsNothing() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.refuseClaim(1);
        assertThat(script.tryAcquire("x", "a")).containsExactly("close 1 PEER_CLOSED", "x gets nothing");
        assertThat(script.counts().waiting()).isZero();
    }

    @Test
    void aSecondReleaseOfTheSameLeaseDoesNothing() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1, 1);
        assertThat(script.acquire("x", "a")).containsExactly("x gets 1 IMMEDIATE");
        assertThat(script.release(1, 1)).as("x holds lease 2").isEmpty();
        assertThat(script.counts().leased()).isOne();
    }

    @Test
    void totalsCountWhatTheMachineDid() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.acquire("x", "a");
        script.leak(1);
        script.acquire("y", "b");
        script.refused(2);
        script.acquire("z", "b", Duration.ofSeconds(1));
        script.acquire("z2", "b", Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        script.tick();
        script.acquire("v", "c");
        script.cancel("v");
        script.shutdown();
        script.opened(5);
        var totals = script.totals();
        assertThat(totals.opened()).isEqualTo(1);
        assertThat(totals.created()).isEqualTo(1);
        assertThat(totals.immediate()).isEqualTo(1);
        assertThat(totals.leaked()).isEqualTo(1);
        assertThat(totals.dialsFailed()).as("refused, and stopped too late").isEqualTo(2);
        assertThat(totals.cancelled()).isEqualTo(1);
        assertThat(totals.failed()).isEqualTo(1);
        assertThat(totals.timedOut()).isEqualTo(2);
    }

    private void openTwo() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.opened(1);
        script.opened(2);
    }
}
