package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.LeaseOrigin;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings waiters and slots together. It is the only place that does so: the waiter leaves its queue and the slot
 * becomes leased in one step.
 */
final class Dispatch {
    private final Admission admission;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;
    private final Counters counters;
    private final ShutdownState shutdown;
    private final YieldRules yieldRules;
    private final SharedTransitions sharedTransitions;
    private final Consumer<Effect> out;

    Dispatch(
            Admission admission,
            SlotTransitions transitions,
            WaitQueues waitQueues,
            Counters counters,
            ShutdownState shutdown,
            YieldRules yieldRules,
            SharedTransitions sharedTransitions,
            Consumer<Effect> out) {
        this.admission = admission;
        this.transitions = transitions;
        this.waitQueues = waitQueues;
        this.counters = counters;
        this.shutdown = shutdown;
        this.yieldRules = yieldRules;
        this.sharedTransitions = sharedTransitions;
        this.out = out;
    }

    /**
     * Gives the endpoint's idle slots, and the room of its shared slots, to its ordinary waiters; a waiter that wants a
     * fresh connection takes none of them. The oldest waiter is served first. It gets the slot that became idle last,
     * or preferably one on its own event loop; else a place of the fullest shared slot. Before that, shared slots may
     * have to yield.
     */
    void serve(EndpointState endpoint, long now) {
        for (Waiter waiter = endpoint.firstOrdinary(); waiter != null; waiter = endpoint.firstOrdinary()) {
            yieldIfOwed(endpoint, now);
            Slot slot = endpoint.idleFor(waiter);
            if (slot == null) {
                Places places = endpoint.roomFor(waiter);
                if (places == null) {
                    return;
                }
                serve(endpoint, waiter, places, now);
            } else if (transitions.revoke(slot, now)) {
                serve(endpoint, waiter, slot, now);
            }
        }
    }

    private void yieldIfOwed(EndpointState endpoint, long now) {
        for (Places next = nextToYield(endpoint, now); next != null; next = nextToYield(endpoint, now)) {
            if (next.taken() > 0) {
                sharedTransitions.startYielding(next, false, now);
            } else {
                boolean surplus = admission.isSurplus(endpoint) || admission.isSurplus();
                transitions.end(next.slot, surplus ? CloseReason.RETIRED : CloseReason.EVICTED, now);
            }
        }
    }

    private @Nullable Places nextToYield(EndpointState endpoint, long now) {
        if (endpoint.sharedOrNull() == null) {
            return null;
        }
        admission.reconsider(endpoint, now);
        return yieldRules.next(endpoint, now);
    }

    /**
     * Leases a place of a shared slot to a waiter; ends the slot if its connection is dead.
     *
     * @return false if the connection is dead
     */
    boolean serve(EndpointState endpoint, Waiter waiter, Places places, long now) {
        Slot slot = places.slot;
        long lease = transitions.recorded(slot.atomicSlot.claim());
        if (lease > 0) {
            LeaseOrigin origin = deliver(endpoint, waiter, slot, lease);
            transitions.takePlace(slot, places, lease, now);
            counters.served(origin);
        } else {
            transitions.end(slot, CloseReason.PEER_CLOSED, now);
        }
        return lease > 0;
    }

    /**
     * Leases a slot, which cannot be borrowed, to a waiter; ends the slot if its connection is dead.
     *
     * @return false if the connection is dead
     */
    private boolean serve(EndpointState endpoint, Waiter waiter, Slot slot, long now) {
        long lease = transitions.recorded(slot.atomicSlot.claim());
        if (lease > 0) {
            serve(endpoint, waiter, slot, lease, now);
        } else {
            transitions.end(slot, CloseReason.PEER_CLOSED, now);
        }
        return lease > 0;
    }

    private void serve(EndpointState endpoint, Waiter waiter, Slot slot, long lease, long now) {
        LeaseOrigin origin = deliver(endpoint, waiter, slot, lease);
        transitions.lease(slot, lease, now);
        counters.served(origin);
    }

    private LeaseOrigin deliver(EndpointState endpoint, Waiter waiter, Slot slot, long lease) {
        LeaseOrigin origin = slot.originFor(waiter);
        // The effect comes first: if this event fails, the waiter is found in its queue or in an effect.
        out.accept(new Effect.Deliver(waiter, waiter.owner(AcquireOutcome.SERVED), slot, lease, origin));
        waitQueues.leave(endpoint, waiter);
        waiter.end(AcquireOutcome.SERVED);
        return origin;
    }

    /**
     * The slot's connection is free: the slot ends, or serves the oldest waiter, or is parked. One that was used before
     * serves the oldest ordinary waiter.
     *
     * @return false if the slot ends because its connection turned out to be dead
     */
    boolean available(Slot slot, long now) {
        CloseReason reason = closeReason(slot, now);
        if (reason != null) {
            transitions.end(slot, reason, now);
            return true;
        }
        Waiter waiter = slot.fresh ? slot.home.firstWaiter() : slot.home.firstOrdinary();
        if (waiter != null) {
            return serve(slot.home, waiter, slot, now);
        }
        transitions.park(slot, now);
        slot.fresh = false;
        return parkOrEnd(slot, now);
    }

    private boolean parkOrEnd(Slot slot, long now) {
        boolean dead = false;
        if (slot.retired) {
            transitions.end(slot, CloseReason.RETIRED, now);
        } else if (shutdown.hasBegun()) {
            transitions.end(slot, CloseReason.MANAGER_CLOSED, now);
        } else if (transitions.recorded(slot.atomicSlot.park(now) ? 1 : 0) == 0) {
            dead = transitions.recorded(slot.atomicSlot.isDead() ? 1 : 0) == 1;
            transitions.end(slot, dead ? CloseReason.PEER_CLOSED : CloseReason.NOT_REUSABLE, now);
        }
        return !dead;
    }

    /**
     * Why a slot ends though its connection is free and sound; null if it does not end. A new connection serves its own
     * endpoint at least once, unless a limit was lowered.
     */
    private @Nullable CloseReason closeReason(Slot slot, long now) {
        if (admission.isSurplus(slot.home) || admission.isSurplus()) {
            return CloseReason.RETIRED;
        } else if (slot.fresh) {
            return null;
        } else if (slot.retired) {
            return CloseReason.RETIRED;
        } else if (slot.isTooOld(now)) {
            return CloseReason.LIFETIME;
        }
        boolean makesWay = admission.mustYield(slot.home, now) || admission.isKeptFromFresh(slot.home);
        return makesWay ? CloseReason.EVICTED : null;
    }
}
