package dev.keepalive.machine;

import org.jspecify.annotations.Nullable;

/**
 * The waiters of one endpoint, oldest first. The covered waiters, for whom slots are coming, are the oldest; a cursor
 * stands at the first uncovered one. A queue with uncovered waiters for whom slots may be opened is among the openable
 * ones. An endpoint has a queue only while an acquire waits.
 */
final class WaitQueue extends IntrusiveList<Waiter> implements IndexedHeap.Entry {
    final EndpointState home;

    /**
     * How many slots may be opened for the uncovered waiters. The queue is among the openable ones while this is not
     * zero.
     */
    int wanted;

    /** Since when the total limit has kept the uncovered waiters out, without a slot opened for one of them. */
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

    /** True if a slot is coming for this waiter of the queue. */
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

    /**
     * Moves the cursor so that as many waiters are covered as slots are coming. It takes at most one or two steps per
     * event.
     */
    void cover(int coming) {
        while (covered < coming && firstUncovered != null) {
            covered++;
            firstUncovered = after(firstUncovered);
        }
        while (covered > coming) {
            firstUncovered = firstUncovered == null ? last() : before(firstUncovered);
            if (firstUncovered == null) {
                throw new IllegalStateException("more waiters covered than there are");
            }
            covered--;
        }
    }

    // ---- its place among the openable queues

    /** Fixes the key before the queue is added to the openable ones: the age of its first uncovered waiter. */
    void fixKey() {
        key = firstUncovered == null ? Long.MAX_VALUE : firstUncovered.sequence;
    }

    /** True if the place of the queue among the openable ones is still right. */
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
