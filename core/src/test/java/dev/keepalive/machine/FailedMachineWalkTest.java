package dev.keepalive.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A walk over a failed machine finds each waiter without an answer, and each open connection, exactly once. */
class FailedMachineWalkTest {
    private static final long LONG = 1_000_000;
    private static final Endpoint A = Endpoint.of("line", "a", 1);
    private static final Endpoint B = Endpoint.of("line", "b", 1);

    private final List<Effect> effects = new ArrayList<>();
    private int claimsLeft = Integer.MAX_VALUE;
    private final Machine machine = new Machine(
            new Limits(2, 1, 10, 10),
            new MachineConfig(
                    LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, 100, 0, false,
                    0),
            slot -> new CountedAtomicSlot(),
            effects::add,
            History.NONE);
    private final List<Object> waiting = new ArrayList<>();
    private final List<Long> open = new ArrayList<>();

    private void acquire(String owner, Endpoint endpoint) {
        machine.acquire(new Waiter(endpoint, owner, Long.MAX_VALUE, 0, false, false, 9), 0);
    }

    private Slot dialed(long number) {
        return effects.stream()
                .filter(Effect.Dial.class::isInstance)
                .map(effect -> ((Effect.Dial) effect).slot())
                .filter(slot -> slot.number() == number)
                .findFirst()
                .orElseThrow();
    }

    private @Nullable Throwable walk(List<Effect> unperformed) {
        return FailedMachineWalk.walk(machine, unperformed, new FailedMachineWalk.Finder() {
            @Override
            public void waiting(Object owner) {
                waiting.add(owner);
            }

            @Override
            public void open(Slot slot) {
                open.add(slot.number());
            }
        });
    }

    @Test
    void aSharedConnectionIsFoundOnceHoweverManyLeasesItHas() {
        acquire("a1", A);
        acquire("a2", A);
        machine.openedShared(dialed(1), 0, 2, 0);
        acquire("a3", A);
        acquire("b1", B);
        machine.openedShared(dialed(2), 0, 5, 0);
        machine.released(dialed(2), 1, ReleaseKind.REUSE, null, 0);

        assertThat(walk(List.of())).isNull();
        assertThat(waiting).containsExactly("a3");
        assertThat(open).containsExactlyInAnyOrder(1L, 2L);
        walk(List.of());
        assertThat(open).as("a second walk finds nothing").hasSize(2);
    }

    @Test
    void aBatchThatWasNotDeliveredIsFoundWithItsConnection() {
        acquire("a1", A);
        acquire("a2", A);
        Slot slot = dialed(1);
        effects.clear();
        machine.openedShared(slot, 0, 2, 0);

        assertThat(walk(effects)).isNull();
        assertThat(waiting).containsExactly("a1", "a2");
        assertThat(open).containsExactly(1L);
    }

    @Test
    void aBatchThatFailedInTheMiddleIsFoundWhole() {
        acquire("a1", A);
        acquire("a2", A);
        acquire("a3", A);
        Slot slot = dialed(1);
        effects.clear();
        claimsLeft = 1;
        assertThatThrownBy(() -> machine.openedShared(slot, 0, 5, 0)).hasMessage("no more claims");

        assertThat(walk(effects)).isNull();
        assertThat(waiting).containsExactlyInAnyOrder("a1", "a2", "a3");
        assertThat(open).containsExactly(1L);
    }

    @Test
    void aConnectionWithAPlaceThatIsBeingResetIsFound() {
        acquire("a1", A);
        machine.openedShared(dialed(1), 0, 2, 0);
        machine.released(dialed(1), 1, ReleaseKind.RESET, null, 0);
        assertThat(walk(List.of())).isNull();
        assertThat(open).containsExactly(1L);
    }

    /** An atomic slot that throws when it is claimed too often. */
    private final class CountedAtomicSlot implements AtomicSlot {
        private long leases;

        @Override
        public long revoke(long known) {
            return 0;
        }

        @Override
        public long lastUsed() {
            return 0;
        }

        @Override
        public long claim() {
            if (claimsLeft-- <= 0) {
                throw new IllegalStateException("no more claims");
            }
            return ++leases;
        }

        @Override
        public boolean park(long since) {
            return true;
        }

        @Override
        public boolean isDead() {
            return false;
        }

        @Override
        public void markDead() {}
    }
}
