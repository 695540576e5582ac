package dev.keepalive.machine;

import dev.keepalive.machine.Slot.State;

/**
 * The only way of a place of a shared slot from free to taken and back, and of a shared slot to yielding and back, with
 * the consequences for counts, deadlines and the choice among slots. Decides nothing.
 */
final class SharedTransitions {
    private static final long NEVER = Long.MAX_VALUE;

    private final MachineConfig config;
    private final Counters counters;
    private final IndexedHeap<IndexedHeap.Entry> deadlines;

    /** The slots of all endpoints that yield; the one that began last is last. */
    final IntrusiveList<Places> yielding = new IntrusiveList<>();

    private final SharedCounts now = new SharedCounts();

    SharedTransitions(MachineConfig config, Counters counters, IndexedHeap<IndexedHeap.Entry> deadlines) {
        this.config = config;
        this.counters = counters;
        this.deadlines = deadlines;
    }

    /** The slot's connection turned out to be shared. */
    void opened(Slot slot, int capacity, long time) {
        Places places = new Places(slot, capacity);
        places.restsUntil = after(time, config.yieldWindow());
        slot.share(places);
        if (slot.retired) {
            countRetired(places, time);
        }
    }

    /** A lease takes a place. The slot is leased then. */
    void take(Places places, long lease, long time) {
        places.slot.lease = lease;
        places.take(new Place(lease, counters.events, time));
        update(places);
    }

    /** The lease has ended, and its place is taken until it is cleaned up. */
    void end(Places places, Place place, long time) {
        places.end(place, counters.events, time);
        update(places);
    }

    void free(Places places, Place place) {
        places.free(place);
        update(places);
    }

    /** The connection takes so many leases from now on. */
    void capacity(Places places, int capacity, long time) {
        if (capacity == 0 && places.capacity > 0) {
            places.noRoomSince = time;
        }
        places.capacity = capacity;
        update(places);
    }

    void reported(Places places, Place place) {
        places.reported(place);
        update(places);
    }

    /** The slot is retired: it takes no new leases any more, and does not yield for others. */
    void retired(Places places, long time) {
        if (places.yields) {
            stopYielding(places, time);
        }
        countRetired(places, time);
        update(places);
    }

    private void countRetired(Places places, long time) {
        places.slot.home.shared().retired++;
        places.retiredAt = time;
        places.lingerDue = Math.min(lingerReport(places), lingerEnd(places));
    }

    /** When the retired slot is reported if it keeps waiters of its endpoint out. */
    long lingerReport(Places places) {
        return places.lingerReported ? NEVER : after(places.retiredAt, config.lingerReport());
    }

    /** When the retired slot is closed under its holders if it keeps waiters out. */
    long lingerEnd(Places places) {
        return after(places.retiredAt, config.lingerTimeout());
    }

    /** The retired slot was looked at: it is looked at again when more of its time has passed. */
    void lookedAtLingering(Places places, long time) {
        long next = Math.min(lingerReport(places), lingerEnd(places));
        places.lingerDue = next == NEVER ? NEVER : Math.max(next, after(time, config.patrol()));
        update(places);
    }

    /** The slot is being closed, or is gone: it has no places any more. */
    void closed(Slot slot, long time) {
        Places places = slot.places();
        if (places == null) {
            return;
        }
        if (places.yields) {
            stopYielding(places, time);
        }
        SharedSlots shared = slot.home.shared();
        shared.retired -= slot.retired ? 1 : 0;
        places.capacity = 0;
        shared.reconsider(places, places.counted.room);
        now.set(places.counted);
        SharedCounts nothing = new SharedCounts();
        shared.counts.change(now, nothing);
        counters.shared.change(now, nothing);
        places.counted.set(nothing);
        slot.share(null);
        slot.home.forgetEmptyShared();
    }

    // ---- yielding

    /** The slot takes no new leases, for others or for its age, until its window is over. */
    void startYielding(Places places, boolean forAge, long time) {
        boolean notForLong = places.window == 0 || time - places.yieldedUntil > config.maxYieldWindow();
        long doubled = places.window > config.maxYieldWindow() / 2 ? config.maxYieldWindow() : 2 * places.window;
        places.window = notForLong ? config.yieldWindow() : doubled;
        places.yields = true;
        places.yieldsForAge = forAge;
        places.yieldsUntil = after(time, places.window);
        places.slot.home.shared().yielding++;
        update(places);
        yielding.addLast(places);
    }

    /** The slot takes new leases again. */
    void stopYielding(Places places, long time) {
        yielding.remove(places);
        places.yields = false;
        places.yieldedUntil = time;
        places.slot.home.shared().yielding--;
        update(places);
    }

    /** The slot has yielded in vain: it takes new leases, and does not yield for as long as it has yielded. */
    void rest(Places places, long time) {
        places.tried = true;
        places.restsUntil = after(time, places.window);
        stopYielding(places, time);
    }

    /** The slot goes on yielding for its age after its window. It is looked at after each event from now on. */
    void windowOver(Places places) {
        places.yieldsUntil = NEVER;
        update(places);
    }

    // ---- what follows

    /** Brings everything that follows from the places of a slot up to date. The slot is idle or leased. */
    void update(Places places) {
        Slot slot = places.slot;
        SharedSlots shared = slot.home.shared();
        long roomBefore = places.counted.room;
        now.idle = slot.state == State.IDLE ? 1 : 0;
        now.leased = slot.state == State.LEASED ? 1 : 0;
        now.leases = places.held.size();
        now.room = places.room();
        now.leaving = slot.state == State.LEASED && (places.yields || slot.retired) ? 1 : 0;
        shared.counts.change(places.counted, now);
        counters.shared.change(places.counted, now);
        places.counted.set(now);
        shared.reconsider(places, roomBefore);
        setDeadline(places);
    }

    private void setDeadline(Places places) {
        Slot slot = places.slot;
        deadlines.remove(slot);
        long time = slot.state == State.IDLE ? idleDeadline(places) : leasedDeadline(places);
        if (time < NEVER) {
            slot.setDeadline(time);
            deadlines.add(slot);
        }
    }

    /** When an idle slot ends. */
    long idleDeadline(Places places) {
        long unused = places.capacity == 0
                ? after(Math.max(places.noRoomSince, places.slot.idleSince), config.cleanupTimeout())
                : after(places.slot.idleSince, config.idleTimeout());
        return Math.min(unused, places.slot.expiresAt);
    }

    private long leasedDeadline(Places places) {
        long next = Math.min(cleanupDeadline(places), reportDeadline(places));
        if (places.yields) {
            // A slot that yields for its age only, and longer than its window, is looked at after each event.
            return places.yieldsUntil == NEVER ? next : Math.min(next, places.yieldsUntil);
        }
        return Math.min(next, places.slot.retired ? places.lingerDue : ageDeadline(places));
    }

    /** When the oldest clean-up is over at the latest. */
    long cleanupDeadline(Places places) {
        Place first = places.ending.first();
        return first == null ? NEVER : after(first.endedAt, config.cleanupTimeout());
    }

    /** When the oldest lease that is not reported yet is held for too long. */
    long reportDeadline(Places places) {
        Place first = places.firstUnreported();
        return first == null ? NEVER : after(first.grantedAt, config.leakDetectionThreshold());
    }

    /** When a leased slot yields for its age. */
    static long ageDeadline(Places places) {
        return places.slot.expiresAt == NEVER ? NEVER : Math.max(places.slot.expiresAt, places.restsUntil);
    }

    private static long after(long time, long duration) {
        return duration < NEVER - time ? time + duration : NEVER;
    }
}
