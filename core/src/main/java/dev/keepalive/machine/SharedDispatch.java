package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What happens to shared slots: a dial brings one, leases end, its capacity changes, its time is over, it yields. It
 * ends them and has their room served; {@link Dispatch} brings waiters and slots together.
 */
final class SharedDispatch {
    private final Admission admission;
    private final SlotTransitions transitions;
    private final SharedTransitions sharedTransitions;
    private final YieldRules yieldRules;
    private final Dispatch dispatch;
    private final Counters counters;
    private final ShutdownState shutdown;
    private final Consumer<Effect> out;

    SharedDispatch(
            Admission admission,
            SlotTransitions transitions,
            SharedTransitions sharedTransitions,
            YieldRules yieldRules,
            Dispatch dispatch,
            Counters counters,
            ShutdownState shutdown,
            Consumer<Effect> out) {
        this.admission = admission;
        this.transitions = transitions;
        this.sharedTransitions = sharedTransitions;
        this.yieldRules = yieldRules;
        this.dispatch = dispatch;
        this.counters = counters;
        this.shutdown = shutdown;
        this.out = out;
    }

    /**
     * A dial has brought a shared connection. It serves as many waiters as it has room for, the oldest first.
     *
     * @return false if the connection turned out to be dead before it had a lease: then the slot ends
     */
    boolean opened(Slot slot, int capacity, long now) {
        slot.home.learn(capacity);
        if (admission.isSurplus(slot.home) || admission.isSurplus()) {
            transitions.end(slot, CloseReason.RETIRED, now);
            return true;
        }
        sharedTransitions.opened(slot, capacity, now);
        int served = 0;
        Places places = slot.places();
        for (Waiter next = slot.home.firstWaiter(); next != null && served < capacity; next = slot.home.firstWaiter()) {
            if (places == null || !dispatch.serve(slot.home, next, places, now)) {
                return served > 0;
            }
            served++;
        }
        slot.fresh = false;
        if (served == 0 && places != null) {
            parkOrEnd(slot, places, now);
        }
        return true;
    }

    /** A lease has ended. @return true if it was held; else nothing has happened */
    boolean released(Places places, long lease, ReleaseKind kind, long now) {
        Place place = places.of(lease);
        if (place == null || place.ending) {
            return false;
        }
        counters.leaked += kind == ReleaseKind.LEAKED ? 1 : 0;
        if (kind == ReleaseKind.REUSE) {
            free(places, place, counters.events, now);
        } else {
            sharedTransitions.end(places, place, now);
        }
        return true;
    }

    /** What a lease had left behind is cleaned up, or cannot be: then the slot is retired. */
    void resetDone(Places places, long lease, boolean reusable, long now) {
        Place place = places.of(lease);
        if (place != null && place.ending) {
            cleaned(places, place, reusable, now);
        }
    }

    private void cleaned(Places places, Place place, boolean reusable, long now) {
        if (!reusable) {
            transitions.retire(places.slot, now);
        }
        free(places, place, place.endedIn, now);
    }

    /** The connection takes so many leases from now on. */
    void capacity(Places places, int capacity, long now) {
        boolean more = capacity > places.capacity && capacity > places.taken();
        sharedTransitions.capacity(places, capacity, now);
        if (more) {
            places.slot.freeSince = counters.events;
            dispatch.serve(places.slot.home, now);
        }
    }

    private void free(Places places, Place place, long freeSince, long now) {
        sharedTransitions.free(places, place);
        Slot slot = places.slot;
        CloseReason reason = places.taken() == 0 ? closeReason(places, now) : null;
        if (reason != null) {
            transitions.end(slot, reason, now);
            return;
        }
        slot.freeSince = freeSince;
        dispatch.serve(slot.home, now);
        if (slot.state == State.LEASED && places.taken() == 0) {
            parkOrEnd(slot, places, now);
        }
    }

    private void parkOrEnd(Slot slot, Places places, long now) {
        if (slot.retired) {
            transitions.end(slot, CloseReason.RETIRED, now);
        } else if (shutdown.hasBegun()) {
            transitions.end(slot, CloseReason.MANAGER_CLOSED, now);
        } else {
            transitions.parkShared(slot, places, now);
        }
    }

    /** Why a slot whose last lease has ended ends as well; null if it does not. */
    private @Nullable CloseReason closeReason(Places places, long now) {
        Slot slot = places.slot;
        if (admission.isSurplus(slot.home) || admission.isSurplus() || slot.retired) {
            return CloseReason.RETIRED;
        } else if (slot.isTooOld(now)) {
            return CloseReason.LIFETIME;
        }
        return places.yields ? CloseReason.EVICTED : null;
    }

    // ---- time

    /** A deadline of a shared slot has passed. Of several that have, the earliest comes first. */
    void expire(Places places, long now) {
        Slot slot = places.slot;
        long due = slot.key();
        if (slot.state == State.IDLE) {
            CloseReason unused = places.capacity == 0 ? CloseReason.NO_ROOM : CloseReason.IDLE_TIMEOUT;
            transitions.end(slot, slot.isTooOld(now) ? CloseReason.LIFETIME : unused, now);
        } else if (sharedTransitions.cleanupDeadline(places) <= due) {
            cleanupOverdue(places, now);
        } else if (sharedTransitions.reportDeadline(places) <= due) {
            report(places);
        } else if (slot.retired) {
            lookAtLingering(places, now);
        } else if (places.yields) {
            windowOver(places, now);
        } else {
            sharedTransitions.startYielding(places, true, now);
        }
    }

    private void cleanupOverdue(Places places, long now) {
        Place oldest = places.ending.first();
        if (oldest != null) {
            cleaned(places, oldest, false, now);
        }
    }

    private void report(Places places) {
        Place oldest = places.firstUnreported();
        if (oldest != null) {
            sharedTransitions.reported(places, oldest);
            out.accept(new Effect.HeldTooLong(places.slot, oldest.lease));
        }
    }

    /** The slot has been retired for long: it is reported, or ended under its holders, if it keeps waiters out. */
    private void lookAtLingering(Places places, long now) {
        Slot slot = places.slot;
        boolean keepsOwnOut = admission.isKeptOut(slot.home);
        if (keepsOwnOut && sharedTransitions.lingerReport(places) <= now) {
            places.lingerReported = true;
            out.accept(new Effect.Lingers(slot, places.held.size()));
        }
        if ((keepsOwnOut || admission.isShort()) && sharedTransitions.lingerEnd(places) <= now) {
            transitions.end(slot, CloseReason.RETIRED, now);
        } else {
            sharedTransitions.lookedAtLingering(places, now);
        }
    }

    private void windowOver(Places places, long now) {
        if (yieldRules.stopsAfterWindow(places)) {
            sharedTransitions.rest(places, now);
            serveAgain(places, now);
        } else {
            sharedTransitions.windowOver(places);
        }
    }

    /**
     * Takes back one yield that nothing justifies any more, and has the room that it brings served.
     *
     * @return the endpoint; null if there is no such yield
     */
    @Nullable
    EndpointState takeBack(long now) {
        Places unjustified = yieldRules.nextToTakeBack(now);
        if (unjustified == null) {
            return null;
        }
        if (unjustified.yieldsForAge) {
            sharedTransitions.rest(unjustified, now);
        } else {
            sharedTransitions.stopYielding(unjustified, now);
        }
        serveAgain(unjustified, now);
        return unjustified.slot.home;
    }

    private void serveAgain(Places places, long now) {
        places.slot.freeSince = counters.events;
        dispatch.serve(places.slot.home, now);
    }
}
