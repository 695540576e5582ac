package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How many dials begin for how many waiters: one dial covers as many as its connection is expected to take. */
class MachineExpectedTest {
    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript script = scripts.with(4, 4).expects(100);

    /** The waiters from this number to that one acquire; returns the lines of all of them. */
    private static List<String> acquire(MachineScript script, int first, int last) {
        List<String> lines = new ArrayList<>();
        IntStream.rangeClosed(first, last).forEach(number -> lines.addAll(script.acquire("w" + number, "a")));
        return lines;
    }

    private static List<String> get(int first, int last, int slot) {
        return IntStream.rangeClosed(first, last)
                .mapToObj(number -> "w" + number + " gets " + slot + " NEW")
                .toList();
    }

    // ---- one dial for many

    @Test
    void oneDialServesAllThatItsConnectionTakesAndTheNextWaiterGetsAnother() {
        assertThat(acquire(script, 1, 100)).containsExactly("dial 1 a");
        assertThat(script.openedShared(1, 100)).containsExactlyElementsOf(get(1, 100, 1));
        for (int number = 1; number <= 100; number++) {
            assertThat(script.lease("w" + number)).isEqualTo(number);
        }
        assertThat(script.acquire("w101", "a")).containsExactly("dial 2 a");
    }

    @Test
    void aDialBeginsForEachWaiterBeyondThoseThatAreCovered() {
        script.expects(2);
        assertThat(script.acquire("w1", "a")).containsExactly("dial 1 a");
        assertThat(script.acquire("w2", "a")).isEmpty();
        assertThat(script.acquire("w3", "a")).containsExactly("dial 2 a");
        assertThat(script.acquire("w4", "a")).isEmpty();
        assertThat(script.acquire("w5", "a")).containsExactly("dial 3 a");
    }

    @Test
    void aConnectionThatTakesOneTeachesThatAndMoreAreDialedAtOnce() {
        script.expects(100).maxWaitingPerEndpoint(1);
        assertThat(acquire(script, 1, 5)).containsExactly("dial 1 a");
        assertThat(script.opened(1)).containsExactly("w1 gets 1 NEW", "dial 2 a", "dial 3 a", "dial 4 a");
        assertThat(script.acquire("w6", "a")).as("w5 is not covered").containsExactly("w6 fails QUEUE_FULL");
    }

    @Test
    void dialsStillUnderWayCoverNoMoreThanWasLearnedMeanwhile() {
        assertThat(acquire(script, 1, 150)).containsExactly("dial 1 a", "dial 2 a");
        assertThat(script.openedShared(1, 3))
                .startsWith("w1 gets 1 NEW", "w2 gets 1 NEW", "w3 gets 1 NEW")
                .endsWith("dial 3 a", "dial 4 a")
                .hasSize(5);
    }

    @Test
    void aConnectionThatTakesManyServesAllAndTheOtherDialsMakeWayOnlyIfRoomIsNeeded() {
        script.expects(1);
        assertThat(acquire(script, 1, 6)).containsExactly("dial 1 a", "dial 2 a", "dial 3 a", "dial 4 a");
        assertThat(script.openedShared(2, 100)).containsExactlyElementsOf(get(1, 6, 2));
        assertThat(script.counts("a").dialing()).isEqualTo(3);
        assertThat(script.acquire("b1", "b")).as("the youngest").containsExactly("stop 4 EVICTED");
        assertThat(script.refused(4)).containsExactly("dial 5 b");
        assertThat(script.counts("a").leases()).isEqualTo(6);
    }

    @Test
    void aDialForMoreWaitersThanThereAreIsNotEvictedWhileOneNeedsIt() {
        MachineScript one = scripts.with(1, 1).expects(2);
        assertThat(one.acquire("w1", "a")).containsExactly("dial 1 a");
        assertThat(one.acquire("w2", "b")).isEmpty();
        assertThat(one.cancel("w1")).as("now no waiter needs it").containsExactly("stop 1 EVICTED");
    }

    @Test
    void ofTwoDialsTheOneIsEvictedWithoutWhichAllAreCovered() {
        MachineScript two = scripts.with(2, 2).expects(2);
        assertThat(acquire(two, 1, 3)).containsExactly("dial 1 a", "dial 2 a");
        assertThat(two.acquire("v", "b")).as("w3 needs the second").isEmpty();
        assertThat(two.cancel("w2")).containsExactly("stop 2 EVICTED");
    }

    @Test
    void aPermitRequestForMoreWaitersThanThereAreIsNotCancelledWhileOneNeedsIt() {
        script.expects(2).budgeted();
        assertThat(script.acquire("w1", "a")).containsExactly("request permit 1 a");
        assertThat(script.cancel("w1")).containsExactly("cancel permit request 1");
    }

    @Test
    void ofTwoPermitRequestsTheOneIsCancelledWithoutWhichAllAreCovered() {
        script.expects(2).budgeted();
        assertThat(acquire(script, 1, 3)).containsExactly("request permit 1 a", "request permit 2 a");
        assertThat(script.cancel("w1")).containsExactly("cancel permit request 2");
    }

    @Test
    void duringADrainADialGoesOnWhileOneWaiterNeedsIt() {
        script.acquire("w1", "a");
        assertThat(script.drain(Duration.ofSeconds(10))).isEmpty();
        assertThat(script.cancel("w1")).containsExactly("stop 1 MANAGER_CLOSED");
    }

    @Test
    void aWaiterThatLeavesDoesNotStopTheDialForTheOthers() {
        acquire(script, 1, 3);
        assertThat(script.cancel("w1")).isEmpty();
        assertThat(script.openedShared(1, 100)).containsExactlyElementsOf(get(2, 3, 1));
    }

    @Test
    void aFailedDialIsToldToTheWaiterThatCausedItAndOneMoreBegins() {
        acquire(script, 1, 3);
        assertThat(script.refused(1)).containsExactly("w1 fails DIAL_FAILED 1", "dial 2 a");
        assertThat(script.refused(2)).containsExactly("w2 fails DIAL_FAILED 2", "w3 fails PAUSED 2");
    }

    @Test
    void aDialCoversAtMostAHundredSoThatTheQueueStaysBounded() {
        MachineScript one = scripts.with(1, 1).expects(Integer.MAX_VALUE).maxWaitingPerEndpoint(10);
        assertThat(acquire(one, 1, 110)).containsExactly("dial 1 a");
        assertThat(one.acquire("w111", "a")).containsExactly("w111 fails QUEUE_FULL");
    }

    // ---- what is expected

    @Test
    void moreThanAHundredIsLearnedAsAHundred() {
        acquire(script, 1, 1);
        script.openedShared(1, 1000);
        script.capacity(1, 1);
        assertThat(acquire(script, 2, 101)).containsExactly("dial 2 a");
        assertThat(script.acquire("w102", "a")).containsExactly("dial 3 a");
    }

    @Test
    void whatTheLastDialTaughtCountsMoreThanWhatIsDeclared() {
        acquire(script, 1, 1);
        script.openedShared(1, 1);
        assertThat(acquire(script, 2, 3)).containsExactly("dial 2 a", "dial 3 a");
        script.openedShared(2, 1);
        script.openedShared(3, 2);
        assertThat(acquire(script, 4, 6)).as("one place is left").containsExactly("w4 gets 3 IMMEDIATE", "dial 4 a");
    }

    @Test
    void theLastDialCountsAlsoIfItTeachesLess() {
        acquire(script, 1, 2);
        script.openedShared(1, 2);
        assertThat(acquire(script, 3, 4)).containsExactly("dial 2 a");
        assertThat(script.opened(2)).containsExactly("w3 gets 2 NEW", "dial 3 a");
        assertThat(acquire(script, 5, 5)).containsExactly("dial 4 a");
    }

    @Test
    void aChangeOfTheCapacityLaterTeachesNothing() {
        acquire(script, 1, 2);
        script.openedShared(1, 2);
        script.capacity(1, 50);
        script.capacity(1, 1);
        assertThat(acquire(script, 3, 5)).containsExactly("dial 2 a", "dial 3 a");
    }

    @Test
    void beforeAnyDialTheLastAcquireDeclaresWhatIsExpected() {
        script.acquire("w1", "a");
        script.expects(1);
        assertThat(script.acquire("w2", "a")).containsExactly("dial 2 a");
    }

    @Test
    void anAcquireOfAnIdleConnectionDeclaresNothing() {
        acquire(script, 1, 2);
        assertThat(script.tryAcquire("t", "a")).containsExactly("t gets nothing");
    }

    @Test
    void aFailedDialDoesNotMakeForgetWhatWasLearned() {
        script.expects(1);
        acquire(script, 1, 1);
        script.openedShared(1, 3);
        script.capacity(1, 0);
        acquire(script, 2, 2);
        assertThat(script.refused(2)).containsExactly("w2 fails DIAL_FAILED 2");
        assertThat(acquire(script, 3, 5)).containsExactly("dial 3 a");
    }

    @Test
    void whatAnEndpointTaughtIsRememberedWhenNothingIsLeftOfIt() {
        MachineScript remembering = scripts.with(4, 4).remembers(1);
        comeAndGo(remembering, "a", 1, 2);
        assertThat(remembering.endpoints()).isZero();
        assertThat(acquire(remembering, 2, 3)).containsExactly("dial 2 a");
    }

    @Test
    void onlySoManyEndpointsAreRememberedAndTheOneThatLeftLastLast() {
        MachineScript remembering = scripts.with(4, 4).remembers(1);
        comeAndGo(remembering, "a", 1, 2);
        comeAndGo(remembering, "b", 2, 2);
        assertThat(acquire(remembering, 2, 3)).containsExactly("dial 3 a", "dial 4 a");
    }

    @Test
    void anEndpointWhoseLastDialFailedIsNotRemembered() {
        MachineScript remembering = scripts.with(4, 4).remembers(1);
        comeAndGo(remembering, "a", 1, 2);
        remembering.acquire("x", "a");
        remembering.refused(2);
        remembering.run(Duration.ofSeconds(5));
        assertThat(remembering.endpoints()).isZero();
        assertThat(acquire(remembering, 2, 3)).containsExactly("dial 3 a", "dial 4 a");
    }

    @Test
    void anEndpointThatIsRememberedMayHaveTaughtThatItTakesOne() {
        MachineScript remembering = scripts.with(4, 4).remembers(1).expects(100);
        comeAndGo(remembering, "a", 1, 1);
        assertThat(acquire(remembering, 2, 3)).containsExactly("dial 2 a", "dial 3 a");
    }

    /** A connection of this capacity opens, is used, and is gone. */
    private static void comeAndGo(MachineScript script, String endpoint, long slot, int capacity) {
        script.acquire("first " + slot, endpoint);
        script.openedShared(slot, capacity);
        script.release("first " + slot);
        assertThat(script.retire(endpoint)).containsExactly("close " + slot + " RETIRED");
        script.closed(slot);
    }
}
