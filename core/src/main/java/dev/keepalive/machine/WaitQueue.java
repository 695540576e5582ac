package dev.keepalive.machine;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The waiters of one endpoint, oldest first. The covered waiters, for whom slots are coming, are the oldest; a cursor
 * stands at the first uncovered one. Another one stands at the first ordinary waiter, which takes any connection: a
 * used connection serves that, a new one serves the first of all. A third one stands at the first impatient waiter,
 * which fails when the endpoint is paused. A queue with uncovered waiters for whom slots may be opened is among the
 * openable ones. An endpoint has a queue only while an acquire waits.
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
    private @Nullable Waiter firstOrdinary;
    private int ordinary;
    private @Nullable Waiter firstImpatient;

    /** True if the first waiter wants a fresh connection and no dial is under way, so that the next dial is for it. */
    private boolean firstNeedsDial;

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

    /** The oldest waiter that takes any connection; null if there is none. */
    @Nullable
    Waiter firstOrdinary() {
        return firstOrdinary;
    }

    /** The oldest waiter that fails when the endpoint is paused; null if there is none. */
    @Nullable
    Waiter firstImpatient() {
        return firstImpatient;
    }

    /** The number of waiters that take any connection. */
    int ordinary() {
        return ordinary;
    }

    /** The waiter for which the next slot is opened; null if none is uncovered. */
    @Nullable
    Waiter nextToOpenFor() {
        return firstNeedsDial ? first() : firstUncovered;
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
        if (!waiter.fresh) {
            ordinary++;
            firstOrdinary = firstOrdinary == null ? waiter : firstOrdinary;
        }
        if (!waiter.patient && firstImpatient == null) {
            firstImpatient = waiter;
        }
    }

    void leave(Waiter waiter) {
        if (covers(waiter)) {
            covered--;
        } else if (waiter == firstUncovered) {
            firstUncovered = after(waiter);
        }
        ordinary -= waiter.fresh ? 0 : 1;
        if (waiter == firstOrdinary) {
            firstOrdinary = next(waiter, any -> !any.fresh);
        }
        if (waiter == firstImpatient) {
            firstImpatient = next(waiter, any -> !any.patient);
        }
        remove(waiter);
        waiter.home = null;
    }

    /** The next waiter of this kind. A cursor only moves forward, so it passes each waiter of another kind once. */
    private @Nullable Waiter next(Waiter waiter, Predicate<Waiter> kind) {
        Waiter next = after(waiter);
        while (next != null && !kind.test(next)) {
            next = after(next);
        }
        return next;
    }

    /**
     * Moves the cursor so that as many waiters are covered as slots are coming. It takes at most one or two steps per
     * event, or as many as a dial serves. A slot that is being reset is coming for an ordinary waiter only.
     *
     * @param byDials how many waiters the dials cover
     */
    void cover(int dials, int byDials, int resets) {
        Waiter first = first();
        firstNeedsDial = dials == 0 && first != null && first.fresh;
        cover(byDials + Math.min(resets, ordinary));
    }

    private void cover(int coming) {
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

    /** Fixes the key before the queue is added to the openable ones: the age of the waiter it would open for. */
    void fixKey() {
        Waiter next = nextToOpenFor();
        key = next == null ? Long.MAX_VALUE : next.sequence;
    }

    /** True if the place of the queue among the openable ones is still right. */
    boolean isKeyCurrent() {
        Waiter next = nextToOpenFor();
        return next != null && key == next.sequence;
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
