package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The dial of a shared connection: the batch of waiters that it serves, and what follows if it fails. */
class MachineSharedDialTest {
    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript script = scripts.with(4, 4).expects(100);

    private void threeWait() {
        script.acquire("w1", "a");
        script.acquire("w2", "a");
        script.acquire("w3", "a");
    }

    // ---- the batch

    @Test
    void theBatchIsServedInOrderWhateverEachAskedFor() {
        script.acquire("w1", "a");
        script.acquireFresh("f2", "a");
        script.acquire("w3", "a");
        script.acquireFresh("f4", "a");
        assertThat(script.openedShared(1, 3))
                .containsExactly("w1 gets 1 NEW", "f2 gets 1 NEW", "w3 gets 1 NEW", "dial 2 a");
        assertThat(script.lease("w3")).isEqualTo(3);
    }

    @Test
    void afterTheBatchTheConnectionIsFreshNoMore() {
        script.acquire("w1", "a");
        script.openedShared(1, 3);
        assertThat(script.acquireFresh("f", "a")).containsExactly("dial 2 a");
        assertThat(script.acquire("w2", "a")).containsExactly("w2 gets 1 IMMEDIATE");
        assertThat(script.openedShared(2, 3)).containsExactly("f gets 2 NEW");
    }

    @Test
    void aConnectionThatNobodyWaitsForIsIdleAndFreshForNobody() {
        script.acquire("w1", "a");
        script.cancel("w1");
        assertThat(script.openedShared(1, 3)).isEmpty();
        assertThat(script.counts().idle()).isOne();
        assertThat(script.acquireFresh("f", "a")).containsExactly("dial 2 a");
        assertThat(script.acquire("w2", "a")).containsExactly("w2 gets 1 IMMEDIATE");
    }

    @Test
    void theBatchIsServedThoughAnotherEndpointHasBeenKeptOut() {
        MachineScript one = scripts.with(1, 1).expects(2);
        one.acquire("b1", "b");
        one.acquire("a1", "a");
        one.cancel("b1");
        one.refused(1);
        one.acquire("b2", "b");
        one.acquire("a2", "a");
        one.advance(Duration.ofMillis(200));
        assertThat(one.openedShared(2, 2)).containsExactly("a1 gets 2 NEW", "a2 gets 2 NEW");
    }

    @Test
    void theConnectionIsOnTheEventLoopThatTheDialTold() {
        script.acquire("w1", "a");
        script.openedSharedOn(1, 7, 2);
        assertThat(script.wantedOn(1)).isEqualTo(7);
    }

    @Test
    void totalsCountOneConnectionAndEachLease() {
        threeWait();
        script.openedShared(1, 100);
        assertThat(script.totals().opened()).isOne();
        assertThat(script.totals().created()).isEqualTo(3);
    }

    @Test
    void aSecondAnswerToTheDialDoesNothing() {
        script.acquire("w1", "a");
        script.openedShared(1, 1);
        assertThat(script.openedShared(1, 50)).isEmpty();
        assertThat(script.acquire("w2", "a")).containsExactly("dial 2 a");
    }

    @Test
    void aCapacityThatIsToldBeforeTheDialIsCompleteChangesNothing() {
        script.acquire("w1", "a");
        assertThat(script.capacity(1, 50)).isEmpty();
        assertThat(script.openedShared(1, 1)).containsExactly("w1 gets 1 NEW");
        assertThat(script.acquire("w2", "a")).containsExactly("dial 2 a");
    }

    // ---- dials that fail

    @Test
    void aDialThatHasNoRoomInTimeHasTimedOut() {
        threeWait();
        assertThat(script.run(Duration.ofSeconds(30)))
                .containsExactly("w1 fails DIAL_TIMED_OUT 1", "stop 1 STEP_TIMEOUT", "dial 2 a");
        assertThat(script.openedShared(1, 5)).as("too late").containsExactly("close 1 STEP_TIMEOUT");
        assertThat(script.closed(1)).containsExactly("gone 1 STEP_TIMEOUT");
        assertThat(script.run(Duration.ofSeconds(30)))
                .containsExactly("w2 fails DIAL_TIMED_OUT 2", "stop 2 STEP_TIMEOUT", "w3 fails PAUSED 2");
    }

    @Test
    void aPeerThatSendsEachDialAwayIsDialedTwiceAndThenThereIsAPause() {
        script.acquire("w1", "a");
        assertThat(script.refused(1)).containsExactly("w1 fails DIAL_FAILED 1");
        assertThat(script.acquire("w2", "a")).containsExactly("dial 2 a");
        assertThat(script.refused(2)).containsExactly("w2 fails DIAL_FAILED 2");
        assertThat(script.acquire("w3", "a")).containsExactly("w3 fails PAUSED 2");
    }

    @Test
    void aConnectionThatIsDeadBeforeItsFirstLeaseIsAFailedDial() {
        threeWait();
        script.refuseClaim(1);
        assertThat(script.openedShared(1, 5))
                .containsExactly("close 1 PEER_CLOSED", "w1 fails DIAL_FAILED 1", "dial 2 a");
        script.refuseClaim(2);
        assertThat(script.openedShared(2, 5))
                .containsExactly("close 2 PEER_CLOSED", "w2 fails DIAL_FAILED 2", "w3 fails PAUSED 2");
        assertThat(script.totals().opened()).isZero();
        assertThat(script.totals().dialsFailed()).isEqualTo(2);
    }

    @Test
    void aConnectionThatDiesInTheMiddleOfItsBatchHasSucceeded() {
        threeWait();
        script.refuseClaim(1, 1);
        assertThat(script.openedShared(1, 5)).containsExactly("w1 gets 1 NEW", "close 1 PEER_CLOSED", "dial 2 a");
        assertThat(script.release("w1")).isEmpty();
        assertThat(script.wasHeld()).isFalse();
        script.refuseClaim(2, 1);
        assertThat(script.openedShared(2, 5))
                .as("no failure counts")
                .containsExactly("w2 gets 2 NEW", "close 2 PEER_CLOSED", "dial 3 a");
    }

    @Test
    void aSuccessEndsTheFailuresBeforeIt() {
        threeWait();
        script.refused(1);
        script.openedShared(2, 1);
        assertThat(script.refused(3)).containsExactly("w3 fails DIAL_FAILED 3");
        assertThat(script.acquire("w4", "a")).as("no pause").containsExactly("dial 4 a");
    }

    @Test
    void waitersOfAPausedEndpointFailIfAllThatIsOpenIsRetired() {
        retiredAndSuspect(script);
        script.acquire("w4", "a");
        assertThat(script.refused(3)).containsExactly("w3 fails DIAL_FAILED 3", "w4 fails PAUSED 3");
        assertThat(script.acquire("w5", "a")).containsExactly("w5 fails PAUSED 3");
    }

    @Test
    void waitersOfAPausedEndpointFailWhenTheLastUsableConnectionIsRetired() {
        script.acquire("w1", "a");
        script.openedShared(1, 2);
        script.capacity(1, 1);
        script.acquire("w2", "a");
        script.refused(2);
        script.acquire("w3", "a");
        script.acquire("w4", "a");
        script.refused(3);
        assertThat(script.counts().waiting()).as("w4 may get the place of w1").isOne();
        assertThat(script.retire(1)).containsExactly("w4 fails PAUSED 3");
    }

    @Test
    void patientWaitersOfAPausedEndpointWaitOn() {
        retiredAndSuspect(script);
        script.acquirePatiently("p", "a", Duration.ofSeconds(20));
        script.refused(3);
        assertThat(script.counts().waiting()).isOne();
        assertThat(script.run(Duration.ofMillis(100))).containsExactly("dial 4 a");
        assertThat(script.openedShared(4, 1)).containsExactly("p gets 4 NEW");
    }

    /** Only the retired connection 1 is open, and the second dial in a row is under way. */
    private static void retiredAndSuspect(MachineScript script) {
        script.acquire("w1", "a");
        script.openedShared(1, 2);
        script.retire(1);
        assertThat(script.acquire("w2", "a")).containsExactly("dial 2 a");
        script.refused(2);
        script.acquire("w3", "a");
    }

    // ---- retired while it is dialed

    @Test
    void aConnectionThatIsRetiredDuringItsDialServesOneBatch() {
        threeWait();
        assertThat(script.retire("a")).isEmpty();
        assertThat(script.openedShared(1, 2)).containsExactly("w1 gets 1 NEW", "w2 gets 1 NEW", "dial 2 a");
        assertThat(script.release("w1")).isEmpty();
        assertThat(script.release("w2")).containsExactly("close 1 RETIRED");
        assertThat(script.openedShared(2, 2)).containsExactly("w3 gets 2 NEW");
        assertThat(script.acquire("w4", "a")).as("this one is not retired").containsExactly("w4 gets 2 IMMEDIATE");
    }

    @Test
    void aConnectionThatIsRetiredDuringItsDialTakesNobodyAfterItsBatch() {
        script.acquire("w1", "a");
        script.retire(1);
        assertThat(script.openedShared(1, 5)).containsExactly("w1 gets 1 NEW");
        assertThat(script.counts().leaving()).isOne();
        assertThat(script.acquire("w2", "a")).containsExactly("dial 2 a");
    }

    @Test
    void aConnectionThatIsRetiredDuringItsDialEndsAtOnceIfNobodyWaits() {
        script.acquire("w1", "a");
        script.cancel("w1");
        script.retireAll();
        assertThat(script.openedShared(1, 5)).containsExactly("close 1 RETIRED");
    }

    // ---- the end of the machine during a dial

    @Test
    void aDrainLetsTheDialServeItsBatch() {
        threeWait();
        assertThat(script.drain(Duration.ofSeconds(10))).isEmpty();
        assertThat(script.openedShared(1, 2)).containsExactly("w1 gets 1 NEW", "w2 gets 1 NEW", "dial 2 a");
        assertThat(script.release("w1")).containsExactly("w3 gets 1 DEFERRED", "stop 2 MANAGER_CLOSED");
        assertThat(script.refused(2)).isEmpty();
        assertThat(script.release("w2")).isEmpty();
        assertThat(script.release("w3")).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(script.isClean()).isTrue();
    }

    @Test
    void aShutdownStopsTheDialAndALateConnectionIsClosed() {
        threeWait();
        assertThat(script.shutdown())
                .containsExactly("w1 fails CLOSED", "w2 fails CLOSED", "w3 fails CLOSED", "stop 1 MANAGER_CLOSED");
        assertThat(script.openedShared(1, 5)).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
    }

    @Test
    void waitersOfAPausedEndpointFailIfALoweredLimitEndsAllThatIsOpen() {
        MachineScript script = MachineScript.with(2, 2).expects(2);
        script.acquire("x", "a");
        script.openedShared(1, 2);
        script.release("x");
        script.capacity(1, 0);
        script.acquire("w", "a");
        assertThat(script.refused(2)).contains("w fails DIAL_FAILED 2");
        script.acquire("v", "a");
        script.refused(3);
        script.acquire("b", "b");
        script.openedShared(4, 2);
        assertThat(script.acquire("y", "a")).as("there is still a connection").isEmpty();

        assertThat(script.limits(1, 1)).contains("close 1 RETIRED", "y fails PAUSED 3");
    }
}
