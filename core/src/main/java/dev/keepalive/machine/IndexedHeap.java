package dev.keepalive.machine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A binary heap with the least key first. Each entry knows its index, so any entry can be removed in logarithmic time.
 */
final class IndexedHeap<E extends IndexedHeap.Entry> {
    static final int ABSENT = -1;

    private final List<E> entries = new ArrayList<>();

    /** An element of at most one heap at a time. Its key must not change while it is in the heap. */
    interface Entry {
        long key();

        int heapIndex();

        void heapIndex(int index);
    }

    @Nullable
    E least() {
        return entries.isEmpty() ? null : entries.get(0);
    }

    int size() {
        return entries.size();
    }

    /** A copy of all entries, in no particular order. */
    List<E> entries() {
        return List.copyOf(entries);
    }

    boolean contains(E entry) {
        return entry.heapIndex() != ABSENT;
    }

    void add(E entry) {
        if (contains(entry)) {
            throw new IllegalStateException("already in a heap");
        }
        entries.add(entry);
        up(entry, entries.size() - 1);
    }

    /** Removes the entry. Does nothing if it is not in the heap. */
    void remove(E entry) {
        int index = entry.heapIndex();
        if (index == ABSENT) {
            return;
        }
        E moved = entries.remove(entries.size() - 1);
        entry.heapIndex(ABSENT);
        if (index < entries.size()) {
            up(moved, index);
            down(moved, moved.heapIndex());
        }
    }

    /** True if every entry knows its index, and no key is less than the key of its parent. */
    boolean isSound() {
        for (int index = 0; index < entries.size(); index++) {
            E entry = entries.get(index);
            if (entry.heapIndex() != index
                    || entry.key() < entries.get((index - 1) / 2).key()) {
                return false;
            }
        }
        return true;
    }

    private void up(E entry, int from) {
        int index = from;
        while (index > 0) {
            E parent = entries.get((index - 1) / 2);
            if (parent.key() <= entry.key()) {
                break;
            }
            place(parent, index);
            index = (index - 1) / 2;
        }
        place(entry, index);
    }

    private void down(E entry, int from) {
        int index = from;
        for (int child = 2 * index + 1; child < entries.size(); child = 2 * index + 1) {
            if (child + 1 < entries.size()
                    && entries.get(child + 1).key() < entries.get(child).key()) {
                child++;
            }
            if (entries.get(child).key() >= entry.key()) {
                break;
            }
            place(entries.get(child), index);
            index = child;
        }
        place(entry, index);
    }

    private void place(E entry, int index) {
        entries.set(index, entry);
        entry.heapIndex(index);
    }
}
