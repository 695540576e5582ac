package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends the slots of an endpoint that may not stay, though nothing is wrong with them. */
final class Retirements {
    private final Admission admission;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;

    Retirements(Admission admission, SlotTransitions transitions, WaitQueues waitQueues) {
        this.admission = admission;
        this.transitions = transitions;
        this.waitQueues = waitQueues;
    }

    /** Ends some slots of an endpoint. */
    @FunctionalInterface
    interface EndpointAction {
        void on(EndpointState endpoint, long now);
    }

    /** Ends slots above the endpoint's limit, as far as they are not in use. */
    void endSurplus(EndpointState endpoint, long now) {
        for (Slot slot = free(endpoint); slot != null && admission.isSurplus(endpoint); slot = free(endpoint)) {
            end(slot, CloseReason.RETIRED, now);
        }
    }

    /**
     * Ends slots above the total limit, as far as they are not in use. Idle slots come first, least recently used over
     * all endpoints, then dials, youngest first over all endpoints.
     *
     * @return true if slots have ended that waiters may have waited for, so that every endpoint must be reconsidered
     */
    boolean endSurplusInAll(Collection<EndpointState> endpoints, long now) {
        boolean anyWaitedFor = false;
        for (Slot idle = admission.idle.first(); idle != null && admission.isSurplus(); idle = admission.idle.first()) {
            // Waiters wait beside an idle slot only if it is shared, and has no room now.
            anyWaitedFor |= idle.isShared();
            transitions.endIdle(idle, CloseReason.RETIRED, now);
        }
        if (!admission.isSurplus()) {
            return anyWaitedFor;
        }
        List<Slot> dials = new ArrayList<>();
        endpoints.forEach(endpoint -> dials.addAll(endpoint.slots()));
        dials.removeIf(slot -> slot.state != State.AWAITING_PERMIT && slot.state != State.DIALING);
        dials.sort(Comparator.comparingLong(Slot::number).reversed());
        for (Slot dial : dials) {
            if (admission.isSurplus()) {
                transitions.end(dial, CloseReason.RETIRED, now);
            }
        }
        return true;
    }

    /** Ends each idle slot now, and each other slot after its present or first use. */
    void retire(EndpointState endpoint, long now) {
        endpoint.slots().forEach(slot -> retire(slot, now));
    }

    /** Ends a slot now if it is idle, else after its present or first use. */
    void retire(Slot slot, long now) {
        transitions.retire(slot, now);
        if (slot.state == State.IDLE) {
            transitions.endIdle(slot, CloseReason.RETIRED, now);
        }
    }

    private void end(Slot slot, CloseReason reason, long now) {
        if (slot.state == State.IDLE) {
            transitions.endIdle(slot, reason, now);
        } else {
            transitions.end(slot, reason, now);
        }
    }

    /** Ends the idle slots, because no new acquire is let in. */
    void endIdle(EndpointState endpoint, long now) {
        for (Slot slot = endpoint.oldest(State.IDLE); slot != null; slot = endpoint.oldest(State.IDLE)) {
            transitions.endIdle(slot, CloseReason.MANAGER_CLOSED, now);
        }
    }

    /** Fails all waiters and ends all slots. Idle slots have been ended before. */
    void endAll(EndpointState endpoint, long now) {
        waitQueues.failAll(endpoint, AcquireOutcome.CLOSED, null);
        for (Slot slot : endpoint.slots()) {
            if (slot.state != State.CLOSING) {
                transitions.end(slot, CloseReason.MANAGER_CLOSED, now);
            }
        }
    }

    /**
     * Cancels permit requests that no waiter needs, all of them while the endpoint is paused. If no new acquires are
     * let in, also stops dials that no waiter needs.
     */
    void endUnneeded(EndpointState endpoint, boolean noNewAcquires, long now) {
        for (Slot request = endpoint.latest(State.AWAITING_PERMIT);
                request != null && (endpoint.hasSurplusPermitRequest() || endpoint.isPaused());
                request = endpoint.latest(State.AWAITING_PERMIT)) {
            transitions.end(request, CloseReason.EVICTED, now);
        }
        for (Slot dial = endpoint.latest(State.DIALING);
                noNewAcquires && dial != null && endpoint.hasSurplusDial();
                dial = endpoint.latest(State.DIALING)) {
            transitions.end(dial, CloseReason.MANAGER_CLOSED, now);
        }
    }

    /** Ends idle slots whose room a waiter of the same endpoint needs for a fresh connection, and no more of them. */
    void makeRoomForFresh(EndpointState endpoint, long now) {
        for (Slot idle = endpoint.oldest(State.IDLE);
                idle != null && admission.lacksRoomForFresh(endpoint);
                idle = endpoint.oldest(State.IDLE)) {
            transitions.endIdle(idle, CloseReason.EVICTED, now);
        }
    }

    private static @Nullable Slot free(EndpointState endpoint) {
        Slot idle = endpoint.oldest(State.IDLE);
        return idle == null ? endpoint.youngestDial() : idle;
    }
}
