package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/**
 * Draws the conclusions from an event, once it is recorded: opens slots for waiters until no more may be opened, and
 * makes other slots make way.
 */
final class SlotOpener {
    private final EndpointTable endpoints;
    private final Admission admission;
    private final SlotTransitions transitions;
    private final WaitQueues waitQueues;
    private final Retirements retirements;
    private final ShutdownState shutdown;

    SlotOpener(
            EndpointTable endpoints,
            Admission admission,
            SlotTransitions transitions,
            WaitQueues waitQueues,
            Retirements retirements,
            ShutdownState shutdown) {
        this.endpoints = endpoints;
        this.admission = admission;
        this.transitions = transitions;
        this.waitQueues = waitQueues;
        this.retirements = retirements;
        this.shutdown = shutdown;
    }

    /** Opens slots for waiters, the oldest first, as far as the limits allow. */
    void open(@Nullable EndpointState changed, long now, long event) {
        if (changed != null) {
            reconsider(changed, now);
        }
        for (WaitQueue next = admission.next(); next != null; next = admission.next()) {
            transitions.open(next, now, event);
            next.keptOutSince = now;
            reconsider(next.home, now);
        }
    }

    /**
     * Ends slots that make way for waiters whose endpoints may not open yet. The room of a slot is free when it is
     * gone; its part of the share of unproven endpoints is free at once, so another one of them may open.
     */
    void makeWay(long now, long event) {
        for (Slot slot = admission.nextToEvict(); slot != null; slot = admission.nextToEvict()) {
            if (slot.state != State.IDLE) {
                transitions.end(slot, CloseReason.EVICTED, now);
            } else if (!transitions.noteUse(slot)) {
                transitions.endIdle(slot, CloseReason.EVICTED, now);
            }
            reconsider(slot.home, now);
        }
        open(null, now, event);
    }

    /** Draws the conclusions from a change at one endpoint, and forgets the endpoint if nothing is left of it. */
    void reconsider(EndpointState endpoint, long now) {
        retirements.endUnneeded(endpoint, shutdown.hasBegun(), now);
        BackOff.DialHealth health = endpoint.health();
        if (endpoint.isPausedWithNothingToRelease() && health != null) {
            waitQueues.failImpatient(endpoint, health.lastFailed);
        }
        retirements.makeRoomForFresh(endpoint, now);
        admission.reconsider(endpoint, now);
        endpoints.forgetIfEmpty(endpoint);
    }

    /** Ends slots above the total limit, as far as they are not in use. */
    void endSurplus(long now) {
        if (retirements.endSurplusInAll(endpoints.all(), now)) {
            reconsiderAll(now);
        }
    }

    /** Draws the conclusions from a change at every endpoint. */
    void reconsiderAll(long now) {
        endpoints.all().forEach(endpoint -> reconsider(endpoint, now));
    }

    void forAll(Retirements.EndpointAction action, long now) {
        for (EndpointState endpoint : endpoints.all()) {
            action.on(endpoint, now);
            reconsider(endpoint, now);
        }
    }
}
