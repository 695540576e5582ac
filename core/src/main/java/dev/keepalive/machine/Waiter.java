package dev.keepalive.machine;

import dev.keepalive.Endpoint;
import org.jspecify.annotations.Nullable;

/** One acquire that is not answered yet. */
public final class Waiter extends IntrusiveList.Node implements IndexedHeap.Entry {
    private final Endpoint endpoint;
    private @Nullable Object owner;
    private final long deadline;

    /** The number of the event loop that it asked on; 0 for none. */
    private final short loop;

    /** True if a dial for it has failed for want of resources, and it waits for another one. */
    boolean triedAgain;

    private int heapIndex = IndexedHeap.ABSENT;

    /** Where it is in line; null before and afterwards. */
    @Nullable
    EndpointState home;

    /** Its place in the order of all acquires. */
    long sequence;

    /**
     * A waiter that is not in line yet.
     *
     * @param owner whom the answer is for; the machine never looks at it
     * @param deadline when its time is up; {@link Long#MAX_VALUE} for never
     * @param loop the number of the event loop on which a connection would be best, a small one; 0 if it does not
     *     matter
     */
    public Waiter(Endpoint endpoint, Object owner, long deadline, int loop) {
        this.endpoint = endpoint;
        this.owner = owner;
        this.deadline = deadline;
        this.loop = (short) loop;
    }

    /** What it waits for. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The number of the event loop that it asked on; 0 for none. */
    public int loop() {
        return loop;
    }

    /** Its place in the order of all acquires; 0 before it is in line. */
    public long sequence() {
        return sequence;
    }

    /** True while it has no fate. */
    boolean isWaiting() {
        return owner != null;
    }

    /** The owner, who is to be told of this fate now. The effect that tells it is made before {@link #end}. */
    Object owner(AcquireOutcome its) {
        Object told = owner;
        if (told == null) {
            throw new IllegalStateException("a second fate: " + its);
        }
        return told;
    }

    /**
     * It has its fate, and no owner any more: a dial that was begun for it must not keep its owner, which may hold the
     * lease, from being garbage.
     */
    void end(AcquireOutcome its) {
        owner(its);
        owner = null;
    }

    /** The owner, if it has no fate yet. */
    public @Nullable Object ownerOrNull() {
        return owner;
    }

    /** Its owner has been told by other means than an effect. */
    public void forgetOwner() {
        owner = null;
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
