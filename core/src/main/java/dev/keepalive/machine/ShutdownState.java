package dev.keepalive.machine;

/** Whether the machine is ending, and how: by a drain, which has a deadline, or at once. */
final class ShutdownState implements IndexedHeap.Entry {
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final Counters counters;
    private final Retirements retirements;
    private final BackOff backOff;
    private boolean begun;
    private boolean anyCutShort;
    private boolean finished;
    private long deadline = Long.MAX_VALUE;
    private int heapIndex = IndexedHeap.ABSENT;

    ShutdownState(
            IndexedHeap<IndexedHeap.Entry> deadlines, Counters counters, Retirements retirements, BackOff backOff) {
        this.deadlines = deadlines;
        this.counters = counters;
        this.retirements = retirements;
        this.backOff = backOff;
    }

    /** True from the first drain or shutdown: new acquires are refused. */
    boolean hasBegun() {
        return begun;
    }

    /** True if no waiter and no lease was cut short. */
    boolean isClean() {
        return !anyCutShort;
    }

    /** Begins a drain, or moves its deadline to an earlier time. Idle slots end now. */
    void drain(long newDeadline, SlotOpener slotOpener, long now) {
        begun = true;
        if (newDeadline < deadline && !finished) {
            deadlines.remove(this);
            deadline = newDeadline;
            deadlines.add(this);
        }
        slotOpener.forAll(retirements::endIdle, now);
        if (newDeadline <= now) {
            cutShort(slotOpener, now);
        }
    }

    /** Ends everything now. */
    void cutShort(SlotOpener slotOpener, long now) {
        // This revokes borrowed slots, so that they count as leased below: to end them is to cut them short.
        slotOpener.forAll(retirements::endIdle, now);
        begun = true;
        anyCutShort |= counters.waiting > 0 || counters.counts().leases() > 0;
        deadlines.remove(this);
        deadline = Long.MIN_VALUE;
        slotOpener.forAll(
                (endpoint, when) -> {
                    retirements.endAll(endpoint, when);
                    backOff.forget(endpoint);
                },
                now);
    }

    /**
     * Returns true once: when nothing is held any more, except slots for which the connector owes an answer for too
     * long.
     */
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
