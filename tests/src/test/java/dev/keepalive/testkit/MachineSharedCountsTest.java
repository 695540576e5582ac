package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.Counts;
import dev.keepalive.machine.ReleaseKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the counts tell of shared connections, and how an acquire is said to have been served. */
class MachineSharedCountsTest {
    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript script = scripts.with(4, 4);

    /** The waiter a1 holds one of five places. */
    private void oneHolds() {
        script.acquire("a1", "a");
        script.openedShared(1, 5);
    }

    private void assertCounts(int idle, int leased, int leases, int room, int leaving) {
        for (Counts counts : new Counts[] {script.counts(), script.counts("a")}) {
            assertThat(counts.idle()).as("idle").isEqualTo(idle);
            assertThat(counts.leased()).as("leased").isEqualTo(leased);
            assertThat(counts.leases()).as("leases").isEqualTo(leases);
            assertThat(counts.room()).as("room").isEqualTo(room);
            assertThat(counts.leaving()).as("leaving").isEqualTo(leaving);
        }
    }

    // ---- leases and room

    @Test
    void connectionsAndLeasesAreCountedApart() {
        oneHolds();
        assertCounts(0, 1, 1, 4, 0);
        script.acquire("a2", "a");
        assertCounts(0, 1, 2, 3, 0);
        script.release("a1");
        assertCounts(0, 1, 1, 4, 0);
        script.release("a2");
        assertCounts(1, 0, 0, 5, 0);
        script.retire("a");
        assertCounts(0, 0, 0, 0, 0);
    }

    @Test
    void aPlaceThatIsBeingResetIsNeitherALeaseNorRoom() {
        oneHolds();
        script.end("a1", ReleaseKind.RESET);
        assertCounts(0, 1, 0, 4, 0);
        script.reset("a1", true);
        assertCounts(1, 0, 0, 5, 0);
    }

    @Test
    void roomFollowsTheCapacityAndIsNeverNegative() {
        oneHolds();
        script.acquire("a2", "a");
        script.capacity(1, 10);
        assertCounts(0, 1, 2, 8, 0);
        script.capacity(1, 1);
        assertCounts(0, 1, 2, 0, 0);
        script.release("a1");
        assertCounts(0, 1, 1, 0, 0);
        script.capacity(1, 0);
        script.release("a2");
        assertCounts(1, 0, 0, 0, 0);
        script.capacity(1, 3);
        assertCounts(1, 0, 0, 3, 0);
    }

    @Test
    void exclusiveConnectionsAreOneLeaseOrRoomForOne() {
        script.acquire("a1", "a");
        script.acquire("a2", "a");
        script.opened(1);
        script.openedShared(2, 5);
        assertCounts(0, 2, 2, 4, 0);
        script.release(1);
        assertCounts(1, 1, 1, 5, 0);
    }

    @Test
    void roomIsCountedUpToTheGreatestNumber() {
        script.acquire("a1", "a");
        script.acquire("a2", "a");
        script.openedShared(1, 1);
        script.openedShared(2, Integer.MAX_VALUE);
        script.capacity(1, Integer.MAX_VALUE);
        assertCounts(0, 2, 2, Integer.MAX_VALUE, 0);
        script.capacity(1, 1);
        assertCounts(0, 2, 2, Integer.MAX_VALUE - 1, 0);
    }

    @Test
    void aConnectionThatIsGoneTakesItsLeasesAndItsRoomAlong() {
        oneHolds();
        script.acquire("a2", "a");
        script.end("a2", ReleaseKind.RESET);
        script.closed(1);
        assertThat(script.counts("a")).isEqualTo(script.counts("nothing"));
        assertThat(script.counts()).isEqualTo(script.counts("nothing"));
    }

    @Test
    void aConnectionThatIsBeingClosedHasNoLeasesAndNoRoom() {
        oneHolds();
        script.shutdown();
        assertCounts(0, 0, 0, 0, 0);
        assertThat(script.counts().closing()).isOne();
    }

    // ---- leaving

    @Test
    void aRetiredConnectionIsLeavingWhileItIsLeased() {
        oneHolds();
        script.retire(1);
        assertCounts(0, 1, 1, 0, 1);
        script.release("a1");
        assertCounts(0, 0, 0, 0, 0);
    }

    @Test
    void aRetiredExclusiveConnectionIsLeavingToo() {
        script.acquire("a1", "a");
        script.opened(1);
        script.retire("a");
        assertCounts(0, 1, 1, 0, 1);
        script.retire("a");
        assertCounts(0, 1, 1, 0, 1);
        script.release(1);
        assertCounts(0, 0, 0, 0, 0);
    }

    @Test
    void aConnectionThatYieldsIsLeavingAndHasNoRoomUntilItIsTakenBack() {
        MachineScript one = scripts.with(1, 1);
        one.acquire("a1", "a");
        one.openedShared(1, 2);
        one.advance(Duration.ofSeconds(1));
        one.acquire("b1", "b");
        assertThat(one.counts("a").room()).isOne();
        one.advance(Duration.ofMillis(50));
        one.tryAcquire("t", "a");
        assertThat(one.counts("a").leaving()).isOne();
        assertThat(one.counts().leaving()).isOne();
        assertThat(one.counts("a").room()).isZero();
        one.cancel("b1");
        assertThat(one.counts("a").leaving()).isZero();
        assertThat(one.counts("a").room()).isOne();
    }

    // ---- text

    @Test
    void theTextNamesLeasesAndRoomIfAConnectionTakesSeveral() {
        oneHolds();
        script.acquire("a2", "a");
        assertThat(script.counts())
                .hasToString("1 open (0 dialing, 0 idle, 1 leased, 0 resetting, 0 closing), 2 leases, room for 3,"
                        + " 0 waiting");
        script.retire(1);
        assertThat(script.counts())
                .hasToString("1 open (0 dialing, 0 idle, 1 leased, 1 of them leaving, 0 resetting, 0 closing),"
                        + " 2 leases, room for 0, 0 waiting");
    }

    @Test
    void theTextOfExclusiveConnectionsIsAsBefore() {
        script.acquire("a1", "a");
        script.opened(1);
        assertThat(script.counts())
                .hasToString("1 open (0 dialing, 0 idle, 1 leased, 0 resetting, 0 closing), 0 waiting");
    }

    // ---- origins

    @Test
    void anAcquireIsImmediateIfThePlaceWasFreeBeforeIt() {
        oneHolds();
        assertThat(script.acquire("a2", "a")).containsExactly("a2 gets 1 IMMEDIATE");
        script.release("a1");
        assertThat(script.acquire("a3", "a")).containsExactly("a3 gets 1 IMMEDIATE");
        script.capacity(1, 6);
        assertThat(script.acquire("a4", "a")).containsExactly("a4 gets 1 IMMEDIATE");
        assertThat(script.totals().created()).isOne();
        assertThat(script.totals().immediate()).isEqualTo(3);
        assertThat(script.totals().deferred()).isZero();
    }

    @Test
    void anAcquireThatWaitedIsDeferredWhateverMadeRoom() {
        MachineScript one = scripts.with(1, 1);
        one.acquire("a1", "a");
        one.openedShared(1, 1);
        one.acquire("a2", "a");
        one.acquire("a3", "a");
        assertThat(one.capacity(1, 2)).containsExactly("a2 gets 1 DEFERRED");
        assertThat(one.release("a1")).containsExactly("a3 gets 1 DEFERRED");
        assertThat(one.totals().deferred()).isEqualTo(2);
    }

    @Test
    void aReleaseInBetweenDoesNotMakeALaterResetDeferred() {
        MachineScript one = scripts.with(1, 1).expects(2);
        one.acquire("a1", "a");
        one.acquire("a2", "a");
        one.openedShared(1, 2);
        one.end("a1", ReleaseKind.RESET);
        one.acquire("a3", "a");
        one.acquire("a4", "a");
        assertThat(one.release("a2")).containsExactly("a3 gets 1 DEFERRED");
        assertThat(one.reset("a1", true)).as("asked after the release of a1").containsExactly("a4 gets 1 IMMEDIATE");
    }
}
