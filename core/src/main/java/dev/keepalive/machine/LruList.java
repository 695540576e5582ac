package dev.keepalive.machine;

import org.jspecify.annotations.Nullable;

/**
 * A chain of slots of all endpoints, the one that came first in front. It has links of its own: each slot is in a chain
 * of its endpoint as well.
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
