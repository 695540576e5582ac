package dev.keepalive.machine;

import org.jspecify.annotations.Nullable;

/**
 * Slots of all endpoints, the least recently added first: of idle slots, that is the least recently used one, as far as
 * the machine knows. It has links of its own, since each slot is also in a list of its endpoint.
 */
final class LruList extends IntrusiveList<Slot> {
    @Override
    @Nullable
    Slot before(Slot slot) {
        return slot.earlier;
    }

    @Override
    @Nullable
    Slot after(Slot slot) {
        return slot.later;
    }

    @Override
    void linkBefore(Slot slot, @Nullable Slot before) {
        slot.earlier = before;
    }

    @Override
    void linkAfter(Slot slot, @Nullable Slot after) {
        slot.later = after;
    }
}
