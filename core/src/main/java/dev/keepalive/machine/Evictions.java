package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Ends what may not stay at an endpoint, though nothing is wrong with it. */
final class Evictions {
    private final Admission admission;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;

    Evictions(Admission admission, SlotTransitions transitions, WaitQueues waitQueues) {
        this.admission = admission;
        this.transitions = transitions;
        this.waitQueues = waitQueues;
    }

    /** Ends some of what an endpoint holds. */
    @FunctionalInterface
    interface EndpointAction {
        void on(EndpointState endpoint, long now);
    }

    /** Ends what is above the endpoint's limit and not in use. */
    void endSurplus(EndpointState endpoint, long now) {
        for (Slot slot = free(endpoint); slot != null && admission.isSurplus(endpoint); slot = free(endpoint)) {
            end(slot, CloseReason.RETIRED, now);
        }
    }

    /**
     * Ends what is above the total limit and not in use: what is idle first, the least recently used of all endpoints,
     * then what is being opened, the youngest of all endpoints.
     *
     * @return true if anything is not opened any more, so that those who waited for it are to be reconsidered
     */
    boolean endSurplusInAll(Collection<EndpointState> endpoints, long now) {
        for (Slot idle = admission.idle.first(); idle != null && admission.isSurplus(); idle = admission.idle.first()) {
            transitions.endIdle(idle, CloseReason.RETIRED, now);
        }
        if (!admission.isSurplus()) {
            return false;
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

    /** Ends what is idle, and everything else after its present or first use. */
    void retire(EndpointState endpoint, long now) {
        endpoint.slots().forEach(slot -> retire(slot, now));
    }

    /** Ends a slot if it is idle, and after its present or first use if it is not. */
    void retire(Slot slot, long now) {
        slot.retired = true;
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

    /** Ends what is idle, because nobody may come any more. */
    void endIdle(EndpointState endpoint, long now) {
        for (Slot slot = endpoint.oldest(State.IDLE); slot != null; slot = endpoint.oldest(State.IDLE)) {
            transitions.endIdle(slot, CloseReason.MANAGER_CLOSED, now);
        }
    }

    /** Ends everything, what is idle having ended before, and fails whoever waits. */
    void endAll(EndpointState endpoint, long now) {
        waitQueues.failAll(endpoint, AcquireOutcome.CLOSED, null);
        for (Slot slot : endpoint.slots()) {
            if (slot.state != State.CLOSING) {
                transitions.end(slot, CloseReason.MANAGER_CLOSED, now);
            }
        }
    }

    /**
     * Withdraws the asks that nobody waits for any more, all while nothing may be dialled, and stops such dials too if
     * nobody may come any more.
     */
    void endUnneeded(EndpointState endpoint, boolean noNewcomers, long now) {
        for (Slot ask = endpoint.latest(State.AWAITING_PERMIT);
                ask != null && (endpoint.hasSurplusPermitRequest() || endpoint.isPaused());
                ask = endpoint.latest(State.AWAITING_PERMIT)) {
            transitions.end(ask, CloseReason.EVICTED, now);
        }
        for (Slot dial = endpoint.latest(State.DIALING);
                noNewcomers && dial != null && endpoint.hasSurplusDial();
                dial = endpoint.latest(State.DIALING)) {
            transitions.end(dial, CloseReason.MANAGER_CLOSED, now);
        }
    }

    private static @Nullable Slot free(EndpointState endpoint) {
        Slot idle = endpoint.oldest(State.IDLE);
        return idle == null ? endpoint.youngestDial() : idle;
    }
}
