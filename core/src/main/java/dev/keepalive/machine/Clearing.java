package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/** Ends what may not stay at an endpoint, though nothing is wrong with it. */
final class Clearing {
    private final Room room;
    private final Slots slots;
    private final Lines lines;

    Clearing(Room room, Slots slots, Lines lines) {
        this.room = room;
        this.slots = slots;
        this.lines = lines;
    }

    /** Ends some of what an endpoint holds. */
    @FunctionalInterface
    interface Deed {
        void on(EndpointState endpoint, long now);
    }

    /** Ends what is above the endpoint's limit and not in use. */
    void surplus(EndpointState endpoint, long now) {
        for (Slot slot = free(endpoint); slot != null && room.isSurplus(endpoint); slot = free(endpoint)) {
            slots.end(slot, CloseReason.RETIRED, now);
        }
    }

    /** Ends what is above the total limit and not in use: all that is idle first, the least recently used of all endpoints before others. */
    void surplusInAll(EndpointState endpoint, long now) {
        for (Slot.Recency idle = room.idle.first(); idle != null && room.isSurplus(); idle = room.idle.first()) {
            slots.end(idle.slot, CloseReason.RETIRED, now);
        }
        for (Slot dial = endpoint.youngestDial(); dial != null && room.isSurplus(); dial = endpoint.youngestDial()) {
            slots.end(dial, CloseReason.RETIRED, now);
        }
    }

    /** Ends what is idle, and everything else after its present or first use. */
    void retired(EndpointState endpoint, long now) {
        for (Slot slot : endpoint.slots()) {
            slot.retired = true;
            if (slot.state == State.IDLE) {
                slots.end(slot, CloseReason.RETIRED, now);
            }
        }
    }

    /** Ends what is idle, because nobody may come any more. */
    void idle(EndpointState endpoint, long now) {
        for (Slot slot = endpoint.oldest(State.IDLE); slot != null; slot = endpoint.oldest(State.IDLE)) {
            slots.end(slot, CloseReason.MANAGER_CLOSED, now);
        }
    }

    /** Ends everything, and fails whoever waits. */
    void all(EndpointState endpoint, long now) {
        lines.failAll(endpoint, Fate.CLOSED, null);
        for (Slot slot : endpoint.slots()) {
            if (slot.state != State.CLOSING) {
                slots.end(slot, CloseReason.MANAGER_CLOSED, now);
            }
        }
    }

    /** Withdraws the asks that nobody waits for any more, and stops such dials too if nobody may come any more. */
    void notWaitedFor(EndpointState endpoint, boolean noNewcomers, long now) {
        for (Slot ask = endpoint.latest(State.ASKING);
                ask != null && endpoint.hasSurplusAsk();
                ask = endpoint.latest(State.ASKING)) {
            slots.end(ask, CloseReason.EVICTED, now);
        }
        for (Slot dial = endpoint.latest(State.DIALLING);
                noNewcomers && dial != null && endpoint.hasSurplusDial();
                dial = endpoint.latest(State.DIALLING)) {
            slots.end(dial, CloseReason.MANAGER_CLOSED, now);
        }
    }

    private static @Nullable Slot free(EndpointState endpoint) {
        Slot idle = endpoint.oldest(State.IDLE);
        return idle == null ? endpoint.youngestDial() : idle;
    }
}
