package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Connections that are borrowed without the machine: when the machine finds out, and what it does then. */
class MachineBorrowTest {
    private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(15);
    private static final Duration HELD = Duration.ofSeconds(3);
    private final MachineScript script = MachineScript.with(2, 2);

    /** Makes slot 1 idle. */
    private static void idle(MachineScript script) {
        script.acquire("v", "a");
        script.opened(1);
        script.release(1);
    }

    /** Makes slots 1 and 2 idle; slot 2 was used last. */
    private static void twoIdle(MachineScript script) {
        script.acquire("u", "a");
        script.acquire("v", "a");
        script.opened(1);
        script.opened(2);
        script.release(1);
        script.release(2);
    }

    // ---- what can be borrowed

    @Test
    void onlyAnIdleConnectionCanBeBorrowed() {
        script.acquire("v", "a");
        assertThat(script.isBorrowable(1)).as("while it is dialed").isFalse();
        script.opened(1);
        assertThat(script.isBorrowable(1)).as("while it is leased").isFalse();
        script.releaseToReset(1);
        assertThat(script.isBorrowable(1)).as("during its reset").isFalse();
        script.reset(1, true);
        assertThat(script.isBorrowable(1)).isTrue();
        script.borrow(1);
        assertThatThrownBy(() -> script.borrow(1)).isInstanceOf(AssertionError.class);
        assertThat(script.giveBack(1)).isTrue();
        assertThat(script.isBorrowable(1)).isTrue();
    }

    @Test
    void noConnectionCanBeBorrowedWhileAWaiterWaits() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.acquire("w", "a")).containsExactly("w gets 2 IMMEDIATE");
        assertThat(script.acquire("x", "a")).as("the other one is borrowed").isEmpty();
        assertThat(script.giveBack(1)).as("the waiter comes first").isFalse();
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void theReleaseOfABorrowedConnectionServesAWaiter() {
        MachineScript one = MachineScript.with(1, 1);
        idle(one);
        one.borrow(1);
        assertThat(one.acquire("w", "b")).as("it is in use").isEmpty();
        assertThat(one.counts().leased()).isEqualTo(1);
        assertThat(one.release(1)).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 b");
    }

    @Test
    void borrowedConnectionsCountAgainstTheLimits() {
        twoIdle(script);
        script.borrow(1);
        script.borrow(2);
        assertThat(script.acquire("w", "a")).isEmpty();
        assertThat(script.acquire("x", "b")).isEmpty();
        assertThat(script.counts().open()).isEqualTo(2);
        assertThat(script.counts().waiting()).isEqualTo(2);
    }

    @Test
    void aConnectionFoundDeadByAnAcquireIsClosedAndAnotherIsDialed() {
        idle(script);
        script.borrow(1);
        script.giveBack(1);
        script.refuseClaim(1);
        assertThat(script.acquire("w", "a")).containsExactly("close 1 PEER_CLOSED", "dial 2 a");
    }

    // ---- how a borrowed lease ends

    @Test
    void aBorrowedLeaseCanEndInEveryWay() {
        MachineScript many = MachineScript.with(9, 9);
        for (int slot = 1; slot <= 5; slot++) {
            many.acquire("w" + slot, "a");
        }
        for (int slot = 1; slot <= 5; slot++) {
            many.opened(slot);
        }
        for (int slot = 1; slot <= 5; slot++) {
            many.release(slot);
            many.borrow(slot);
        }
        assertThat(many.invalidate(1)).containsExactly("close 1 INVALIDATED");
        assertThat(many.releaseNotReusable(2)).containsExactly("close 2 NOT_REUSABLE");
        assertThat(many.leak(3)).containsExactly("close 3 LEAKED");
        assertThat(many.totals().leaked()).isEqualTo(1);
        assertThat(many.releaseToReset(4)).isEmpty();
        assertThat(many.counts().resetting()).isEqualTo(1);
        assertThat(many.reset(4, true)).isEmpty();
        assertThat(many.releaseAs(5, "b")).isEmpty();
        assertThat(many.tryAcquire("x", "b")).containsExactly("x gets 5 IMMEDIATE");
    }

    @Test
    void aConnectionThatWasBorrowedServesAWaiterAfterItsReset() {
        idle(script);
        script.borrow(1);
        script.giveBackToReset(1);
        assertThat(script.acquire("w", "a"))
                .as("a connection is coming already")
                .isEmpty();
        assertThat(script.counts().resetting()).isEqualTo(1);
        assertThat(script.reset(1, true)).containsExactly("w gets 1 IMMEDIATE");
    }

    @Test
    void aLeaseThatHasEndedDoesNotEndALaterOne() {
        idle(script);
        script.borrow(1);
        script.giveBack(1);
        script.borrow(1);
        assertThat(script.acquire("w", "a")).as("the machine finds the lease").containsExactly("dial 2 a");
        script.release(1, 2);
        assertThat(script.counts().leased()).as("lease 2 has ended before").isEqualTo(1);
        assertThat(script.release(1, 3)).containsExactly("w gets 1 DEFERRED");
    }

    @Test
    void aPeerThatClosesABorrowedConnectionFreesItsPermitAtOnce() {
        MachineScript one = MachineScript.with(1, 1);
        idle(one);
        one.borrow(1);
        assertThat(one.acquire("w", "a")).isEmpty();
        assertThat(one.closed(1)).containsExactly("gone 1 PEER_CLOSED", "dial 2 a");
        assertThat(one.releaseNotReusable(1))
                .as("the release comes after the close")
                .isEmpty();
    }

    // ---- timeouts

    @Test
    void aConnectionThatIsBorrowedAgainAndAgainDoesNotExpire() {
        idle(script);
        script.advance(IDLE_TIMEOUT.minusSeconds(1));
        script.borrow(1);
        script.giveBack(1);
        script.advance(Duration.ofSeconds(1));
        assertThat(script.tick()).as("the connection was used a second ago").isEmpty();
        script.advance(IDLE_TIMEOUT.minusSeconds(1));
        assertThat(script.tick()).containsExactly("close 1 IDLE_TIMEOUT");
    }

    @Test
    void aConnectionThatIsBorrowedAtItsIdleTimeoutStaysOpen() {
        idle(script);
        script.borrow(1);
        script.advance(IDLE_TIMEOUT);
        assertThat(script.tick()).isEmpty();
        assertThat(script.counts().leased()).isEqualTo(1);
        assertThat(script.giveBack(1)).as("the machine knows of the lease now").isFalse();
        assertThat(script.release(1)).isEmpty();
        assertThat(script.isBorrowable(1)).isTrue();
    }

    @Test
    void aConnectionThatIsTooOldEndsThoughItIsBorrowedOften() {
        MachineScript mortal = MachineScript.with(1, 1).maxLifetime(Duration.ofSeconds(10));
        idle(mortal);
        mortal.advance(Duration.ofSeconds(9));
        mortal.borrow(1);
        mortal.giveBack(1);
        mortal.advance(Duration.ofSeconds(1));
        assertThat(mortal.tick()).containsExactly("close 1 LIFETIME");
    }

    @Test
    void aConnectionThatWasBorrowedLaterIsNotEvictedFirst() {
        twoIdle(script);
        script.advance(Duration.ofMillis(1));
        script.borrow(1);
        script.giveBack(1);
        assertThat(script.acquire("w", "b")).containsExactly("close 2 EVICTED");
    }

    @Test
    void aBorrowedConnectionIsNotEvicted() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.acquire("w", "b")).containsExactly("close 2 EVICTED");
        assertThat(script.closed(2)).containsExactly("gone 2 EVICTED", "dial 3 b");
    }

    @Test
    void aLeaseThatIsHeldForLongIsReportedInTimeHoweverLongTheConnectionHadBeenIdle() {
        MachineScript reporting = MachineScript.with(1, 1).reportHeldFor(HELD);
        idle(reporting);
        for (int second = 0; second < 7; second++) {
            reporting.advance(Duration.ofSeconds(1));
            assertThat(reporting.tick()).isEmpty();
        }
        reporting.borrow(1);
        reporting.advance(HELD.minusMillis(1));
        assertThat(reporting.tick()).isEmpty();
        reporting.advance(Duration.ofMillis(1));
        assertThat(reporting.tick()).containsExactly("held too long 1");
        reporting.advance(HELD);
        assertThat(reporting.tick()).as("a lease is reported once").isEmpty();
    }

    @Test
    void theMachineTicksEverySecondWhileAConnectionIsBorrowedSoThatLeaksAreFound() {
        idle(script);
        script.borrow(1);
        for (int second = 1; second < IDLE_TIMEOUT.toSeconds(); second++) {
            assertThat(script.wakeAt()).isEqualTo(Duration.ofSeconds(second));
            script.advanceTo(script.wakeAt());
            script.tick();
        }
    }

    @Test
    void theTimeOfAResetBeginsWhenTheConnectionIsGivenBack() {
        idle(script);
        script.borrow(1);
        script.giveBackToReset(1);
        script.advance(Duration.ofSeconds(4));
        assertThat(script.acquire("w", "a")).isEmpty();
        script.advance(Duration.ofSeconds(1));
        assertThat(script.tick()).containsExactly("close 1 STEP_TIMEOUT", "dial 2 a");
    }

    @Test
    void aResetThatIsNeverAnsweredClosesTheConnectionWithoutAnyAcquire() {
        idle(script);
        script.borrow(1);
        script.giveBackToReset(1);
        script.advance(IDLE_TIMEOUT);
        assertThat(script.tick()).containsExactly("close 1 STEP_TIMEOUT");
    }

    // ---- retired connections, lowered limits, and the end

    @Test
    void aConnectionThatIsRetiredWhileBorrowedIsClosedWhenItIsGivenBack() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.retire("a")).containsExactly("close 2 RETIRED");
        assertThat(script.giveBack(1)).isFalse();
        assertThat(script.release(1)).containsExactly("close 1 RETIRED");
    }

    @Test
    void aLoweredLimitClosesIdleConnectionsAndNotBorrowedOnes() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.limits(1, 1)).containsExactly("close 2 RETIRED");
        assertThat(script.release(1)).as("it is the only connection now").isEmpty();
        assertThat(script.isBorrowable(1)).isTrue();
    }

    @Test
    void aConnectionThatIsBorrowedAboveALoweredLimitIsClosedWhenItIsGivenBack() {
        twoIdle(script);
        script.borrow(1);
        script.borrow(2);
        assertThat(script.limits(1, 1)).isEmpty();
        assertThat(script.giveBack(1)).isFalse();
        assertThat(script.release(1)).containsExactly("close 1 RETIRED");
        assertThat(script.release(2)).isEmpty();
        assertThat(script.isBorrowable(2)).isTrue();
    }

    @Test
    void aDrainWaitsForBorrowedConnections() {
        twoIdle(script);
        script.borrow(1);
        assertThat(script.drain(Duration.ofHours(1))).containsExactly("close 2 MANAGER_CLOSED");
        assertThat(script.isBorrowable(1)).isFalse();
        script.closed(2);
        assertThat(script.release(1)).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(script.isClean()).isTrue();
    }

    @Test
    void aShutdownClosesBorrowedConnectionsAndIsNotClean() {
        idle(script);
        script.borrow(1);
        assertThat(script.shutdown()).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(script.isClean()).isFalse();
    }
}
