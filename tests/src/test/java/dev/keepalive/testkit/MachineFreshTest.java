package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Waiters for a fresh connection: one that was never used before. */
class MachineFreshTest {
    private final MachineScript script = MachineScript.with(128, 4);
    private final MachineScript one = MachineScript.with(128, 1);

    /** Opens the first slot and leaves it idle. */
    private static void idle(MachineScript script) {
        script.acquire("first", "a");
        script.opened(1);
        script.release(1);
    }

    // ---- which connection

    @Test
    void itTakesNoIdleConnectionAndLeavesItToOthers() {
        idle(script);
        assertThat(script.acquireFresh("f", "a")).containsExactly("dial 2 a");
        assertThat(script.isBorrowable(1)).isTrue();
        assertThat(script.acquire("w", "a")).containsExactly("w gets 1 IMMEDIATE");
        assertThat(script.opened(2)).containsExactly("f gets 2 NEW");
    }

    @Test
    void itTakesNoConnectionThatIsIdleThoughNobodyUsedIt() {
        script.acquire("w", "a");
        script.cancel("w");
        script.opened(1);
        assertThat(script.acquireFresh("f", "a")).containsExactly("dial 2 a");
        assertThat(script.counts().idle()).isOne();
    }

    @Test
    void aReleasedConnectionPassesItByAndServesTheNextWaiter() {
        script.acquire("first", "a");
        script.opened(1);
        script.acquireFresh("f", "a");
        script.acquire("w", "a");
        assertThat(script.release(1)).containsExactly("w gets 1 DEFERRED");
        assertThat(script.release(1)).as("it goes idle").isEmpty();
        assertThat(script.opened(3)).containsExactly("f gets 3 NEW");
    }

    @Test
    void aNewConnectionServesTheOldestWaiterWhateverThatAskedFor() {
        script.acquire("w", "a");
        script.acquireFresh("f", "a");
        assertThat(script.opened(2)).containsExactly("w gets 2 NEW");
        assertThat(script.opened(1)).containsExactly("f gets 1 NEW");
    }

    @Test
    void aDialThatWasBegunForAnotherServesItIfItIsTheOldest() {
        script.acquire("first", "a");
        script.opened(1);
        script.acquire("w", "a");
        script.acquireFresh("f", "a");
        assertThat(script.release(1)).containsExactly("w gets 1 DEFERRED");
        assertThat(script.opened(2)).containsExactly("f gets 2 NEW");
    }

    @Test
    void aConnectionThatIsBeingResetIsNotComingForIt() {
        script.acquire("first", "a");
        script.opened(1);
        script.releaseToReset(1);
        assertThat(script.acquireFresh("f", "a")).containsExactly("dial 2 a");
        assertThat(script.acquire("w", "a")).as("the reset is for w").isEmpty();
        assertThat(script.reset(1, true)).containsExactly("w gets 1 IMMEDIATE");
    }

    @Test
    void aFailedDialIsToldToTheOneForWhichItWasBegun() {
        script.acquire("first", "a");
        script.opened(1);
        script.releaseToReset(1);
        script.acquire("w", "a");
        assertThat(script.acquireFresh("f", "a")).containsExactly("dial 2 a");
        assertThat(script.refused(2)).first().asString().startsWith("f fails DIAL_FAILED");
        assertThat(script.reset(1, true)).containsExactly("w gets 1 IMMEDIATE");
    }

    // ---- room

    @Test
    void anIdleConnectionOfTheEndpointMakesRoomAtItsLimit() {
        idle(one);
        assertThat(one.acquireFresh("f", "a")).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 a");
        assertThat(one.opened(2)).containsExactly("f gets 2 NEW");
    }

    @Test
    void onlyAsManyIdleConnectionsMakeRoomAsAreNeeded() {
        MachineScript two = MachineScript.with(128, 2);
        two.acquire("w", "a");
        two.acquire("x", "a");
        two.opened(1);
        two.opened(2);
        two.release(1);
        two.release(2);
        assertThat(two.acquireFresh("f", "a")).containsExactly("close 1 EVICTED");
        assertThat(two.isBorrowable(2)).isTrue();
        assertThat(two.acquireFresh("g", "a")).containsExactly("close 2 EVICTED");
    }

    @Test
    void aReleasedConnectionMakesRoomForTheOldestWaiterAtTheLimitOfItsEndpoint() {
        one.acquire("first", "a");
        one.opened(1);
        assertThat(one.acquireFresh("f", "a")).isEmpty();
        assertThat(one.acquire("w", "a")).isEmpty();
        assertThat(one.release(1)).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 a");
        assertThat(one.opened(2)).containsExactly("f gets 2 NEW");
        assertThat(one.release(2)).containsExactly("w gets 2 DEFERRED");
    }

    @Test
    void aReleasedConnectionServesAnOlderWaiterFirst() {
        one.acquire("first", "a");
        one.opened(1);
        one.acquire("w", "a");
        one.acquireFresh("f", "a");
        assertThat(one.release(1)).containsExactly("w gets 1 DEFERRED");
        assertThat(one.release(1)).containsExactly("close 1 EVICTED");
    }

    @Test
    void onlyOneReleasedConnectionMakesRoomWhileOthersAreServed() {
        MachineScript two = MachineScript.with(128, 2);
        two.acquire("first", "a");
        two.acquire("second", "a");
        two.opened(1);
        two.opened(2);
        two.acquireFresh("f", "a");
        two.acquire("w", "a");
        two.acquire("x", "a");
        assertThat(two.release(1)).containsExactly("close 1 EVICTED");
        assertThat(two.release(2)).as("room is on its way").containsExactly("w gets 2 DEFERRED");
        assertThat(two.closed(1)).containsExactly("gone 1 EVICTED", "dial 3 a");
        assertThat(two.release(2)).as("a dial is under way").containsExactly("x gets 2 DEFERRED");
        assertThat(two.opened(3)).containsExactly("f gets 3 NEW");
    }

    @Test
    void aReleasedConnectionMakesRoomAtTheTotalLimit() {
        MachineScript total = MachineScript.with(1, 4);
        total.acquire("first", "a");
        total.opened(1);
        total.acquireFresh("f", "a");
        total.acquire("w", "a");
        assertThat(total.release(1)).containsExactly("close 1 EVICTED");
        assertThat(total.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 a");
    }

    @Test
    void aBorrowedConnectionMakesRoomWhenItComesBack() {
        idle(one);
        one.borrow(1);
        assertThat(one.acquireFresh("f", "a")).isEmpty();
        assertThat(one.giveBack(1)).as("the machine has revoked it").isFalse();
        assertThat(one.release(1)).containsExactly("close 1 EVICTED");
    }

    @Test
    void withABudgetItsDialWaitsForAPermitAndAnIdleConnectionPays() {
        MachineScript budgeted = MachineScript.with(128, 4).budgeted();
        budgeted.acquire("first", "a");
        budgeted.permitGranted(1);
        budgeted.opened(1);
        budgeted.release(1);
        assertThat(budgeted.acquireFresh("f", "a")).containsExactly("request permit 2 a");
        assertThat(budgeted.owed(1)).containsExactly("close 1 EVICTED", "pays 1");
        budgeted.closed(1);
        assertThat(budgeted.permitGranted(2)).containsExactly("dial 2 a");
        assertThat(budgeted.opened(2)).containsExactly("f gets 2 NEW");
    }

    // ---- its end

    @Test
    void itTimesOutAndIsCancelledAsAnyOther() {
        one.acquire("first", "a");
        one.opened(1);
        one.acquireFresh("f", "a", Duration.ofSeconds(1));
        one.acquireFresh("g", "a");
        one.acquire("w", "a");
        one.advance(Duration.ofSeconds(1));
        assertThat(one.tick()).containsExactly("f fails TIMED_OUT");
        assertThat(one.cancel("g")).isEmpty();
        assertThat(one.release(1)).as("nothing has to make room any more").containsExactly("w gets 1 DEFERRED");
    }

    @Test
    void aDrainServesIt() {
        one.acquire("first", "a");
        one.opened(1);
        one.acquireFresh("f", "a");
        one.drain(Duration.ofSeconds(10));
        assertThat(one.release(1)).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 a");
        assertThat(one.opened(2)).containsExactly("f gets 2 NEW");
        assertThat(one.release(2)).containsExactly("close 2 MANAGER_CLOSED");
        assertThat(one.closed(2)).containsExactly("gone 2 MANAGER_CLOSED", "finished");
        assertThat(one.isClean()).isTrue();
    }

    @Test
    void aRecordedHistoryAsksForItAgain() throws IOException {
        MachineScript recorded = MachineScript.with(128, 1).recorded();
        idle(recorded);
        recorded.acquireFresh("f", "a");
        recorded.closed(1);
        recorded.opened(2);
        byte[] history = recorded.history();
        Replay.of(new ByteArrayInputStream(history)).run(); // throws if an effect is another
    }
}
