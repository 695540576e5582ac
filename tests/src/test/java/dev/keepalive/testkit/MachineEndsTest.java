package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The ends of waiters and connections, and the end of the machine. */
class MachineEndsTest {
    private final MachineScript script = MachineScript.with(1, 1);

    // ---- waiters

    @Test
    void aWaiterTimesOutAtItsTimeAndLeavesTheWaitQueue() {
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a", Duration.ofSeconds(1));
        assertThat(script.wakeAt()).isLessThanOrEqualTo(Duration.ofSeconds(1));
        script.advance(Duration.ofMillis(999));
        assertThat(script.tick()).isEmpty();
        script.advance(Duration.ofMillis(1));
        assertThat(script.tick()).containsExactly("x fails TIMED_OUT");
        assertThat(script.counts().waiting()).isZero();
        assertThat(script.release(1)).as("no waiter is left").isEmpty();
    }

    @Test
    void aTimeoutNamesTheDialThatTheWaiterWasWaitingFor() {
        script.acquire("w", "a", Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        assertThat(script.tick()).containsExactly("w fails TIMED_OUT 1");
    }

    @Test
    void anAcquireWithoutTimeFailsBeforeAnythingBegins() {
        assertThat(script.acquire("w", "a", Duration.ZERO)).containsExactly("w fails TIMED_OUT");
        assertThat(script.endpoints()).isZero();
    }

    static Stream<Arguments> events() {
        return Stream.<Function<MachineScript, List<String>>>of(
                        script -> script.acquire("another", "b"),
                        script -> script.tryAcquire("another", "b"),
                        script -> script.cancel("gone"),
                        script -> script.opened(3),
                        script -> script.reset(2, true),
                        script -> script.release(1),
                        script -> script.closed(1),
                        script -> script.tick(),
                        script -> script.limits(3, 3),
                        script -> script.retire("a"),
                        script -> script.retire(1),
                        script -> script.retireAll(),
                        script -> script.owed(0),
                        script -> script.drain(Duration.ofSeconds(1)),
                        script -> script.shutdown())
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("events")
    void everyEventFirstEndsWhatIsDue(Function<MachineScript, List<String>> event) {
        MachineScript three = MachineScript.with(3, 3);
        for (String waiter : new String[] {"w", "x", "gone"}) {
            three.acquire(waiter, "a");
        }
        three.opened(1);
        three.opened(2);
        three.releaseToReset(2);
        three.acquire("y", "a");
        three.acquire("due", "a", Duration.ofSeconds(1));
        three.advance(Duration.ofSeconds(1));
        assertThat(event.apply(three))
                .filteredOn(line -> !line.equals("too late"))
                .first()
                .isEqualTo("due fails TIMED_OUT");
    }

    @Test
    void aReleaseDoesNotServeAWaiterWhoseTimeIsUp() {
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a", Duration.ofSeconds(1));
        script.acquire("y", "a");
        script.advance(Duration.ofSeconds(1));
        assertThat(script.release(1)).containsExactly("x fails TIMED_OUT", "y gets 1 DEFERRED");
    }

    @Test
    void aWaiterWhoseTimeIsUpCannotBeCancelled() {
        script.acquire("w", "a", Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        assertThat(script.cancel("w")).containsExactly("too late", "w fails TIMED_OUT 1");
    }

    @Test
    void aWaiterThatTimedOutIsNotAnsweredAgainWhenTheDialFails() {
        script.acquire("w", "a", Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        script.tick();
        assertThat(script.refused(1)).isEmpty();
    }

    @Test
    void aDialOutlivesTheWaiterThatCausedItAndServesTheNext() {
        script.acquire("w", "a", Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        script.tick();
        assertThat(script.acquire("x", "a")).as("covered by the dial under way").isEmpty();
        assertThat(script.opened(1)).containsExactly("x gets 1 NEW");
    }

    @Test
    void aCancelledWaiterLeavesAtOnceAndTakesNoConnection() {
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a");
        script.acquire("y", "a");
        assertThat(script.cancel("x")).isEmpty();
        assertThat(script.counts().waiting()).isOne();
        assertThat(script.cancel("x")).containsExactly("too late");
        assertThat(script.release(1)).containsExactly("y gets 1 DEFERRED");
        assertThat(script.cancel("y")).containsExactly("too late");
    }

    @Test
    void cancellingNeverTakesAnIdleConnection() {
        MachineScript two = MachineScript.with(2, 1);
        two.acquire("w", "a");
        two.opened(1);
        two.release(1);
        two.acquire("x", "b");
        two.cancel("x");
        assertThat(two.acquire("y", "a")).containsExactly("y gets 1 IMMEDIATE");
    }

    // ---- dials

    @Test
    void aFailedDialIsToldToTheWaiterThatCausedItAndWakesTheNext() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        assertThat(script.refused(1)).containsExactly("w fails DIAL_FAILED 1", "dial 2 a");
        assertThat(script.refused(2)).containsExactly("x fails DIAL_FAILED 2");
        assertThat(script.counts().open()).isZero();
    }

    @Test
    void aFailedDialWakesAWaiterOfAnotherEndpoint() {
        script.acquire("w", "a");
        script.acquire("x", "b");
        assertThat(script.refused(1)).containsExactly("w fails DIAL_FAILED 1", "dial 2 b");
    }

    @Test
    void aFailedDialIsToldToNoOtherWaiter() {
        MachineScript two = MachineScript.with(4, 2);
        two.acquire("w", "a");
        two.acquire("x", "a");
        two.opened(2);
        assertThat(two.refused(1))
                .as("w was served, and x caused the other dial")
                .containsExactly("dial 3 a");
        assertThat(two.refused(3)).containsExactly("x fails DIAL_FAILED 3");
    }

    @Test
    void aDialThatTakesTooLongIsStoppedAndToldToItsCause() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.advance(Duration.ofSeconds(30));
        assertThat(script.tick()).containsExactly("w fails DIAL_TIMED_OUT 1", "stop 1 STEP_TIMEOUT");
        assertThat(script.refused(1)).as("its permit is free after the stop").containsExactly("dial 2 a");
    }

    @Test
    void aStopThatIsNeverAnsweredKeepsItsPermitAndIsReported() {
        script.acquire("w", "a");
        script.advance(Duration.ofSeconds(30));
        script.tick();
        script.advance(Duration.ofSeconds(5));
        assertThat(script.tick()).containsExactly("close overdue 1");
        assertThat(script.acquire("x", "a")).isEmpty();
        assertThat(script.refused(1)).containsExactly("dial 2 a");
    }

    @Test
    void anOverdueCloseIsNotCountedOnAsRoom() {
        MachineScript two = MachineScript.with(2, 2);
        two.acquire("w", "a");
        two.acquire("x", "a");
        two.opened(1);
        two.opened(2);
        two.release(1);
        two.release(2);
        assertThat(two.acquire("y", "b")).containsExactly("close 1 EVICTED");
        two.advance(Duration.ofSeconds(5));
        assertThat(two.tick()).containsExactly("close overdue 1", "close 2 EVICTED");
        assertThat(two.closed(2)).containsExactly("gone 2 EVICTED", "dial 3 b");
    }

    // ---- connections

    @Test
    void anIdleConnectionExpires() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.advance(Duration.ofSeconds(15));
        assertThat(script.tick()).containsExactly("close 1 IDLE_TIMEOUT");
        assertThat(script.closed(1)).containsExactly("gone 1 IDLE_TIMEOUT");
        assertThat(script.acquire("x", "a")).containsExactly("dial 2 a");
    }

    @Test
    void useStartsTheIdleTimeAnew() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.advance(Duration.ofSeconds(14));
        script.acquire("x", "a");
        script.release(1);
        script.advance(Duration.ofSeconds(14));
        assertThat(script.tick()).isEmpty();
        script.advance(Duration.ofSeconds(1));
        assertThat(script.tick()).containsExactly("close 1 IDLE_TIMEOUT");
    }

    @Test
    void anExpiredConnectionIsNotHandedOutEvenIfTheTickIsLate() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.advance(Duration.ofSeconds(20));
        assertThat(script.acquire("x", "a")).containsExactly("close 1 IDLE_TIMEOUT");
        assertThat(script.closed(1)).containsExactly("gone 1 IDLE_TIMEOUT", "dial 2 a");
    }

    @Test
    void anIdleConnectionThatThePeerClosesIsGone() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        assertThat(script.closed(1)).containsExactly("gone 1 PEER_CLOSED");
        assertThat(script.acquire("x", "a")).containsExactly("dial 2 a");
    }

    @Test
    void aConnectionThatDiesWhileLeasedFreesItsPermitAtOnceAndIsCountedOnce() {
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a");
        assertThat(script.closed(1)).containsExactly("gone 1 PEER_CLOSED", "dial 2 a");
        assertThat(script.release(1)).isEmpty();
        assertThat(script.closed(1)).isEmpty();
        assertThat(script.counts().open()).isOne();
    }

    @Test
    void anInvalidatedConnectionIsClosedAndTheNextIsNew() {
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a");
        assertThat(script.invalidate(1)).containsExactly("close 1 INVALIDATED");
        assertThat(script.closed(1)).containsExactly("gone 1 INVALIDATED", "dial 2 a");
    }

    @Test
    void aLeakedConnectionIsClosedNotReused() {
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a");
        assertThat(script.leak(1)).containsExactly("close 1 LEAKED");
        assertThat(script.closed(1)).containsExactly("gone 1 LEAKED", "dial 2 a");
        assertThat(script.totals().leaked()).isOne();
    }

    @Test
    void theMachineTicksEverySecondWhileAConnectionIsLeasedSoThatLeaksAreFound() {
        script.acquire("w", "a");
        script.opened(1);
        assertThat(script.wakeAt()).isEqualTo(Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        script.tick();
        assertThat(script.wakeAt()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void aTickThatComesALittleTooEarlyIsRepeated() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.advance(Duration.ofSeconds(15).minusNanos(1));
        assertThat(script.tick()).isEmpty();
        assertThat(script.wakeAt()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void theMachineTicksEverySecondWhileAConnectionIsIdleSoThatLateTicksAreNoticed() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.advance(Duration.ofSeconds(1));
        script.tick();
        assertThat(script.wakeAt()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theMachineDoesNotTickWhileNothingIsOpen() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.closed(1);
        script.advance(Duration.ofSeconds(1));
        script.tick();
        assertThat(script.wakeAt()).as("the wake-up that was requested before").isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void theMachineTicksForALeaseOfAnIdleConnectionToo() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.advance(Duration.ofSeconds(1));
        script.tick();
        script.tryAcquire("x", "a");
        assertThat(script.wakeAt()).isEqualTo(Duration.ofSeconds(2));
    }

    // ---- shutdown

    @Test
    void shutdownAnswersEveryWaiterAndEndsEverySlot() {
        MachineScript many = MachineScript.with(3, 3);
        many.acquire("w", "a");
        many.acquire("x", "a");
        many.acquire("y", "b");
        many.opened(1);
        many.opened(2);
        many.release(1);
        many.acquire("z", "a");
        many.acquire("late", "c");
        assertThat(many.shutdown())
                .containsExactlyInAnyOrder(
                        "y fails CLOSED",
                        "late fails CLOSED",
                        "close 1 MANAGER_CLOSED",
                        "close 2 MANAGER_CLOSED",
                        "stop 3 MANAGER_CLOSED");
        many.closed(1);
        many.closed(2);
        assertThat(many.refused(3)).containsExactly("finished");
        assertThat(many.counts().open()).isZero();
        assertThat(many.endpoints()).isZero();
    }

    @Test
    void shutdownForgetsEndpointsWhoseDialsFailed() {
        script.acquire("w", "a");
        script.refused(1);
        assertThat(script.shutdown()).containsExactly("finished");
        assertThat(script.endpoints()).isZero();
    }

    @Test
    void afterShutdownAnAcquireFailsAtOnceAndNothingIsDialed() {
        assertThat(script.shutdown()).containsExactly("finished");
        assertThat(script.acquire("w", "a")).containsExactly("w fails CLOSED");
        assertThat(script.tryAcquire("x", "a")).containsExactly("x gets nothing");
        assertThat(script.shutdown()).as("the second time").isEmpty();
    }

    @Test
    void aDialThatSucceedsAfterShutdownIsClosed() {
        script.acquire("w", "a");
        script.shutdown();
        assertThat(script.opened(1)).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
    }

    @Test
    void aReleaseAfterShutdownDoesNothing() {
        script.acquire("w", "a");
        script.opened(1);
        assertThat(script.shutdown()).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.release(1)).isEmpty();
        assertThat(script.closed(1)).contains("finished");
    }

    @Test
    void shutdownWaitsForAClosingConnectionThoughAnotherWasOverdueBefore() {
        MachineScript two = MachineScript.with(2, 2);
        two.acquire("w", "a");
        two.acquire("x", "a");
        two.opened(1);
        two.opened(2);
        two.invalidate(1);
        two.advance(Duration.ofSeconds(5));
        assertThat(two.tick()).containsExactly("close overdue 1");
        two.closed(1);
        assertThat(two.shutdown()).containsExactly("close 2 MANAGER_CLOSED");
        assertThat(two.closed(2)).containsExactly("gone 2 MANAGER_CLOSED", "finished");
    }

    @Test
    void shutdownFinishesWithoutAnOverdueClose() {
        script.acquire("w", "a");
        script.opened(1);
        script.shutdown();
        script.advance(Duration.ofSeconds(5));
        assertThat(script.tick()).containsExactly("close overdue 1", "finished");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED");
    }
}
