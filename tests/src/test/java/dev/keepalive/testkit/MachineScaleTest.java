package dev.keepalive.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Very many waiters and endpoints: the tests end in time only if the cost of an event does not grow with them. */
class MachineScaleTest {
    private static final int MANY = 100_000;

    private final MachineScript script = MachineScript.with(1, 1);

    @Test
    void manyWaitersAreServedInOrder() {
        script.checkOnDemand();
        script.acquire("first", "a");
        script.opened(1);
        queue(Duration.ofHours(1));
        for (int i = 0; i < MANY; i++) {
            assertThat(script.release(1)).containsExactly("w" + i + " gets 1 DEFERRED");
        }
        script.check();
        assertThat(script.counts().waiting()).isZero();
    }

    @Test
    void manyWaitersAreCancelledInAnyOrderAndLeaveNothing() {
        script.checkOnDemand();
        script.acquire("first", "a");
        script.opened(1);
        queue(Duration.ofHours(1));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(7));
        for (int i : order) {
            assertThat(script.cancel("w" + i)).isEmpty();
        }
        script.check();
        assertThat(script.counts().waiting()).isZero();
        assertThat(script.release(1)).isEmpty();
    }

    @Test
    void manyWaitersTimeOutTogether() {
        script.checkOnDemand();
        script.acquire("first", "a");
        script.opened(1);
        queue(Duration.ofSeconds(1));
        script.advance(Duration.ofSeconds(1));
        assertThat(script.tick()).hasSize(MANY);
        script.check();
    }

    @Test
    @Tag("F05")
    void manyEndpointsUsedOnceLeaveNothing() {
        MachineScript wide = MachineScript.with(128, 4);
        wide.checkOnDemand();
        for (int i = 1; i <= MANY; i++) {
            wide.acquire("w" + i, "e" + i);
            wide.opened(i);
            wide.invalidate(i);
            wide.closed(i);
        }
        wide.check();
        assertThat(wide.endpoints()).isZero();
        assertThat(wide.counts().open()).isZero();
    }

    private void queue(Duration timeout) {
        for (int i = 0; i < MANY; i++) {
            script.acquire("w" + i, "a", timeout);
        }
    }
}
