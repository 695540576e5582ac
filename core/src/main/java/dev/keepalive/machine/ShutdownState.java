package dev.keepalive.machine;

import dev.keepalive.machine.Slot.State;

/** Whether the machine is coming to its end, and how: by a drain, which has a deadline, or at once. */
final class ShutdownState implements IndexedHeap.Entry {
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Counters counters;
    private final Evictions evictions;
    private final BackOff backOff;
    private boolean begun;
    private boolean anyCutShort;
    private boolean finished;
    private long deadline = Long.MAX_VALUE;
    private int heapIndex = IndexedHeap.ABSENT;

    ShutdownState(IndexedHeap<IndexedHeap.Entry> deadlines, Counters counters, Evictions evictions, BackOff backOff) {
        this.deadlines = deadlines;
        this.counters = counters;
        this.evictions = evictions;
        this.backOff = backOff;
    }

    /** True from the first drain or shutdown on: nobody is let in any more. */
    boolean hasBegun() {
        return begun;
    }

    /** True if nobody's waiting and nobody's lease was cut short. */
    boolean isClean() {
        return !anyCutShort;
    }

    /** Begins a drain, or moves the deadline of one to an earlier time. What is idle ends now. */
    void drain(long by, Settlement settlement, long now) {
        begun = true;
        if (by < deadline && !finished) {
            deadlines.remove(this);
            deadline = by;
            deadlines.add(this);
        }
        settlement.forAll(evictions::endIdle, now);
        if (by <= now) {
            cutShort(settlement, now);
        }
    }

    /** Ends everything, now. */
    void cutShort(Settlement settlement, long now) {
        // What somebody has helped himself to is leased: to end it is to cut it short.
        settlement.forAll(evictions::endIdle, now);
        begun = true;
        anyCutShort |= counters.waiting + counters.count(State.LEASED) > 0;
        deadlines.remove(this);
        deadline = Long.MIN_VALUE;
        settlement.forAll(
                (endpoint, when) -> {
                    evictions.endAll(endpoint, when);
                    backOff.forget(endpoint);
                },
                now);
    }

    /** True once: when nothing is held any more but what the connector owes. */
    boolean finishIfEmpty(int held, int waiting) {
        boolean first = begun && !finished && held == 0 && waiting == 0;
        if (first) {
            finished = true;
            deadlines.remove(this);
        }
        return first;
    }

    @Override
    public long key() {
        return deadline;
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
