package dev.keepalive.machine;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an endpoint knows of its shared slots. It exists only for an endpoint that has one, or a leased slot that is
 * leaving.
 */
final class SharedSlots {
    /** How many slots are searched for one on a waiter's event loop. */
    private static final int MOST_LOOKED_AT = 32;

    final SharedCounts counts = new SharedCounts();

    /** How many of the slots yield. */
    int yielding;

    /** How many of the slots are retired. */
    int retired;

    /** The slots with room, by the number of places taken; of each list, the slot that changed last is last. */
    private final TreeMap<Integer, IntrusiveList<Places>> withRoom = new TreeMap<>();

    /**
     * Brings the place of a slot among those with room up to date. A slot that has changed becomes the latest.
     *
     * @param roomBefore how much room it had when it was put there
     */
    void reconsider(Places places, long roomBefore) {
        boolean listed = places.listWithRoom != null;
        if (listed && places.listKey == places.taken() && places.room() == roomBefore) {
            return;
        }
        leave(places);
        if (places.room() > 0) {
            IntrusiveList<Places> list = withRoom.computeIfAbsent(places.taken(), taken -> new IntrusiveList<>());
            list.addLast(places);
            places.listWithRoom = list;
            places.listKey = places.taken();
        }
    }

    private void leave(Places places) {
        IntrusiveList<Places> list = places.listWithRoom;
        if (list != null) {
            list.remove(places);
            places.listWithRoom = null;
            if (list.isEmpty()) {
                withRoom.remove(places.listKey);
            }
        }
    }

    /**
     * The slot for this waiter: the fullest that has room. Of several, the latest one on the waiter's event loop, if
     * one of the latest few is, else the latest one; null if none has room.
     */
    @Nullable
    Places roomFor(Waiter waiter) {
        Map.Entry<Integer, IntrusiveList<Places>> fullest = withRoom.lastEntry();
        if (fullest == null) {
            return null;
        }
        IntrusiveList<Places> list = fullest.getValue();
        Places candidate = waiter.loop() == 0 ? null : list.last();
        for (int seen = 1; candidate != null && candidate.slot.loop() != waiter.loop(); seen++) {
            candidate = seen < MOST_LOOKED_AT ? list.before(candidate) : null;
        }
        return candidate == null ? list.last() : candidate;
    }

    /** True if nothing is left to be known. */
    boolean isEmpty() {
        return counts.idle + counts.leased + counts.leaving == 0;
    }
}
