package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.machine.ReleaseKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When a place of a shared connection is free again: each lease ends alone, and is reset alone. */
class MachineSharedPlacesTest {
    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript one = scripts.with(1, 1);

    /** The waiters a1 to a3 hold the only connection's three places. */
    private void threeHold() {
        one.acquire("a1", "a");
        one.acquire("a2", "a");
        one.acquire("a3", "a");
        one.openedShared(1, 3);
    }

    // ---- places that are reset

    @Test
    void anInvalidatedLeaseEndsAloneAndItsPlaceIsFreeWhenItIsReset() {
        threeHold();
        assertThat(one.end("a2", ReleaseKind.INVALIDATED)).isEmpty();
        assertThat(one.wasHeld()).isTrue();
        assertThat(one.acquire("a4", "a")).isEmpty();
        assertThat(one.reset("a2", true)).as("asked after the release").containsExactly("a4 gets 1 IMMEDIATE");
        assertThat(one.counts().leases()).isEqualTo(3);
    }

    @Test
    void aWaiterFromBeforeTheReleaseIsDeferred() {
        threeHold();
        one.acquire("a4", "a");
        assertThat(one.end("a2", ReleaseKind.RESET)).isEmpty();
        assertThat(one.reset("a2", true)).containsExactly("a4 gets 1 DEFERRED");
    }

    @Test
    void eachKindOfEndButReuseWaitsForTheReset() {
        threeHold();
        one.acquire("a4", "a");
        one.acquire("a5", "a");
        assertThat(one.end("a1", ReleaseKind.NOT_REUSABLE)).isEmpty();
        assertThat(one.end("a2", ReleaseKind.LEAKED)).isEmpty();
        assertThat(one.end("a3", ReleaseKind.RESET)).isEmpty();
        assertThat(one.counts().leases()).isZero();
        assertThat(one.counts().leased()).isOne();
        assertThat(one.reset("a3", true)).containsExactly("a4 gets 1 DEFERRED");
        assertThat(one.reset("a1", true)).containsExactly("a5 gets 1 DEFERRED");
        assertThat(one.totals().leaked()).isOne();
    }

    @Test
    void aResetOfALeaseThatIsHeldOrWasAnsweredDoesNothing() {
        threeHold();
        one.acquire("a4", "a");
        assertThat(one.reset("a1", true)).isEmpty();
        one.end("a2", ReleaseKind.RESET);
        assertThat(one.reset("a2", true)).containsExactly("a4 gets 1 DEFERRED");
        one.acquire("a5", "a");
        assertThat(one.reset("a2", true)).isEmpty();
        assertThat(one.reset("a2", false)).isEmpty();
        assertThat(one.counts().leaving()).isZero();
    }

    @Test
    void aPlaceThatCannotBeResetRetiresTheConnectionAndTheOthersGoOn() {
        threeHold();
        one.acquire("a4", "a");
        one.end("a2", ReleaseKind.INVALIDATED);
        assertThat(one.reset("a2", false)).isEmpty();
        assertThat(one.counts().leases()).isEqualTo(2);
        assertThat(one.counts().leaving()).isOne();
        assertThat(one.release("a1")).isEmpty();
        assertThat(one.release("a3")).containsExactly("close 1 RETIRED");
        assertThat(one.closed(1)).containsExactly("gone 1 RETIRED", "dial 2 a");
    }

    @Test
    void aResetThatIsNotAnsweredInTimeRetiresTheConnectionAndFreesThePlace() {
        threeHold();
        one.acquire("a4", "a");
        one.end("a2", ReleaseKind.INVALIDATED);
        one.run(Duration.ofSeconds(5).minusNanos(1));
        assertThat(one.counts().leaving()).isZero();
        assertThat(one.run(Duration.ofNanos(1))).isEmpty();
        assertThat(one.counts().leaving()).isOne();
        assertThat(one.reset("a2", true)).as("too late").isEmpty();
        one.release("a1");
        assertThat(one.release("a3")).containsExactly("close 1 RETIRED");
    }

    @Test
    void theTimeOfEachResetCountsFromItsOwnRelease() {
        threeHold();
        one.end("a1", ReleaseKind.RESET);
        one.run(Duration.ofSeconds(2));
        one.end("a2", ReleaseKind.RESET);
        one.run(Duration.ofSeconds(2));
        one.reset("a1", true);
        one.run(Duration.ofSeconds(2));
        assertThat(one.counts().leaving()).isZero();
        one.run(Duration.ofSeconds(1));
        assertThat(one.counts().leaving()).isOne();
        assertThat(one.release("a3")).containsExactly("close 1 RETIRED");
    }

    @Test
    void theLastPlaceThatCannotBeResetEndsTheConnection() {
        one.acquire("a1", "a");
        one.openedShared(1, 3);
        one.end("a1", ReleaseKind.RESET);
        assertThat(one.reset("a1", false)).containsExactly("close 1 RETIRED");
    }

    // ---- ends of leases

    @Test
    void aSecondEndOfALeaseAndTheEndOfOneThatNeverWasDoNothing() {
        threeHold();
        one.release("a2");
        assertThat(one.release("a2")).isEmpty();
        assertThat(one.wasHeld()).isFalse();
        assertThat(one.end("a2", ReleaseKind.INVALIDATED)).isEmpty();
        assertThat(one.wasHeld()).isFalse();
        assertThat(one.release(1, 99)).isEmpty();
        assertThat(one.wasHeld()).isFalse();
        one.end("a1", ReleaseKind.RESET);
        assertThat(one.release("a1")).isEmpty();
        assertThat(one.wasHeld()).as("its place is being reset").isFalse();
        assertThat(one.counts().leases()).isOne();
    }

    @Test
    void aLeakedLeaseEndsAloneAndIsCounted() {
        threeHold();
        assertThat(one.end("a2", ReleaseKind.LEAKED)).isEmpty();
        assertThat(one.totals().leaked()).isOne();
        assertThat(one.counts().leased()).isOne();
        assertThat(one.counts().leases()).isEqualTo(2);
        assertThat(one.release("a1")).isEmpty();
        assertThat(one.wasHeld()).isTrue();
    }

    @Test
    void aConnectionThatThePeerClosesTakesAllItsLeasesWithIt() {
        threeHold();
        one.acquire("a4", "a");
        assertThat(one.closed(1)).containsExactly("gone 1 PEER_CLOSED", "dial 2 a");
        assertThat(one.counts().leases()).isZero();
        for (String waiter : new String[] {"a1", "a2", "a3"}) {
            assertThat(one.release(waiter)).isEmpty();
            assertThat(one.wasHeld()).isFalse();
        }
        assertThat(one.openedShared(2, 3)).containsExactly("a4 gets 2 NEW");
    }

    @Test
    void aConnectionThatThePeerClosesDuringAResetIsJustGone() {
        threeHold();
        one.end("a1", ReleaseKind.RESET);
        assertThat(one.closed(1)).containsExactly("gone 1 PEER_CLOSED");
        assertThat(one.reset("a1", true)).isEmpty();
        assertThat(one.endpoints()).isZero();
    }

    @Test
    void aLeaseOfASharedConnectionIsNeverReleasedAsAnotherEndpoint() {
        MachineScript unrecorded = MachineScript.with(1, 1);
        unrecorded.acquire("a1", "a");
        unrecorded.openedShared(1, 3);
        assertThatThrownBy(() -> unrecorded.releaseAs(1, "b")).isInstanceOf(IllegalStateException.class);
    }
}
