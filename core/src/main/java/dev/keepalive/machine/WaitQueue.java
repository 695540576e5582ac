package dev.keepalive.machine;

import org.jspecify.annotations.Nullable;

/**
 * The waiters of one endpoint, oldest first. The covered ones, for whom slots are coming, are the oldest: a cursor
 * stands at the first of the others. A line with uncovered waiters that may have slots opened for them has its place
 * among the openable ones. An endpoint has a line while anybody waits.
 */
final class WaitQueue extends IntrusiveList<Waiter> implements IndexedHeap.Entry {
    final EndpointState home;

    /**
     * How many slots may be opened for its uncovered waiters; the line is among the openable ones while this is not
     * zero.
     */
    int wanted;

    /** Since when the total limit has kept its uncovered waiters out without letting it open anything. */
    long keptOutSince;

    private @Nullable Waiter firstUncovered;
    private int covered;
    private long key;
    private int heapIndex = IndexedHeap.ABSENT;

    WaitQueue(EndpointState home) {
        this.home = home;
    }

    @Nullable
    Waiter firstUncovered() {
        return firstUncovered;
    }

    int uncovered() {
        return size() - covered;
    }

    /** True if a slot is coming for this waiter of the line. */
    boolean covers(Waiter waiter) {
        return firstUncovered == null || waiter.sequence < firstUncovered.sequence;
    }

    void join(Waiter waiter) {
        addLast(waiter);
        waiter.home = home;
        if (firstUncovered == null) {
            firstUncovered = waiter;
        }
    }

    void leave(Waiter waiter) {
        if (covers(waiter)) {
            covered--;
        } else if (waiter == firstUncovered) {
            firstUncovered = after(waiter);
        }
        remove(waiter);
        waiter.home = null;
    }

    /** Moves the cursor so that as many waiters are covered as slots are coming: at most a step or two per event. */
    void cover(int coming) {
        while (covered < coming && firstUncovered != null) {
            covered++;
            firstUncovered = after(firstUncovered);
        }
        while (covered > coming) {
            firstUncovered = firstUncovered == null ? last() : before(firstUncovered);
            if (firstUncovered == null) {
                throw new IllegalStateException("fewer waiters than covered ones");
            }
            covered--;
        }
    }

    // ---- its place among the openable lines

    /** Fixes the key before the line goes among the openable ones: the age of its first uncovered waiter. */
    void fixKey() {
        key = firstUncovered == null ? Long.MAX_VALUE : firstUncovered.sequence;
    }

    /** True if the line's place among the openable ones is still right. */
    boolean isKeyCurrent() {
        return firstUncovered != null && key == firstUncovered.sequence;
    }

    @Override
    public long key() {
        return key;
    }

    @Override
    public int heapIndex() {
        return heapIndex;
    }

    @Override
    public void heapIndex(int index) {
        heapIndex = index;
    }
}
