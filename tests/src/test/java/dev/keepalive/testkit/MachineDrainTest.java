package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Draining: new acquires are refused, waiters are served, and each released connection is closed. */
class MachineDrainTest {
    private static final Duration WITHIN = Duration.ofSeconds(10);
    private final MachineScript script = MachineScript.with(4, 1);

    @Test
    void anIdleMachineFinishesWhenItsConnectionsAreClosed() {
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        assertThat(script.drain(WITHIN)).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
        assertThat(script.isClean()).isTrue();
    }

    @Test
    void anEmptyMachineFinishesAtOnceAndOnlyOnce() {
        assertThat(script.drain(WITHIN)).containsExactly("finished");
        assertThat(script.drain(WITHIN)).isEmpty();
        assertThat(script.shutdown()).isEmpty();
        script.advance(WITHIN);
        assertThat(script.tick()).isEmpty();
    }

    @Test
    void newAcquiresAreRefused() {
        leased();
        script.drain(WITHIN);
        assertThat(script.acquire("y", "a")).containsExactly("y fails CLOSED");
        assertThat(script.acquire("z", "b")).containsExactly("z fails CLOSED");
        assertThat(script.tryAcquire("t", "a")).containsExactly("t gets nothing");
    }

    @Test
    void waitersAreServedByReleasesAndByDials() {
        leased();
        script.acquire("x", "a");
        script.acquire("y", "b");
        assertThat(script.drain(WITHIN)).isEmpty();
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED");
        assertThat(script.opened(2)).containsExactly("y gets 2 NEW");
        assertThat(script.release(1)).containsExactly("close 1 MANAGER_CLOSED");
        script.closed(1);
        assertThat(script.release(2)).containsExactly("close 2 MANAGER_CLOSED");
        assertThat(script.closed(2)).contains("finished");
        assertThat(script.isClean()).isTrue();
    }

    @Test
    void dialsAreStillBegunForWaiters() {
        leased();
        script.acquire("x", "a");
        script.drain(WITHIN);
        script.invalidate(1);
        assertThat(script.closed(1)).containsExactly("gone 1 INVALIDATED", "dial 2 a");
    }

    @Test
    void dialsThatNoWaiterNeedsAreStopped() {
        script.acquire("x", "a");
        script.cancel("x");
        assertThat(script.drain(WITHIN)).containsExactly("stop 1 MANAGER_CLOSED");
        assertThat(script.refused(1)).containsExactly("finished");
    }

    @Test
    void aDialIsStoppedWhenItsLastWaiterIsCancelledDuringTheDrain() {
        script.acquire("x", "a");
        script.drain(WITHIN);
        assertThat(script.cancel("x")).containsExactly("stop 1 MANAGER_CLOSED");
    }

    @Test
    void waitersAndLeasesThatAreLeftAtTheDeadlineAreCutShort() {
        leased();
        script.acquire("x", "a");
        script.drain(WITHIN);
        assertThat(script.wakeAt()).isLessThanOrEqualTo(WITHIN);
        script.advance(WITHIN);
        assertThat(script.tick()).containsExactly("x fails CLOSED", "close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).contains("finished");
        assertThat(script.isClean()).isFalse();
    }

    @Test
    void afterTheEndNoWakeUpIsRequested() {
        leased();
        script.drain(WITHIN);
        script.release(1);
        assertThat(script.closed(1)).contains("finished");
        script.advance(Duration.ofSeconds(1));
        script.tick();
        assertThat(script.wakeAt())
                .as("the wake-up that was requested while the connection was leased")
                .isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void aSecondDrainCanOnlyShortenTheTime() {
        leased();
        script.drain(WITHIN);
        script.drain(Duration.ofSeconds(20));
        script.drain(Duration.ofSeconds(5));
        script.advance(Duration.ofSeconds(5));
        assertThat(script.tick()).containsExactly("close 1 MANAGER_CLOSED");
    }

    @Test
    void aDrainWithoutTimeIsAShutdown() {
        leased();
        assertThat(script.drain(Duration.ZERO)).containsExactly("close 1 MANAGER_CLOSED");
    }

    @Test
    void aShutdownCutsADrainShort() {
        leased();
        script.drain(WITHIN);
        assertThat(script.shutdown()).containsExactly("close 1 MANAGER_CLOSED");
        script.closed(1);
        assertThat(script.isClean()).isFalse();
    }

    @Test
    void aResetDuringADrainStillServesAWaiter() {
        leased();
        script.acquire("x", "a");
        script.releaseToReset(1);
        script.drain(WITHIN);
        assertThat(script.reset(1, true)).containsExactly("x gets 1 DEFERRED");
    }

    private void leased() {
        script.acquire("w", "a");
        script.opened(1);
    }
}
