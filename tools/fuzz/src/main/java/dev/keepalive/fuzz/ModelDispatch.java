package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which waiter gets which connection, in the model. */
final class ModelDispatch {
    private static final int MOST_LOOKED_AT = 32;

    private final ModelState state;
    private final ModelActions actions;
    private final ModelClosures closures;
    private final ModelYields yields;

    ModelDispatch(ModelState state, ModelActions actions, ModelClosures closures, ModelYields yields) {
        this.state = state;
        this.actions = actions;
        this.closures = closures;
        this.yields = yields;
    }

    // ---- waiters

    /** Serves the waiters of an endpoint from what is idle and from the room of shared connections. */
    void serve(String endpoint) {
        for (ModelWaiter waiter = state.fresh.firstOrdinary(endpoint);
                waiter != null;
                waiter = state.fresh.firstOrdinary(endpoint)) {
            yields.look(endpoint);
            ModelSlot idle = idleFor(waiter);
            ModelSlot shared = idle == null ? sharedFor(waiter) : null;
            if (idle != null && actions.revoke(idle)) {
                serve(waiter, idle);
            } else if (shared != null) {
                serveShared(waiter, shared, false);
            } else if (idle == null) {
                return;
            }
        }
    }

    /** The idle slot that this waiter gets: the newest one on its event loop among the newest, else the newest. */
    private @Nullable ModelSlot idleFor(ModelWaiter waiter) {
        List<ModelSlot> idle = state.slotsIn(State.IDLE, waiter.endpoint);
        idle.removeIf(slot -> slot.shared);
        return onLoop(idle, waiter);
    }

    /** The fullest shared slot with room; of several, the newest one on the waiter's loop, else the newest. */
    private @Nullable ModelSlot sharedFor(ModelWaiter waiter) {
        List<ModelSlot> some = new ArrayList<>();
        for (ModelSlot slot : state.slots) {
            if (slot.room() > 0 && slot.endpoint.equals(waiter.endpoint)) {
                some.add(slot);
            }
        }
        int most = some.stream().mapToInt(slot -> slot.places.size()).max().orElse(0);
        some.removeIf(slot -> slot.places.size() < most);
        some.sort(Comparator.comparingLong(slot -> slot.changed));
        return onLoop(some, waiter);
    }

    private static @Nullable ModelSlot onLoop(List<ModelSlot> slots, ModelWaiter waiter) {
        for (int i = slots.size() - 1; waiter.loop > 0 && i >= Math.max(0, slots.size() - MOST_LOOKED_AT); i--) {
            if (slots.get(i).loop == waiter.loop) {
                return slots.get(i);
            }
        }
        return slots.isEmpty() ? null : slots.get(slots.size() - 1);
    }

    /** @return false if the connection is dead */
    private boolean serve(ModelWaiter waiter, ModelSlot slot) {
        long lease = actions.claim(slot);
        if (lease > 0) {
            actions.serve(waiter, slot, lease);
        } else {
            actions.end(slot, CloseReason.PEER_CLOSED);
        }
        return lease > 0;
    }

    /** @return false if the connection is dead */
    private boolean serveShared(ModelWaiter waiter, ModelSlot slot, boolean fresh) {
        long lease = actions.claim(slot);
        if (lease > 0) {
            LeaseOrigin later = slot.freeSince < waiter.arrival ? LeaseOrigin.IMMEDIATE : LeaseOrigin.DEFERRED;
            actions.serveShared(waiter, slot, lease, fresh ? LeaseOrigin.NEW : later);
        } else {
            actions.end(slot, CloseReason.PEER_CLOSED);
        }
        return lease > 0;
    }

    // ---- connections

    /**
     * An exclusive connection is free.
     *
     * @return false if the connection is dead
     */
    boolean available(ModelSlot slot) {
        CloseReason ends = reasonToEnd(slot);
        ModelWaiter waiter = slot.unused ? state.nthWaiter(slot.endpoint, 0) : state.fresh.firstOrdinary(slot.endpoint);
        if (ends != null) {
            actions.end(slot, ends);
        } else if (waiter != null) {
            return serve(waiter, slot);
        } else {
            actions.park(slot);
            slot.unused = false;
            if (slot.retired || closures.begun) {
                actions.end(slot, slot.retired ? CloseReason.RETIRED : CloseReason.MANAGER_CLOSED);
            } else if (!actions.parks(slot)) {
                boolean dead = actions.isDead(slot);
                actions.end(slot, dead ? CloseReason.PEER_CLOSED : CloseReason.NOT_REUSABLE);
                return !dead;
            }
        }
        return true;
    }

    /**
     * A new shared connection serves as many waiters as it takes leases, the oldest first, fresh ones too.
     *
     * @return false if it is dead before it serves any
     */
    boolean serveBatch(ModelSlot slot) {
        slot.unused = false;
        for (int served = 0; served < slot.capacity; served++) {
            ModelWaiter waiter = state.nthWaiter(slot.endpoint, 0);
            if (waiter == null) {
                return true;
            } else if (!serveShared(waiter, slot, true)) {
                return served > 0;
            }
        }
        return true;
    }

    /** Why a connection that becomes available must end; null if it may be used. */
    private @Nullable CloseReason reasonToEnd(ModelSlot slot) {
        if (state.isOverLimit(slot.endpoint) || state.isOverLimit()) {
            return CloseReason.RETIRED;
        }
        if (slot.unused) {
            return null;
        }
        if (slot.retired) {
            return CloseReason.RETIRED;
        }
        if (slot.expires <= state.now) {
            return CloseReason.LIFETIME;
        }
        return mustMakeWay(slot.endpoint) || state.fresh.mustYield(slot.endpoint) ? CloseReason.EVICTED : null;
    }

    /** Whether a released connection must be closed instead of serving the waiters of its own endpoint. */
    private boolean mustMakeWay(String endpoint) {
        ModelWaiter own = state.fresh.firstOrdinary(endpoint);
        if (own == null) {
            return false;
        }
        long patience = state.config.patience();
        if (state.isInDebt() && state.now - state.owedSince >= patience) {
            return true;
        }
        String other = state.nextToOpen();
        ModelWaiter keptOut = other == null || other.equals(endpoint) ? null : state.fresh.nextToOpenFor(other);
        return keptOut != null
                && keptOut.arrival < own.arrival
                && state.now - state.keptOutSince.getOrDefault(other, state.now) >= patience
                && state.isShort();
    }
}
