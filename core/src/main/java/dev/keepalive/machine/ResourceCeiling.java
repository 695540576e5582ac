package dev.keepalive.machine;

/**
 * The limit on open connections while the host has no resources for more: as many as were open when a dial failed for
 * that. It is lifted after some time, and the waiters that it kept out are served then.
 */
final class ResourceCeiling implements IndexedHeap.Entry {
    private final IndexedHeap<IndexedHeap.Entry> deadlines;
    private final long duration;
    private int maxOpen = Integer.MAX_VALUE;
    private long until;
    private int heapIndex = IndexedHeap.ABSENT;

    ResourceCeiling(IndexedHeap<IndexedHeap.Entry> deadlines, long duration) {
        this.deadlines = deadlines;
        this.duration = duration;
    }

    int maxOpen() {
        return maxOpen;
    }

    void lower(int open, long now) {
        deadlines.remove(this);
        maxOpen = open;
        until = duration < Long.MAX_VALUE - now ? now + duration : Long.MAX_VALUE;
        deadlines.add(this);
    }

    void lift() {
        deadlines.remove(this);
        maxOpen = Integer.MAX_VALUE;
    }

    @Override
    public long key() {
        return until;
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
