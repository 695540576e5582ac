package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Dials that succeed, but whose connection is dead before it has served a waiter: they have failed. */
class MachineDeadDialTest {
    private final MachineScript script = MachineScript.with(8, 2);

    @Test
    void aConnectionThatIsDeadWhenItsDialSucceedsIsAFailedDialForTheWaiterThatCausedIt() {
        script.acquire("w", "a");
        script.peerCloses(1);
        assertThat(script.opened(1)).containsExactly("close 1 PEER_CLOSED", "w fails DIAL_FAILED 1");
        assertThat(script.closed(1)).as("no further dial for w").containsExactly("gone 1 PEER_CLOSED");
        assertThat(script.totals().dialsFailed()).isEqualTo(1);
        assertThat(script.totals().opened()).isZero();
    }

    @Test
    void theFailureIsToldToNoOtherWaiterAndTheNextIsDialedFor() {
        MachineScript one = MachineScript.with(8, 1);
        one.acquire("w", "a");
        one.acquire("x", "a");
        one.peerCloses(1);
        assertThat(one.opened(1)).containsExactly("close 1 PEER_CLOSED", "w fails DIAL_FAILED 1");
        assertThat(one.closed(1)).containsExactly("gone 1 PEER_CLOSED", "dial 2 a");
        assertThat(one.opened(2)).containsExactly("x gets 2 NEW");
    }

    @Test
    void aWaiterThatDidNotCauseTheDialIsNotToldOfItsFailure() {
        script.acquire("w", "a");
        script.acquire("x", "a");
        script.opened(2);
        script.peerCloses(1);
        assertThat(script.opened(1)).as("w was served by the other dial").containsExactly("close 1 PEER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 PEER_CLOSED", "dial 3 a");
        assertThat(script.opened(3)).containsExactly("x gets 3 NEW");
    }

    @Test
    void twoSuchDialsInARowPauseTheEndpoint() {
        openDead("w");
        openDead("x");
        assertThat(script.acquire("y", "a")).containsExactly("y fails PAUSED 2");
        script.advance(Duration.ofMillis(100));
        assertThat(script.acquire("z", "a")).containsExactly("dial 3 a");
    }

    @Test
    void aServerThatEndsEachConnectionAtOnceIsDialedOncePerWaiterAtMost() {
        MachineScript one = MachineScript.with(8, 1);
        for (String waiter : new String[] {"v", "w", "x", "y"}) {
            one.acquire(waiter, "a");
        }
        one.peerCloses(1);
        one.opened(1);
        one.closed(1);
        one.peerCloses(2);
        assertThat(one.opened(2))
                .containsExactly(
                        "close 2 PEER_CLOSED", "w fails DIAL_FAILED 2", "x fails PAUSED 2", "y fails PAUSED 2");
        assertThat(one.closed(2)).containsExactly("gone 2 PEER_CLOSED");
        assertThat(one.counts().waiting()).isZero();
    }

    @Test
    void aDeadConnectionThatNoWaiterNeedsCountsForTheBackOffToo() {
        openDead("w");
        script.acquire("x", "a");
        script.cancel("x");
        script.peerCloses(2);
        assertThat(script.opened(2)).containsExactly("close 2 PEER_CLOSED");
        script.closed(2);
        assertThat(script.acquire("y", "a")).containsExactly("y fails PAUSED 2");
    }

    @Test
    void aConnectionThatOnlyCannotBeIdleIsASuccessfulDial() {
        openDead("w");
        script.acquire("x", "a");
        script.cancel("x");
        script.refusePark(2);
        assertThat(script.opened(2)).as("its peer has sent a greeting").containsExactly("close 2 NOT_REUSABLE");
        script.closed(2);
        assertThat(script.totals().opened()).isEqualTo(1);
        openDead("y", 3);
        assertThat(script.acquire("z", "a")).as("a first failure again").containsExactly("dial 4 a");
    }

    private void openDead(String waiter) {
        openDead(waiter, script.totals().dialsFailed() + 1);
    }

    private void openDead(String waiter, long slot) {
        assertThat(script.acquire(waiter, "a")).containsExactly("dial " + slot + " a");
        script.peerCloses(slot);
        assertThat(script.opened(slot)).contains(waiter + " fails DIAL_FAILED " + slot);
        script.closed(slot);
    }
}
