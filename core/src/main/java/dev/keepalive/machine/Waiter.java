package dev.keepalive.machine;

import dev.keepalive.Endpoint;

/** One acquire that is not answered yet. */
public final class Waiter extends Chain.Node implements IndexedHeap.Entry {
    private final Endpoint endpoint;
    private final Object owner;
    private final long deadline;
    private int heapIndex = IndexedHeap.ABSENT;

    /** Its place in the order of all acquires. */
    long sequence;

    /** True while a coming slot is on its way for it. */
    boolean covered;

    Fate fate = Fate.WAITING;

    /**
     * A waiter that is not in line yet.
     *
     * @param owner whom the answer is for; the machine never looks at it
     * @param deadline when its time is up; {@link Long#MAX_VALUE} for never
     */
    public Waiter(Endpoint endpoint, Object owner, long deadline) {
        this.endpoint = endpoint;
        this.owner = owner;
        this.deadline = deadline;
    }

    /** What it waits for. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** Whom the answer is for. */
    public Object owner() {
        return owner;
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
