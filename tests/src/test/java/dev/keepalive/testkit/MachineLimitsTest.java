package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** How many connections may be opened, and which of them make way. */
class MachineLimitsTest {
    @Test
    void noMoreIsOpenedPerEndpointThanItsLimit() {
        MachineScript script = MachineScript.with(128, 2);
        assertThat(script.acquire("w", "a")).containsExactly("dial 1 a");
        assertThat(script.acquire("x", "a")).containsExactly("dial 2 a");
        assertThat(script.acquire("y", "a")).isEmpty();
        assertThat(script.acquire("z", "b"))
                .as("another endpoint has its own limit")
                .containsExactly("dial 3 b");
    }

    @Test
    void noMoreIsOpenedInAllThanTheTotalLimit() {
        MachineScript script = MachineScript.with(2, 4);
        script.acquire("w", "a");
        script.acquire("x", "b");
        assertThat(script.acquire("y", "c")).isEmpty();
        assertThat(script.counts().open()).isEqualTo(2);
    }

    @Test
    void aWaiterIsNotStuckBehindAWaiterOfAFullEndpoint() {
        MachineScript script = MachineScript.with(3, 1);
        script.acquire("w", "a");
        assertThat(script.acquire("x", "a")).isEmpty();
        assertThat(script.acquire("y", "b")).containsExactly("dial 2 b");
    }

    @Test
    void anIdleConnectionOfAnotherEndpointMakesRoom() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        assertThat(script.acquire("x", "b")).containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).as("there is room after the close").containsExactly("gone 1 EVICTED", "dial 2 b");
    }

    @Test
    void theLeastRecentlyUsedMakesRoomFirst() {
        MachineScript script = MachineScript.with(3, 4);
        for (String endpoint : new String[] {"a", "b", "c"}) {
            script.acquire("of " + endpoint, endpoint);
        }
        for (int slot = 1; slot <= 3; slot++) {
            script.opened(slot);
        }
        script.release(2);
        script.release(3);
        script.release(1);
        assertThat(script.acquire("x", "d")).containsExactly("close 2 EVICTED");
        assertThat(script.acquire("y", "d")).containsExactly("close 3 EVICTED");
    }

    @Test
    void oneWaiterNeverEmptiesThePool() {
        MachineScript script = MachineScript.with(4, 4);
        for (int slot = 1; slot <= 4; slot++) {
            script.acquire("w" + slot, "a");
        }
        for (int slot = 1; slot <= 4; slot++) {
            script.opened(slot);
        }
        for (int slot = 1; slot <= 4; slot++) {
            script.release(slot);
        }
        assertThat(script.acquire("x", "b")).hasSize(1);
        script.advance(Duration.ofSeconds(1));
        assertThat(script.tick()).as("room is on order").isEmpty();
        assertThat(script.counts().idle()).isEqualTo(3);
    }

    @Test
    void aFullEndpointsWaitersDoNotEvictOthers() {
        MachineScript script = MachineScript.with(2, 1);
        script.acquire("w", "a");
        script.opened(1);
        script.release(1);
        script.acquire("x", "b");
        assertThat(script.acquire("y", "b")).as("b may not open anyway").isEmpty();
        assertThat(script.counts().idle()).isOne();
    }

    @Test
    void aDialThatNoWaiterNeedsMakesRoom() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("w", "a");
        script.cancel("w");
        assertThat(script.acquire("x", "b")).containsExactly("stop 1 EVICTED");
        assertThat(script.refused(1)).containsExactly("dial 2 b");
    }

    @Test
    void aDialThatNoWaiterNeedsMakesRoomAlsoWhileAnotherConnectionIsReset() {
        MachineScript script = MachineScript.with(2, 2);
        script.acquire("w", "a");
        script.opened(1);
        script.releaseToReset(1);
        script.acquire("x", "b");
        script.cancel("x");
        assertThat(script.acquire("y", "c")).containsExactly("stop 2 EVICTED");
    }

    @Test
    void aDialThatAWaiterNeedsDoesNotMakeRoom() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("w", "a");
        assertThat(script.acquire("x", "b")).isEmpty();
        assertThat(script.opened(1)).containsExactly("w gets 1 NEW");
    }

    @Test
    void aStoppedDialThatWasTooLateIsClosedBeforeItsPermitsAreFree() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("w", "a");
        script.cancel("w");
        script.acquire("x", "b");
        assertThat(script.opened(1)).containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 b");
    }

    @Test
    void roomGoesToTheOldestWaiterWhoseEndpointMayOpen() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "b");
        script.acquire("y", "c");
        script.invalidate(1);
        assertThat(script.closed(1)).containsExactly("gone 1 INVALIDATED", "dial 2 b");
    }

    @Test
    void anEndpointRanksByItsOldestWaiterAlsoWhenThatOneLeaves() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "b");
        script.acquire("y", "c");
        script.acquire("z", "b");
        script.cancel("x");
        script.invalidate(1);
        assertThat(script.closed(1)).containsExactly("gone 1 INVALIDATED", "dial 2 c");
    }

    @Test
    void aBusyEndpointKeepsItsConnectionOnlyAsLongAsPatienceLasts() {
        MachineScript script = MachineScript.with(1, 1);
        script.advance(Duration.ofSeconds(3));
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("other", "b");
        script.acquire("x", "a");
        script.acquire("y", "a");
        script.advance(Duration.ofMillis(49));
        assertThat(script.release(1)).as("within patience").containsExactly("x gets 1 DEFERRED");
        script.advance(Duration.ofMillis(1));
        assertThat(script.release(1)).as("after patience").containsExactly("close 1 EVICTED");
        assertThat(script.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 b");
    }

    @Test
    void anOlderWaiterOfTheSameEndpointIsServedHoweverLongAnotherEndpointWaits() {
        MachineScript script = MachineScript.with(1, 1);
        script.acquire("w", "a");
        script.opened(1);
        script.acquire("x", "a");
        script.acquire("other", "b");
        script.advance(Duration.ofSeconds(1));
        assertThat(script.release(1)).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void reuseAndEvictionHappenInTheSamePass() {
        MachineScript script = MachineScript.with(2, 2);
        script.acquire("w", "a");
        script.acquire("x", "b");
        script.opened(1);
        script.opened(2);
        script.release(2);
        script.acquire("y", "c");
        assertThat(script.acquire("z", "a")).isEmpty();
        assertThat(script.closed(2)).containsExactly("gone 2 EVICTED", "dial 3 c");
        assertThat(script.release(1)).containsExactly("z gets 1 DEFERRED");
    }

    @Test
    void anEndpointWithNothingLeftIsForgotten() {
        MachineScript script = MachineScript.with(4, 4);
        script.acquire("w", "a");
        assertThat(script.endpoints()).isOne();
        script.refused(1);
        assertThat(script.endpoints())
                .as("the failed dial is remembered for a while")
                .isOne();
        script.advance(Duration.ofSeconds(5));
        script.tick();
        assertThat(script.endpoints()).isZero();
        script.acquire("x", "b");
        script.opened(2);
        script.release(2);
        script.advance(Duration.ofSeconds(15));
        script.tick();
        script.closed(2);
        assertThat(script.endpoints()).isZero();
    }
}
