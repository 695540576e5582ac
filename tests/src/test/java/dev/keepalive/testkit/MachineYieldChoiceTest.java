package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keepalive.machine.ReleaseKind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which of an endpoint's shared connections yields: the one that will probably be free first. */
class MachineYieldChoiceTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofMillis(50);

    @RegisterExtension
    final ReplayedScripts scripts = new ReplayedScripts();

    private final MachineScript two = scripts.with(2, 2);

    /** The waiters a1, a2 and so on each hold one of two places of connections 1, 2 and so on. */
    private static void eachHoldsOne(MachineScript script, int slots) {
        for (int slot = 1; slot <= slots; slot++) {
            script.acquire("a" + slot, "a");
            script.openedShared(slot, 1);
        }
        for (int slot = 1; slot <= slots; slot++) {
            script.capacity(slot, 2);
        }
        script.advance(SECOND);
    }

    @Test
    void theOneYieldsWhoseOldestLeaseIsTheYoungest() {
        two.acquire("a1", "a");
        two.openedShared(1, 2);
        two.acquire("a2", "a");
        two.acquire("a3", "a");
        two.openedShared(2, 2);
        two.acquire("a4", "a");
        two.release("a2");
        two.advance(SECOND);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("a5", "a")).containsExactly("a5 gets 1 IMMEDIATE");
        assertThat(two.release("a4")).isEmpty();
        assertThat(two.acquire("a6", "a")).as("2 yields").isEmpty();
        assertThat(two.release("a3")).containsExactly("close 2 EVICTED");
    }

    @Test
    void oneWithOnlyPlacesThatAreBeingResetComesFirst() {
        eachHoldsOne(two, 2);
        two.end("a1", ReleaseKind.RESET);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("a3", "a")).containsExactly("a3 gets 2 IMMEDIATE");
        assertThat(two.reset("a1", true)).containsExactly("close 1 EVICTED");
    }

    @Test
    void ofTwoWithoutLeasesTheOneWithFewerPlacesComesFirst() {
        two.acquire("a1", "a");
        two.openedShared(1, 1);
        two.acquire("a2", "a");
        two.openedShared(2, 3);
        two.acquire("a3", "a");
        two.capacity(1, 3);
        two.advance(SECOND);
        two.end("a1", ReleaseKind.RESET);
        two.end("a2", ReleaseKind.RESET);
        two.end("a3", ReleaseKind.RESET);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("a4", "a")).containsExactly("a4 gets 2 IMMEDIATE");
        assertThat(two.reset("a1", true)).containsExactly("close 1 EVICTED");
    }

    @Test
    void ofTwoThatAreAlikeTheYoungerConnectionComesFirst() {
        eachHoldsOne(two, 2);
        two.end("a1", ReleaseKind.RESET);
        two.end("a2", ReleaseKind.RESET);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("a3", "a")).containsExactly("a3 gets 1 IMMEDIATE");
        assertThat(two.reset("a2", true)).containsExactly("close 2 EVICTED");
    }

    @Test
    void aRetiredConnectionYieldsForNobody() {
        eachHoldsOne(two, 2);
        two.retire(2);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("a3", "a")).as("1 yields").isEmpty();
        assertThat(two.counts("a").leaving()).isEqualTo(2);
        assertThat(two.release("a1")).containsExactly("close 1 EVICTED");
    }

    @Test
    void aConnectionInItsFirstWindowIsPassedOver() {
        two.acquire("a1", "a");
        two.openedShared(1, 2);
        two.advance(SECOND);
        two.capacity(1, 1);
        two.acquire("a2", "a");
        two.openedShared(2, 2);
        two.capacity(1, 2);
        two.acquire("b1", "b");
        two.advance(PATIENCE);
        assertThat(two.acquire("a3", "a")).containsExactly("a3 gets 2 IMMEDIATE");
        assertThat(two.release("a1")).containsExactly("close 1 EVICTED");
    }
}
