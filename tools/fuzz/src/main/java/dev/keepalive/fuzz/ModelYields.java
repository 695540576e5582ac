package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which shared connections take no new leases for a while, in the model: for a lowered limit, for others that are kept
 * out, for the budget, for a waiter of their own endpoint that wants a fresh connection, and because they are too old.
 */
final class ModelYields {
    private final ModelState state;
    private final ModelActions actions;
    private long begun;

    ModelYields(ModelState state, ModelActions actions) {
        this.state = state;
        this.actions = actions;
    }

    /** A waiter of the endpoint is to be served: as many connections yield as have to. */
    void look(String endpoint) {
        for (ModelWaiter first = state.fresh.firstOrdinary(endpoint);
                first != null && isOwed(endpoint, first, 0);
                first = state.fresh.firstOrdinary(endpoint)) {
            ModelSlot one = next(endpoint);
            if (one == null) {
                return;
            } else if (one.places.isEmpty()) {
                boolean above = state.isOverLimit(endpoint) || state.isOverLimit();
                actions.end(one, above ? CloseReason.RETIRED : CloseReason.EVICTED);
            } else {
                begin(one, false);
            }
        }
    }

    void begin(ModelSlot slot, boolean forAge) {
        long least = state.config.yieldWindow();
        long most = state.config.maxYieldWindow();
        boolean again = slot.lastWindow > 0 && state.now - slot.lastWindowEnded <= most;
        long window = again ? Math.min(most, 2 * slot.lastWindow) : least;
        slot.yields = new ModelYield(++begun, forAge, window, state.after(window));
        actions.noteChange(slot);
    }

    // ---- how many yield

    /**
     * True if one more connection of the endpoint has to yield.
     *
     * @param own the first of its waiters that takes any connection; null if there is none
     * @param except how many of those that yield are not counted
     */
    private boolean isOwed(String endpoint, @Nullable ModelWaiter own, int except) {
        int here = yielding(endpoint) - except;
        int all = yielding(null) - except;
        return isAboveLimit(endpoint, here, all)
                || isAnotherKeptOut(endpoint, own, all)
                || isDebtOld() && all == 0
                || state.fresh.mustYield(endpoint) && here == 0;
    }

    private int yielding(@Nullable String endpoint) {
        int yielding = 0;
        for (ModelSlot slot : state.slots) {
            yielding += slot.yields != null && (endpoint == null || slot.endpoint.equals(endpoint)) ? 1 : 0;
        }
        return yielding;
    }

    private boolean isAboveLimit(String endpoint, int here, int all) {
        return state.staying(endpoint) - here > state.limits.maxOpenPerEndpoint()
                || state.slots.size() - state.onOrder() - all > state.limits.maxOpen();
    }

    private boolean isAnotherKeptOut(String endpoint, @Nullable ModelWaiter own, int all) {
        String other = state.nextToOpen();
        ModelWaiter keptOut = other == null || other.equals(endpoint) ? null : state.fresh.nextToOpenFor(other);
        if (keptOut == null || own != null && own.arrival < keptOut.arrival || !state.isShort()) {
            return false;
        }
        long since = state.now - state.keptOutSince.getOrDefault(other, state.now);
        long others =
                state.openable().stream().filter(any -> !any.equals(endpoint)).count();
        return all + state.onOrder() < Math.min(since / state.config.patience(), others);
    }

    private boolean isDebtOld() {
        return state.isInDebt() && state.now - state.owedSince >= state.config.patience();
    }

    // ---- which one yields

    private @Nullable ModelSlot next(String endpoint) {
        List<ModelSlot> some = new ArrayList<>();
        for (ModelSlot slot : state.slots) {
            if (slot.endpoint.equals(endpoint) && slot.isUsable() && slot.restsUntil <= state.now) {
                some.add(slot);
            }
        }
        if (some.stream().allMatch(slot -> slot.tried) && !some.isEmpty()) {
            state.slots.stream().filter(slot -> slot.endpoint.equals(endpoint)).forEach(slot -> slot.tried = false);
        }
        some.removeIf(slot -> slot.tried);
        return some.stream()
                .max(Comparator.comparingLong(ModelSlot::oldestLease)
                        .thenComparingInt(slot -> -slot.places.size())
                        .thenComparingLong(slot -> slot.number))
                .orElse(null);
    }

    // ---- the end

    /** Of those that yield for nothing, the one that began last; null if there is none. */
    @Nullable
    ModelSlot nextToTakeBack() {
        ModelSlot last = null;
        for (ModelSlot slot : state.slots) {
            ModelYield its = slot.yields;
            ModelYield latest = last == null ? null : last.yields;
            if (its != null && !isJustified(slot, its) && (latest == null || latest.order < its.order)) {
                last = slot;
            }
        }
        return last;
    }

    boolean isJustified(ModelSlot slot, ModelYield its) {
        if (slot.expires <= state.now) {
            return !(its.forAge && its.isOver && isMissed(slot.endpoint));
        }
        return isOwed(slot.endpoint, state.fresh.firstOrdinary(slot.endpoint), 1);
    }

    /** The slot takes leases again. If its window has ended, it rests and others are tried first. */
    void takeBack(ModelSlot slot) {
        ModelYield its = slot.yields;
        if (its == null) {
            throw new IllegalStateException("the slot does not yield");
        }
        slot.yields = null;
        slot.lastWindow = its.window;
        slot.lastWindowEnded = state.now;
        if (its.isOver) {
            slot.tried = true;
            slot.restsUntil = state.after(its.window);
        }
        slot.freeSince = state.event;
        actions.noteChange(slot);
    }

    /** True if waiters have nothing to wait for but connections that yield. */
    boolean isMissed(String endpoint) {
        for (ModelSlot slot : state.slots) {
            boolean comesBack = slot.shared ? slot.isUsable() : isInUse(slot);
            if (slot.endpoint.equals(endpoint) && comesBack) {
                return false;
            }
        }
        return state.fresh.firstOrdinary(endpoint) != null && state.coming(endpoint) == 0;
    }

    private static boolean isInUse(ModelSlot slot) {
        return slot.state == State.LEASED || slot.state == State.RESETTING || slot.state == State.IDLE;
    }
}
