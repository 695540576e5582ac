package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.FuzzViolation.require;

import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.fuzz.SimulatedSlot.Use;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The slots that may still be in use, and what must hold of them at every moment, because callers may borrow idle
 * connections at any moment.
 */
final class BorrowInvariants {
    private final ReferenceModel model;
    private final ObservedEffects observed;
    private final List<SimulatedSlot> slots = new ArrayList<>();

    BorrowInvariants(ReferenceModel model, ObservedEffects observed) {
        this.model = model;
        this.observed = observed;
    }

    /** Creates the outer part of a new slot. */
    SimulatedSlot newSlot(Slot slot) {
        SimulatedSlot made = new SimulatedSlot(slot, observed);
        slots.add(made);
        return made;
    }

    /** How many connections could be borrowed now. */
    int idleCount() {
        return (int) slots.stream().filter(simulated -> simulated.is(Use.IDLE)).count();
    }

    /**
     * Checks all slots.
     *
     * @param isWaitedFor whether a caller waits for any connection to this endpoint
     */
    void check(Predicate<String> isWaitedFor) {
        slots.removeIf(simulated -> simulated.killed && simulated.gone);
        int connections = 0;
        for (SimulatedSlot simulated : slots) {
            connections += simulated.opened && !simulated.gone ? 1 : 0;
            check(simulated, model.slot(simulated.slot.number()), isWaitedFor);
        }
        require(
                connections <= model.state.slots.size(),
                Check.ENVIRONMENT,
                "more connections are open than are counted");
    }

    private void check(SimulatedSlot simulated, ModelSlot slot, Predicate<String> isWaitedFor) {
        boolean idle = slot.state == State.IDLE;
        require(
                !simulated.isOutsideMachine() || idle,
                Check.ENVIRONMENT,
                "borrowed while the machine does not count it as idle");
        boolean isAccountedFor = simulated.isOutsideMachine() || simulated.isReleasePending() || simulated.is(Use.DEAD);
        if (simulated.leases != null) {
            isAccountedFor = simulated.leases.isEmpty();
            require(
                    slot.state != State.LEASED || !isAccountedFor,
                    Check.ENVIRONMENT,
                    "counted as leased, but no lease has a place on it");
        }
        require(!idle || isAccountedFor, Check.ENVIRONMENT, "counted as idle, but cannot be borrowed");
        if (simulated.is(Use.IDLE)) {
            requireBorrowable(slot, isWaitedFor);
        }
    }

    private void requireBorrowable(ModelSlot slot, Predicate<String> isWaitedFor) {
        require(
                !isWaitedFor.test(slot.endpoint),
                Check.ENVIRONMENT,
                "can be borrowed while a caller waits for its endpoint");
        require(!model.isEnding(), Check.ENVIRONMENT, "can be borrowed after a drain or shutdown has begun");
        require(!slot.retired, Check.ENVIRONMENT, "can be borrowed although it is retired");
        ModelState state = model.state;
        require(
                !state.isShort() && !state.isInDebt(),
                Check.ENVIRONMENT,
                "can be borrowed although its place is needed");
        int atEndpoint = 0;
        int all = 0;
        for (SimulatedSlot other : slots) {
            boolean stays = other.opened && !other.gone && !other.killed;
            all += stays ? 1 : 0;
            atEndpoint += stays && model.slot(other.slot.number()).endpoint.equals(slot.endpoint) ? 1 : 0;
        }
        boolean within = atEndpoint <= state.limits.maxOpenPerEndpoint() && all <= state.limits.maxOpen();
        require(within, Check.ENVIRONMENT, "can be borrowed although it is above a limit");
    }
}
