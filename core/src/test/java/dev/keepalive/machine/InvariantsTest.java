package dev.keepalive.machine;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keepalive.Endpoint;
import dev.keepalive.Limits;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class InvariantsTest {
    private static final long LONG = 1000;
    private static final Endpoint ENDPOINT = Endpoint.of("line", "a", 1);

    private final Machine machine = new Machine(
            new Limits(2, 1, 10, 10),
            new MachineConfig(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG, 100, 0, false, 0),
            slot -> new WillingAtomicSlot(),
            effect -> {},
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
