package dev.keepalive.machine;

import org.jspecify.annotations.Nullable;

/**
 * Decides which shared slots yield, and until when. A shared slot that is renewed lease by lease is never free. So it
 * takes no new leases for a while: when a limit was lowered, when another endpoint's waiters or the budget are kept
 * waiting, when a waiter wants a fresh connection, or when it is too old. A yield can be taken back, has a window, and
 * goes round: without one of these three, some waiter might wait for ever.
 */
final class YieldRules {
    private final Admission admission;
    private final SharedTransitions transitions;

    YieldRules(Admission admission, SharedTransitions transitions) {
        this.admission = admission;
        this.transitions = transitions;
    }

    // ---- who begins

    /**
     * The slot of the endpoint that yields next, before the endpoint's waiters are served; null if none has to, or if
     * each that could rests.
     */
    @Nullable
    Places next(EndpointState endpoint, long now) {
        SharedSlots shared = endpoint.sharedOrNull();
        return shared != null && isOwed(endpoint, shared.yielding, yieldingInAll(), now) ? choose(endpoint, now) : null;
    }

    private int yieldingInAll() {
        return transitions.yielding.size();
    }

    /**
     * Of the slots that do not rest and were not tried in this round, the one that will be free first: whose oldest
     * lease is the youngest. If all were tried, a new round begins.
     */
    private static @Nullable Places choose(EndpointState endpoint, long now) {
        Places best = null;
        Places bestTried = null;
        for (Slot slot : endpoint.sharedSlots()) {
            Places places = slot.places();
            if (places == null || !places.isUsable() || now < places.restsUntil) {
                continue;
            } else if (places.tried) {
                bestTried = better(places, bestTried);
            } else {
                best = better(places, best);
            }
        }
        if (best == null && bestTried != null) {
            endpoint.sharedSlots().forEach(YieldRules::forgetTrial);
        }
        return best == null ? bestTried : best;
    }

    private static void forgetTrial(Slot slot) {
        Places places = slot.places();
        if (places != null) {
            places.tried = false;
        }
    }

    private static Places better(Places one, @Nullable Places other) {
        if (other == null || one.oldestGrant() != other.oldestGrant()) {
            return other == null || one.oldestGrant() > other.oldestGrant() ? one : other;
        } else if (one.taken() != other.taken()) {
            return one.taken() < other.taken() ? one : other;
        }
        return one.slot.number() > other.slot.number() ? one : other;
    }

    // ---- who stops

    /** The slot whose yield nothing justifies any more, the one that began last first; null if there is none. */
    @Nullable
    Places nextToTakeBack(long now) {
        Places candidate = transitions.yielding.last();
        while (candidate != null && isJustified(candidate, now)) {
            candidate = transitions.yielding.before(candidate);
        }
        return candidate;
    }

    private boolean isJustified(Places places, long now) {
        EndpointState endpoint = places.slot.home;
        if (places.yieldsForAge) {
            return places.yieldsUntil < Long.MAX_VALUE || !isMissed(endpoint);
        }
        int others = endpoint.shared().yielding - 1;
        return places.slot.isTooOld(now) || isOwed(endpoint, others, yieldingInAll() - 1, now);
    }

    /** The window of a slot is over. @return true if it stops to yield; else it goes on, since it is missed by none */
    boolean stopsAfterWindow(Places places) {
        return !places.yieldsForAge || isMissed(places.slot.home);
    }

    /** True if the endpoint's waiters have no other connection to hope for than those that yield for their age. */
    private static boolean isMissed(EndpointState endpoint) {
        return endpoint.ordinary() > 0 && endpoint.coming() == 0 && !endpoint.hasUsable();
    }

    // ---- what justifies a yield

    /**
     * True if one more of the endpoint's slots must yield.
     *
     * @param yielding how many of them do
     * @param yieldingInAll how many slots of all endpoints do
     */
    private boolean isOwed(EndpointState endpoint, int yielding, int yieldingInAll, long now) {
        return admission.isSurplus(endpoint, yielding)
                || admission.isSurplus(yieldingInAll)
                || admission.keepsOthersOut(endpoint, yieldingInAll, now)
                || yieldingInAll == 0 && admission.isOverdueToBudget(now)
                || yielding == 0 && admission.isKeptFromFresh(endpoint);
    }
}
