package dev.keepalive.machine;

/** What is remembered of an endpoint whose dials fail, from the first failure until a success, or until nobody has tried for a while. */
final class Health implements IndexedHeap.Entry {
    final EndpointState home;

    /** The latest slot whose dial failed: it knows why. */
    Slot lastFailed;

    /** How many dials have failed in a row; those that were under way at the same time count once. */
    int failures = 1;

    /** The event of the last failure that was counted. */
    long failedIn;

    /** True while nothing is dialled. */
    boolean paused;

    private long until;
    private int heapIndex = IndexedHeap.ABSENT;

    Health(EndpointState home, Slot failed) {
        this.home = home;
        this.lastFailed = failed;
    }

    /** When the pause ends, or else when the failures are forgotten. */
    void until(long time) {
        until = time;
    }

    /** True from the second failure in a row on: it is tried with one dial at a time. */
    boolean isSuspect() {
        return failures > 1;
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
