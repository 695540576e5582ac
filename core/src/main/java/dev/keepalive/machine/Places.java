package dev.keepalive.machine;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places of one shared slot, and whether it takes new leases. A slot <em>yields</em> while it takes none for the
 * sake of others: then it becomes free after its present leases. As a node it is among the slots of its endpoint that
 * have room, or among all slots that yield.
 */
final class Places extends IntrusiveList.Node {
    final Slot slot;

    /** How many leases the connection takes at a time. It may be less than there are. */
    int capacity;

    /** Since when an idle slot has had no capacity. */
    long noRoomSince;

    /** The places of leases that have not ended, oldest first. */
    final IntrusiveList<Place> held = new IntrusiveList<>();

    /** The places of leases that have ended and are being cleaned up; the lease that ended first is first. */
    final IntrusiveList<Place> ending = new IntrusiveList<>();

    /** What the counts of the endpoint and of all say of this slot. */
    final SharedCounts counted = new SharedCounts();

    /** The list of slots with room that this slot is in; null if it has no room. */
    @Nullable
    IntrusiveList<Places> listWithRoom;

    /** The key of that list: how many places were taken. */
    int listKey;

    boolean yields;

    /** True if it yields only because of its age. */
    boolean yieldsForAge;

    /** When the present or last window ends: so long the slot yields at least for its age, and at most for others. */
    long yieldsUntil;

    /** How long the present or last window is; 0 before the first. */
    long window;

    /** When it last stopped to yield. */
    long yieldedUntil;

    /** Until when it does not yield. */
    long restsUntil;

    /** Since when the slot is retired; meaningless while it is not. */
    long retiredAt;

    /** When it is looked whether the retired slot keeps waiters out. */
    long lingerDue = Long.MAX_VALUE;

    /** True if it was reported that the retired slot keeps waiters out. */
    boolean lingerReported;

    /** True if it has yielded in vain in the present round of the endpoint's slots. */
    boolean tried;

    private final Map<Long, Place> byLease = new HashMap<>();
    private @Nullable Place firstUnreported;

    Places(Slot slot, int capacity) {
        this.slot = slot;
        this.capacity = capacity;
    }

    /** How many places are taken. */
    int taken() {
        return held.size() + ending.size();
    }

    /** True if the slot takes new leases as soon as a place is free. */
    boolean isUsable() {
        return capacity > 0 && !yields && !slot.retired;
    }

    /** How many leases could begin now. */
    int room() {
        return isUsable() ? Math.max(0, capacity - taken()) : 0;
    }

    /** The place of this lease; null if the lease was never granted, or its place is free again. */
    @Nullable
    Place of(long lease) {
        return byLease.get(lease);
    }

    /** The oldest held place whose lease is not reported yet; null if there is none. */
    @Nullable
    Place firstUnreported() {
        return firstUnreported;
    }

    /** Notes that the oldest lease that is not reported yet is reported now. */
    void reported(Place place) {
        firstUnreported = held.after(place);
    }

    void take(Place place) {
        byLease.put(place.lease, place);
        held.addLast(place);
        if (firstUnreported == null) {
            firstUnreported = place;
        }
    }

    /** The lease has ended, and has left something behind. */
    void end(Place place, long event, long now) {
        leaveHeld(place);
        place.ending = true;
        place.endedIn = event;
        place.endedAt = now;
        ending.addLast(place);
    }

    void free(Place place) {
        byLease.remove(place.lease);
        if (place.ending) {
            ending.remove(place);
        } else {
            leaveHeld(place);
        }
    }

    private void leaveHeld(Place place) {
        if (place == firstUnreported) {
            firstUnreported = held.after(place);
        }
        held.remove(place);
    }

    /** The event in which the oldest held lease was granted; {@link Long#MAX_VALUE} if no lease is held. */
    long oldestGrant() {
        Place oldest = held.first();
        return oldest == null ? Long.MAX_VALUE : oldest.grantedIn;
    }
}
