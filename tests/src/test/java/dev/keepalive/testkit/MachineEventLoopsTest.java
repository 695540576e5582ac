package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Connections on event loops, and acquires that are made on event loops. */
class MachineEventLoopsTest {
    private final MachineScript script = MachineScript.with(100, 100);

    /** Makes slots 1 to this number idle. Each is on the event loop with its number. The last slot is used last. */
    private void idle(int slots) {
        for (int slot = 1; slot <= slots; slot++) {
            script.acquire("before " + slot, "a");
        }
        for (int slot = 1; slot <= slots; slot++) {
            script.openedOn(slot, slot);
        }
        for (int slot = 1; slot <= slots; slot++) {
            script.release(slot);
        }
    }

    @Test
    void anAcquireGetsAConnectionOfItsOwnLoop() {
        idle(3);
        assertThat(script.acquireOn(2, "w", "a")).containsExactly("w gets 2 IMMEDIATE");
    }

    @Test
    void anAcquireWhoseLoopHasNoneGetsTheLatest() {
        idle(3);
        assertThat(script.acquireOn(7, "w", "a")).containsExactly("w gets 3 IMMEDIATE");
    }

    @Test
    void anAcquireFromNoLoopGetsTheLatest() {
        idle(3);
        assertThat(script.acquire("w", "a")).containsExactly("w gets 3 IMMEDIATE");
    }

    @Test
    void anAcquireGetsTheLatestOfItsLoop() {
        script.acquire("u", "a");
        script.acquire("v", "a");
        script.openedOn(1, 1);
        script.openedOn(2, 1);
        script.release(1);
        script.release(2);
        assertThat(script.acquireOn(1, "w", "a")).containsExactly("w gets 2 IMMEDIATE");
    }

    @Test
    void onlyTheLatestThirtyTwoAreLookedAt() {
        idle(33);
        assertThat(script.acquireOn(1, "w", "a")).as("33rd").containsExactly("w gets 33 IMMEDIATE");
        assertThat(script.acquireOn(1, "x", "a")).as("32nd").containsExactly("x gets 1 IMMEDIATE");
    }

    @Test
    void eventLoopsDoNotChangeTheOrderOfWaiters() {
        MachineScript one = MachineScript.with(1, 1);
        one.acquire("u", "a");
        one.openedOn(1, 5);
        one.acquireOn(4, "v", "a");
        one.acquireOn(5, "w", "a");
        assertThat(one.release(1)).containsExactly("v gets 1 DEFERRED");
    }

    @Test
    void aDialIsForTheLoopOfTheAcquireThatCausedIt() {
        script.acquireOn(6, "w", "a");
        script.acquire("x", "a");
        assertThat(script.wantedOn(1)).isEqualTo(6);
        assertThat(script.wantedOn(2)).isZero();
    }
}
