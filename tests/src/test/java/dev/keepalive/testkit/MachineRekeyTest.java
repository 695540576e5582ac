package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Connections that are released as connections to another endpoint. */
class MachineRekeyTest {
    private final MachineScript script = MachineScript.with(100, 1);

    private void leased(String endpoint) {
        script.acquire("holder", endpoint);
        script.opened(1);
    }

    @Test
    void aRekeyedConnectionIsIdleForItsNewEndpointAndNotForItsOld() {
        leased("a");
        assertThat(script.releaseAs(1, "b")).isEmpty();
        assertThat(script.counts("b").idle()).isEqualTo(1);
        assertThat(script.counts("a").open()).isZero();
        assertThat(script.tryAcquire("x", "a")).containsExactly("x gets nothing");
        assertThat(script.acquire("y", "a")).containsExactly("dial 2 a");
        assertThat(script.acquire("z", "b")).containsExactly("z gets 1 IMMEDIATE");
    }

    @Test
    void aRekeyedConnectionServesAWaiterOfItsNewEndpoint() {
        script.acquire("v", "b");
        script.refused(1);
        MachineScript two = MachineScript.with(1, 1);
        two.acquire("holder", "a");
        two.opened(1);
        two.acquire("x", "b");
        assertThat(two.releaseAs(1, "b")).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void aRekeyedConnectionServesAWaiterIfAClosingOneMakesRoomForAnOlderWaiter() {
        MachineScript two = MachineScript.with(2, 1);
        two.acquire("holder", "a");
        two.acquire("another", "e");
        two.opened(1);
        two.opened(2);
        two.acquire("x", "c");
        two.acquire("y", "b");
        two.advance(Duration.ofSeconds(1));
        two.invalidate(2);
        assertThat(two.releaseAs(1, "b")).containsExactly("y gets 1 DEFERRED");
        assertThat(two.closed(2)).containsExactly("gone 2 INVALIDATED", "dial 3 c");
    }

    @Test
    void aWaiterOfTheOldEndpointGetsTheFreePermit() {
        leased("a");
        script.acquire("x", "a");
        assertThat(script.releaseAs(1, "b")).containsExactly("dial 2 a");
    }

    @Test
    void atTheTotalLimitARekeyedConnectionMakesWayForAWaiterOfItsOldEndpoint() {
        MachineScript one = MachineScript.with(1, 1);
        one.acquire("holder", "a");
        one.opened(1);
        one.acquire("x", "a");
        assertThat(one.releaseAs(1, "b")).containsExactly("close 1 EVICTED");
        assertThat(one.closed(1)).containsExactly("gone 1 EVICTED", "dial 2 a");
    }

    @Test
    void aConnectionRekeyedToAFullEndpointIsClosed() {
        leased("a");
        script.acquire("v", "b");
        script.acquire("x", "a");
        assertThat(script.releaseAs(1, "b")).containsExactly("close 1 RETIRED");
        assertThat(script.counts("b").open()).isEqualTo(1);
        assertThat(script.closed(1)).containsExactly("gone 1 RETIRED", "dial 3 a");
    }

    @Test
    void aClosingConnectionOfTheNewEndpointCountsToo() {
        script.acquire("v", "b");
        script.opened(1);
        script.invalidate(1);
        script.acquire("w", "a");
        script.opened(2);
        assertThat(script.releaseAs(2, "b")).containsExactly("close 2 RETIRED");
    }

    @Test
    void aRekeyedConnectionIsResetAtItsNewEndpoint() {
        leased("a");
        script.acquire("x", "b", Duration.ofSeconds(1));
        script.acquire("y", "a");
        assertThat(script.releaseAsToReset(1, "b"))
                .as("a dial for b is under way, so b is full")
                .containsExactly("close 1 RETIRED");

        MachineScript other = MachineScript.with(1, 1);
        other.acquire("holder", "a");
        other.opened(1);
        other.acquire("x", "b");
        assertThat(other.releaseAsToReset(1, "b")).isEmpty();
        assertThat(other.counts("b").resetting()).isEqualTo(1);
        assertThat(other.reset(1, true)).containsExactly("x gets 1 DEFERRED");
    }

    @Test
    void aStaleReleaseChangesNothing() {
        leased("a");
        script.release(1);
        assertThat(script.releaseAs(1, "b")).isEmpty();
        assertThat(script.endpoints()).as("only a is known").isEqualTo(1);
        assertThat(script.counts("a").idle()).isEqualTo(1);
    }

    @Test
    void aRetiredOrTooOldConnectionIsClosedInsteadOfRekeyed() {
        leased("a");
        script.retire("a");
        assertThat(script.releaseAs(1, "b")).containsExactly("close 1 RETIRED");

        MachineScript old = MachineScript.with(1, 1).maxLifetime(Duration.ofSeconds(10));
        old.acquire("holder", "a");
        old.opened(1);
        old.advance(Duration.ofSeconds(11));
        assertThat(old.releaseAs(1, "b")).containsExactly("close 1 LIFETIME");
    }

    @Test
    void aRekeyRestartsTheIdleTimeAndNotTheLifetime() {
        MachineScript aging = MachineScript.with(1, 1).maxLifetime(Duration.ofSeconds(20));
        aging.acquire("holder", "a");
        aging.opened(1);
        aging.advance(Duration.ofSeconds(14));
        aging.releaseAs(1, "b");
        aging.advance(Duration.ofSeconds(7));
        assertThat(aging.tick()).containsExactly("close 1 LIFETIME");
    }

    @Test
    void waitersOfAPausedEndpointFailWhenItsLastConnectionIsRekeyed() {
        MachineScript two = MachineScript.with(10, 2);
        two.acquire("holder", "a");
        two.opened(1);
        two.acquire("v", "a");
        two.refused(2);
        two.acquire("w", "a");
        two.refused(3);
        two.acquire("x", "a");
        assertThat(two.releaseAs(1, "b")).containsExactly("x fails PAUSED 3");
    }

    @Test
    void aDrainClosesARekeyedConnection() {
        leased("a");
        script.drain(Duration.ofSeconds(1));
        assertThat(script.releaseAs(1, "b")).containsExactly("close 1 MANAGER_CLOSED");
        assertThat(script.closed(1)).containsExactly("gone 1 MANAGER_CLOSED", "finished");
    }
}
