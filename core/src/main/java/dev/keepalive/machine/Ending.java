package dev.keepalive.machine;

/** Whether the machine is coming to its end, and how: by a drain, which has a deadline, or at once. */
final class Ending implements IndexedHeap.Entry {
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private boolean begun;
    private boolean cut;
    private boolean over;
    private long deadline = Long.MAX_VALUE;
    private int heapIndex = IndexedHeap.ABSENT;

    Ending(IndexedHeap<IndexedHeap.Entry> deadlines) {
        this.deadlines = deadlines;
    }

    /** True from the first drain or shutdown on: nobody is let in any more. */
    boolean hasBegun() {
        return begun;
    }

    /** True if nobody's waiting and nobody's lease was cut short. */
    boolean isClean() {
        return !cut;
    }

    /** Begins a drain, or moves the deadline of one to an earlier time. */
    void drain(long by) {
        begun = true;
        if (by < deadline && !over) {
            deadlines.remove(this);
            deadline = by;
            deadlines.add(this);
        }
    }

    /** Ends everything, now. */
    void shutDown(boolean nothingToCut) {
        begun = true;
        cut |= !nothingToCut;
        deadlines.remove(this);
        deadline = Long.MIN_VALUE;
    }

    /** True once: when nothing is held any more but what the connector owes. */
    boolean isNow(int held, int waiting) {
        boolean first = begun && !over && held == 0 && waiting == 0;
        if (first) {
            over = true;
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
