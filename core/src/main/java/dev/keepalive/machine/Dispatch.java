package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Origin;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The only place where a waiter meets a slot: leaving the line and becoming leased are one step. */
final class Dispatch {
    private final Room room;
    private final Slots slots;
    private final Lines lines;
    private final Books books;
    private final Ending ending;
    private final Consumer<Effect> out;

    Dispatch(Room room, Slots slots, Lines lines, Books books, Ending ending, Consumer<Effect> out) {
        this.room = room;
        this.slots = slots;
        this.lines = lines;
        this.books = books;
        this.ending = ending;
        this.out = out;
    }

    /**
     * Gives the endpoint's idle slots to its waiters, the oldest waiter and the latest slot first, or rather one on the
     * waiter's event loop.
     */
    void serve(EndpointState endpoint, long now) {
        for (Waiter waiter = endpoint.firstWaiter(); waiter != null; waiter = endpoint.firstWaiter()) {
            Slot slot = endpoint.idleFor(waiter);
            if (slot == null) {
                return;
            } else if (slots.take(slot, now)) {
                serve(endpoint, waiter, slot, now);
            }
        }
    }

    /** Gives a slot, which is the machine's, to a waiter, if there is still a connection in it. */
    private void serve(EndpointState endpoint, Waiter waiter, Slot slot, long now) {
        long lease = slots.said(slot.wire.claim());
        if (lease > 0) {
            serve(endpoint, waiter, slot, lease, now);
        } else {
            slots.end(slot, CloseReason.PEER_CLOSED, now);
        }
    }

    private void serve(EndpointState endpoint, Waiter waiter, Slot slot, long lease, long now) {
        Origin origin = slot.originFor(waiter);
        // First the effect: if this event fails, the waiter is found in its line or in an effect.
        out.accept(new Effect.Deliver(waiter, waiter.owner(Fate.SERVED), slot, lease, origin));
        lines.leave(endpoint, waiter);
        waiter.meets(Fate.SERVED);
        slots.lease(slot, lease, now);
        books.served(origin);
    }

    /** The slot's connection is free: it ends, or it is for the line, or for later. */
    void available(Slot slot, long now) {
        CloseReason ends = whyItEnds(slot, now);
        if (ends != null) {
            slots.end(slot, ends, now);
            return;
        }
        Waiter waiter = slot.home.firstWaiter();
        if (waiter == null) {
            slots.park(slot, now);
            slot.fresh = false;
            keep(slot, now);
        } else {
            serve(slot.home, waiter, slot, now);
        }
    }

    private void keep(Slot slot, long now) {
        if (slot.retired) {
            slots.end(slot, CloseReason.RETIRED, now);
        } else if (ending.hasBegun()) {
            slots.end(slot, CloseReason.MANAGER_CLOSED, now);
        } else if (slots.said(slot.wire.park(now) ? 1 : 0) == 0) {
            slots.end(slot, CloseReason.NOT_QUIET, now);
        }
    }

    /**
     * Why a slot ends though its connection is free and sound; null if it does not. A new connection serves its own
     * line at least once.
     */
    private @Nullable CloseReason whyItEnds(Slot slot, long now) {
        if (room.isSurplus(slot.home) || room.isSurplus()) {
            return CloseReason.RETIRED;
        } else if (slot.fresh) {
            return null;
        } else if (slot.retired) {
            return CloseReason.RETIRED;
        } else if (slot.isTooOld(now)) {
            return CloseReason.LIFETIME;
        }
        return room.mustMakeWay(slot.home, now) ? CloseReason.EVICTED : null;
    }
}
