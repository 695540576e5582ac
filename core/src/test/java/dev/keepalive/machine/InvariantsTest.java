package dev.keepalive.machine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InvariantsTest {
    private static final long LONG = 1000;
    private static final Endpoint ENDPOINT = Endpoint.of("line", "a", 1);

    private final List<Slot> dialed = new ArrayList<>();
    private final Machine machine = new Machine(
            new Limits(2, 1, 10, 10),
            new MachineConfig(
                    LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, 100, 0, false,
                    0),
            slot -> new WillingAtomicSlot(),
            this::noteDial,
            History.NONE);

    @Test
    void aSoundMachinePassesTheCheck() {
        addTwoWaiters();
        assertThatCode(machine::check).doesNotThrowAnyException();
    }

    static Stream<Arguments> breaks() {
        return Stream.<Consumer<Machine>>of(
                        machine -> machine.admission.open++,
                        machine -> machine.admission.onOrder++,
                        machine -> machine.admission.proven.demand++,
                        machine -> machine.admission.unproven.dials++,
                        machine -> machine.counters.waiting--,
                        machine -> machine.endpoints.of(Endpoint.of("line", "empty", 1)))
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void aBrokenMachineFailsTheCheck(Consumer<Machine> breaks) {
        addTwoWaiters();
        breaks.accept(machine);
        assertThatThrownBy(machine::check).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Arguments> breaksOfAShared() {
        return Stream.<Consumer<Places>>of(
                        places -> places.capacity++,
                        places -> places.yields = true,
                        places -> places.listKey++,
                        places -> places.listWithRoom = null,
                        places -> places.slot.retired = true,
                        places -> places.slot.lease--,
                        places -> places.held.remove(Objects.requireNonNull(places.held.first())),
                        places -> places.ending.remove(Objects.requireNonNull(places.ending.first())),
                        places -> Objects.requireNonNull(places.held.first()).ending = true,
                        places -> Objects.requireNonNull(places.ending.first()).ending = false,
                        places -> places.slot.share(null),
                        places -> places.slot.home.shared().yielding++,
                        places -> places.slot.home.shared().retired++,
                        places -> places.slot.home.shared().counts.leases++,
                        places -> places.slot.home.shared().counts.room--,
                        places -> places.slot.home.shared().counts.leaving++)
                .map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("breaksOfAShared")
    void aBrokenSharedSlotFailsTheCheck(Consumer<Places> breaks) {
        Places places = addShared();
        breaks.accept(places);
        assertThatThrownBy(machine::check).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void brokenCountsOfAllSharedSlotsFailTheCheck() {
        addShared();
        assertThatCode(machine::check).doesNotThrowAnyException();
        machine.counters.shared.leases++;
        assertThatThrownBy(machine::check).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aSlotThatYieldsForNobodyFailsTheCheck() {
        Places places = addShared();
        machine.sharedTransitions.startYielding(places, false, 0);
        assertThatThrownBy(machine::check).hasMessageContaining("no slot yields for nobody");
    }

    /** A slot with five places: the leases of two are held, and the place of a third is being reset. */
    private Places addShared() {
        for (String owner : List.of("x", "y", "z")) {
            machine.acquire(new Waiter(ENDPOINT, owner, LONG, 0, false, false, 5), 0);
        }
        Slot slot = dialed.get(0);
        machine.openedShared(slot, 0, 5, 0);
        machine.released(slot, 2, ReleaseKind.RESET, null, 0);
        return Objects.requireNonNull(slot.places());
    }

    private void noteDial(Effect effect) {
        if (effect instanceof Effect.Dial dial) {
            dialed.add(dial.slot());
        }
    }

    private void addTwoWaiters() {
        machine.acquire(new Waiter(ENDPOINT, "w", LONG, 0), 0);
        machine.acquire(new Waiter(ENDPOINT, "x", LONG, 0), 0);
    }

    /** An atomic slot that wins every race. */
    private static final class WillingAtomicSlot implements AtomicSlot {
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
