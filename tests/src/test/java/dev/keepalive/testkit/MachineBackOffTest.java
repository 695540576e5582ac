package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Dials that fail: which waiter is told, when the next dial may begin, and how many run at a time. */
class MachineBackOffTest {
    private final MachineScript script = MachineScript.with(8, 2);

    @Test
    void afterTheFirstFailureADialForTheNextWaiterBeginsAtOnce() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.acquire("y", "a");
        assertThat(script.refused(1)).containsExactly("w fails DIAL_FAILED 1", "dial 3 a");
    }

    @Test
    void dialsThatWereUnderWayTogetherCountAsOneFailure() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.refused(1);
        assertThat(script.refused(2)).containsExactly("x fails DIAL_FAILED 2");
        assertThat(script.acquire("y", "a")).as("not paused").containsExactly("dial 3 a");
    }

    @Test
    void theSecondFailureInARowPausesTheEndpoint() {
        failTwice();
        script.acquire("other", "b");
        assertThat(script.acquire("x", "a")).containsExactly("x fails PAUSED 2");
        assertThat(script.tryAcquire("y", "a")).containsExactly("y gets nothing");
        script.advance(Duration.ofMillis(100));
        assertThat(script.acquire("z", "a")).as("the pause is over").containsExactly("dial 4 a");
    }

    @Test
    void thePauseLastsForAtLeastHalfOfItsTime() {
        failTwice();
        script.advance(Duration.ofMillis(49));
        assertThat(script.acquire("x", "a")).containsExactly("x fails PAUSED 2");
    }

    @Test
    void thePauseDoublesWithEachFurtherFailureUpToTheLongest() {
        failTwice();
        script.advance(Duration.ofMillis(100));
        for (int millis = 100; millis < 5000; millis *= 2) {
            script.acquire("w" + millis, "a");
            script.refused(script.totals().dialsFailed() + 1);
            script.advance(Duration.ofMillis(millis - 1));
            assertThat(script.acquire("x" + millis, "a").get(0)).startsWith("x" + millis + " fails PAUSED");
            script.advance(Duration.ofMillis(millis + 1));
        }
        script.acquire("y", "a");
        script.refused(script.totals().dialsFailed() + 1);
        script.advance(Duration.ofMillis(5000));
        assertThat(script.acquire("z", "a").get(0)).startsWith("dial");
    }

    @Test
    void waitersFailAtOnceWhenAnEndpointWithNothingOpenIsPaused() {
        MachineScript one = MachineScript.with(8, 1);
        for (String waiter : List.of("v", "w", "x", "y")) {
            one.acquire(waiter, "a");
        }
        one.refused(1);
        assertThat(one.refused(2)).containsExactly("w fails DIAL_FAILED 2", "x fails PAUSED 2", "y fails PAUSED 2");
        assertThat(one.counts().waiting()).isZero();
    }

    @Test
    void waitersOfAPausedEndpointWaitOnWhileAConnectionIsOpen() {
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a");
        script.refused(2);
        script.acquire("y", "a");
        script.refused(3);
        assertThat(script.acquire("z", "a"))
                .as("z may get the connection that w releases")
                .isEmpty();
        assertThat(script.release(1)).containsExactly("z gets 1 DEFERRED");
    }

    @Test
    void afterAPauseADialForTheWaiterBegins() {
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a");
        script.refused(2);
        script.acquire("y", "a");
        script.refused(3);
        script.acquire("z", "a");
        script.advance(Duration.ofMillis(100));
        assertThat(script.tick()).containsExactly("dial 4 a");
    }

    @Test
    void aWakeUpIsRequestedForTheEndOfThePause() {
        failTwice();
        assertThat(script.wakeAt()).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
    }

    @Test
    void afterAPauseOneDialAtATimeIsTriedUntilOneSucceeds() {
        failTwice();
        script.advance(Duration.ofMillis(100));
        assertThat(script.acquire("x", "a")).containsExactly("dial 3 a");
        assertThat(script.acquire("y", "a")).isEmpty();
        assertThat(script.opened(3)).containsExactly("x gets 3 NEW", "dial 4 a");
    }

    @Test
    void aSuccessEndsTheRowOfFailures() {
        failTwice();
        script.advance(Duration.ofMillis(100));
        script.acquire("x", "a");
        script.opened(3);
        script.invalidate(3);
        script.closed(3);
        script.acquire("y", "a");
        assertThat(script.refused(4)).containsExactly("y fails DIAL_FAILED 4");
        assertThat(script.acquire("z", "a")).as("a first failure again").containsExactly("dial 5 a");
    }

    @Test
    void aDialThatTakesTooLongIsAFailureToo() {
        MachineScript one = MachineScript.with(8, 1);
        one.acquire("w", "a");
        one.advance(Duration.ofSeconds(30));
        one.tick();
        one.refused(1);
        one.acquire("x", "a");
        one.advance(Duration.ofSeconds(30));
        one.tick();
        assertThat(one.acquire("y", "a")).containsExactly("y fails PAUSED 2");
    }

    @Test
    void aDialThatWasStoppedIsNoFailure() {
        MachineScript one = MachineScript.with(1, 1);
        for (int dial = 1; dial <= 6; dial += 2) {
            one.acquire("w" + dial, "a");
            one.cancel("w" + dial);
            one.acquire("x" + dial, "b");
            one.refused(dial);
            one.opened(dial + 1);
            one.invalidate(dial + 1);
            one.closed(dial + 1);
        }
        assertThat(one.acquire("y", "a")).containsExactly("dial 7 a");
    }

    @Test
    void failuresAreForgottenAfterAWhile() {
        failTwice();
        script.advance(Duration.ofMillis(100));
        script.tick();
        script.advance(Duration.ofMillis(4999));
        script.tick();
        assertThat(script.endpoints()).isOne();
        script.advance(Duration.ofMillis(1));
        script.tick();
        assertThat(script.endpoints()).isZero();
    }

    // ---- waiters that go on waiting when dials fail

    private static final Duration MINUTE = Duration.ofMinutes(1);

    @Test
    void aPatientWaiterOutlivesItsDialAndTheNextOneBeginsAtOnce() {
        assertThat(script.acquirePatiently("w", "a", MINUTE)).containsExactly("dial 1 a");
        assertThat(script.refused(1)).containsExactly("dial 2 a");
        assertThat(script.refused(2)).as("the endpoint is paused").isEmpty();
        assertThat(script.counts().waiting()).isOne();
        script.advance(Duration.ofMillis(100));
        assertThat(script.tick()).containsExactly("dial 3 a");
        assertThat(script.opened(3)).containsExactly("w gets 3 NEW");
    }

    @Test
    void aPatientWaiterWaitsAtAPausedEndpointWhereOthersFail() {
        failTwice();
        assertThat(script.acquirePatiently("w", "a", MINUTE)).isEmpty();
        assertThat(script.acquire("x", "a")).containsExactly("x fails PAUSED 2");
        assertThat(script.acquirePatiently("y", "a", MINUTE)).isEmpty();
        script.advance(Duration.ofMillis(100));
        assertThat(script.tick()).as("one at a time").containsExactly("dial 3 a");
        assertThat(script.opened(3)).containsExactly("w gets 3 NEW", "dial 4 a");
        assertThat(script.release(3)).containsExactly("y gets 3 DEFERRED");
    }

    @Test
    @Tag("D22")
    void ofTheWaitersAtAnEndpointThatIsPausedOnlyThePatientOnesStay() {
        MachineScript one = MachineScript.with(8, 1);
        one.acquire("u", "a");
        one.acquirePatiently("v", "a", MINUTE);
        one.acquire("w", "a");
        one.acquirePatiently("x", "a", MINUTE);
        one.acquire("y", "a");
        assertThat(one.refused(1)).containsExactly("u fails DIAL_FAILED 1", "dial 2 a");
        assertThat(one.refused(2)).containsExactly("w fails PAUSED 2", "y fails PAUSED 2");
        assertThat(one.cancel("v")).isEmpty();
        one.advance(Duration.ofMillis(100));
        assertThat(one.tick()).containsExactly("dial 3 a");
        assertThat(one.opened(3)).containsExactly("x gets 3 NEW");
    }

    @Test
    void aPatientWaiterTimesOutWithTheLastDialThatItHasOutlived() {
        script.acquirePatiently("w", "a", Duration.ofMillis(40));
        script.refused(1);
        script.refused(2);
        script.advance(Duration.ofMillis(40));
        assertThat(script.tick()).containsExactly("w fails TIMED_OUT 2");
    }

    @Test
    void aPatientWaiterOutlivesADialThatTakesTooLong() {
        MachineScript one = MachineScript.with(8, 1);
        one.acquirePatiently("w", "a", MINUTE.multipliedBy(2));
        one.advance(Duration.ofSeconds(30));
        assertThat(one.tick()).containsExactly("stop 1 STEP_TIMEOUT");
        assertThat(one.refused(1)).containsExactly("dial 2 a");
        assertThat(one.opened(2)).containsExactly("w gets 2 NEW");
    }

    @Test
    void aPatientWaiterIsReplayedAsOne() throws Exception {
        MachineScript recorded = MachineScript.with(8, 1).recorded();
        recorded.acquirePatiently("w", "a", MINUTE);
        recorded.refused(1);
        recorded.refused(2);
        recorded.advance(Duration.ofMillis(100));
        recorded.tick();
        recorded.opened(3);
        List<String> transcript = new ArrayList<>();
        Replay.of(new ByteArrayInputStream(recorded.history()))
                .transcript(transcript::add)
                .run();
        assertThat(transcript).contains("    waiter 1 gets 3 NEW");
    }

    @Test
    void aPatientWaiterFailsWhenTheMachineIsShutDown() {
        failTwice();
        script.acquirePatiently("w", "a", MINUTE);
        assertThat(script.shutdown()).containsExactly("w fails CLOSED", "finished");
    }

    private void failTwice() {
        for (String waiter : List.of("first", "second")) {
            script.acquire(waiter, "a");
            script.refused(script.totals().dialsFailed() + 1);
        }
    }
}
