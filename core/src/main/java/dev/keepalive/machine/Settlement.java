package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/**
 * What follows from a fact, once it is recorded: opens for whoever waits until nothing more may be opened, and has
 * others make way.
 */
final class Settlement {
    private final EndpointTable endpoints;
    private final Room room;
    private final Slots slots;
    private final Lines lines;
    private final Clearing clearing;
    private final Ending ending;

    Settlement(EndpointTable endpoints, Room room, Slots slots, Lines lines, Clearing clearing, Ending ending) {
        this.endpoints = endpoints;
        this.room = room;
        this.slots = slots;
        this.lines = lines;
        this.clearing = clearing;
        this.ending = ending;
    }

    /** Opens for whoever waits, the oldest first, as far as the limits allow. */
    void open(@Nullable EndpointState changed, long now, long event) {
        if (changed != null) {
            reconsider(changed, now);
        }
        for (Line next = room.next(); next != null; next = room.next()) {
            slots.open(next, now, event);
            next.keptOutSince = now;
            reconsider(next.home, now);
        }
    }

    /** Ends what makes way for who may not open yet. */
    void makeWay(long now) {
        for (Slot slot = room.whoMakesWay(); slot != null; slot = room.whoMakesWay()) {
            if (slot.state != State.IDLE) {
                slots.end(slot, CloseReason.EVICTED, now);
            } else if (!slots.wasUsed(slot)) {
                slots.endIdle(slot, CloseReason.EVICTED, now);
            }
            reconsider(slot.home, now);
        }
    }

    /** Draws the conclusions from a change at one endpoint, and forgets it if nothing is left of it. */
    void reconsider(EndpointState endpoint, long now) {
        clearing.notWaitedFor(endpoint, ending.hasBegun(), now);
        if (endpoint.isHopeless() && endpoint.health != null) {
            lines.failAll(endpoint, Fate.PAUSED, endpoint.health.lastFailed);
        }
        room.reconsider(endpoint, now);
        endpoints.forgetIfEmpty(endpoint);
    }

    /** Ends what is above the total limit and not in use. */
    void endSurplus(long now) {
        if (clearing.surplusInAll(endpoints.all(), now)) {
            endpoints.all().forEach(endpoint -> reconsider(endpoint, now));
        }
    }

    void forAll(Clearing.Deed deed, long now) {
        for (EndpointState endpoint : endpoints.all()) {
            deed.on(endpoint, now);
            reconsider(endpoint, now);
        }
    }
}
