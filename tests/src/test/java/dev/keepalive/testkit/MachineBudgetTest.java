package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Permits of a budget: requested before a dial, returned after the close, and paid back when they are owed. */
class MachineBudgetTest {
    private final MachineScript script = MachineScript.with(8, 2).budgeted();

    @Test
    void aPermitIsRequestedBeforeTheDialAndReturnedAfterTheClose() {
        assertThat(script.acquire("w", "a")).containsExactly("request permit 1 a");
        assertThat(script.permitGranted(1)).containsExactly("dial 1 a");
        assertThat(script.opened(1)).containsExactly("w gets 1 NEW");
        assertThat(script.invalidate(1)).containsExactly("close 1 INVALIDATED");
        assertThat(script.closed(1)).containsExactly("return permit 1", "gone 1 INVALIDATED");
    }

    @Test
    void aFailedDialReturnsItsPermit() {
        script.acquire("w", "a");
        script.permitGranted(1);
        assertThat(script.refused(1)).containsExactly("w fails DIAL_FAILED 1", "return permit 1");
    }

    @Test
    void reuseNeedsNoPermit() {
        leased();
        script.release(1);
        assertThat(script.acquire("x", "a")).containsExactly("x gets 1 IMMEDIATE");
    }

    @Test
    void aPermitRequestCountsAgainstTheLimits() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        assertThat(script.acquire("y", "a")).isEmpty();
        assertThat(script.counts().awaitingPermit()).isEqualTo(2);
        assertThat(script.counts().open()).isEqualTo(2);
    }

    @Test
    void aPermitRequestThatNoWaiterNeedsIsCancelled() {
        script.acquire("w", "a");
        assertThat(script.cancel("w")).containsExactly("cancel permit request 1");
        assertThat(script.permitRequestCancelled(1)).isEmpty();
        assertThat(script.counts().open()).isZero();
    }

    @Test
    void noPermitIsRequestedWhileAnEndpointIsPaused() {
        script.acquire("w", "a");
        script.permitGranted(1);
        script.refused(1);
        script.acquire("x", "a");
        script.acquire("y", "a");
        script.permitGranted(2);
        assertThat(script.refused(2))
                .containsExactly(
                        "x fails DIAL_FAILED 2", "return permit 2", "cancel permit request 3", "y fails PAUSED 2");
        assertThat(script.permitGranted(3)).as("too late").containsExactly("return permit 3");
    }

    @Test
    void aDialThatBeganAfterAFailureCountsThoughItsPermitWasRequestedBefore() {
        script.acquire("w", "a");
        script.permitGranted(1);
        script.acquire("x", "a");
        script.refused(1);
        assertThat(script.permitGranted(2)).containsExactly("dial 2 a");
        script.refused(2);
        assertThat(script.acquire("y", "a")).containsExactly("y fails PAUSED 2");
    }

    @Test
    void aPermitThatIsGrantedTooLateIsReturnedAtOnce() {
        script.acquire("w", "a");
        script.cancel("w");
        assertThat(script.permitGranted(1)).containsExactly("return permit 1");
        assertThat(script.counts().open()).isZero();
    }

    @Test
    void aPermitThatIsGrantedWhenItsWaiterTimesOutIsReturned() {
        script.acquire("w", "a", Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        assertThat(script.permitGranted(1))
                .containsExactly("w fails TIMED_OUT 1", "cancel permit request 1", "return permit 1");
    }

    @Test
    void aReleaseServesAWaiterWhoseSlotAwaitsAPermit() {
        leased();
        script.acquire("x", "a");
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED", "cancel permit request 2");
    }

    @Test
    void theTimeoutOfAWaiterNamesTheSlotThatAwaitsAPermit() {
        script.acquire("w", "a", Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        assertThat(script.tick()).containsExactly("w fails TIMED_OUT 1", "cancel permit request 1");
    }

    @Test
    void idleConnectionsPayAtOnceTheLeastRecentlyUsedFirst() {
        leased();
        script.acquire("x", "b");
        script.permitGranted(2);
        script.opened(2);
        script.release(2);
        script.release(1);
        assertThat(script.owed(1)).containsExactly("close 2 EVICTED", "pays 1");
        assertThat(script.owed(1)).as("the permit is on its way").containsExactly("pays 1");
        script.closed(2);
        assertThat(script.owed(0)).containsExactly("pays 0");
        assertThat(script.counts().idle()).isOne();
    }

    @Test
    void aDialThatNoWaiterNeedsPaysToo() {
        script.acquire("w", "a");
        script.permitGranted(1);
        script.cancel("w");
        assertThat(script.owed(1)).containsExactly("stop 1 EVICTED", "pays 1");
    }

    @Test
    void aPermitRequestPaysNothing() {
        script.acquire("w", "a");
        assertThat(script.owed(1)).containsExactly("pays 0");
    }

    @Test
    void aReleaseServesItsOwnWaitQueueUntilPatienceIsOver() {
        script.advance(Duration.ofSeconds(3));
        leased();
        script.owed(1);
        script.acquire("x", "a");
        script.advance(Duration.ofMillis(20));
        assertThat(script.owed(1)).as("still the same debt").containsExactly("pays 0");
        script.advance(Duration.ofMillis(29));
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED", "cancel permit request 2");
        script.permitRequestCancelled(2);
        script.acquire("y", "a");
        script.advance(Duration.ofMillis(1));
        assertThat(script.release(1)).containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("return permit 1", "gone 1 EVICTED");
    }

    @Test
    void aReleaseThatNoWaiterNeedsPaysWithoutPatience() {
        leased();
        script.owed(1);
        assertThat(script.release(1)).containsExactly("close 1 EVICTED");
    }

    @Test
    void permitsThatAreNoLongerOwedAreNotPaid() {
        leased();
        script.owed(1);
        script.owed(0);
        assertThat(script.release(1)).isEmpty();
    }

    @Test
    void aShutdownCancelsPermitRequestsAndReturnsPermits() {
        leased();
        script.acquire("x", "b");
        assertThat(script.shutdown())
                .containsExactlyInAnyOrder("x fails CLOSED", "cancel permit request 2", "close 1 MANAGER_CLOSED");
        script.permitRequestCancelled(2);
        assertThat(script.closed(1)).containsExactly("return permit 1", "gone 1 MANAGER_CLOSED", "finished");
    }

    private void leased() {
        script.acquire("w", "a");
        script.permitGranted(1);
        script.opened(1);
    }
}
