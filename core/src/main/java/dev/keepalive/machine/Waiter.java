package dev.keepalive.machine;

import dev.keepalive.Endpoint;
import org.jspecify.annotations.Nullable;

/** One acquire that is not answered yet. */
public final class Waiter extends IntrusiveList.Node implements IndexedHeap.Entry {
    /** How many waiters one dial covers at most, whatever its connection is declared or known to take. */
    public static final int MOST_EXPECTED = 100;

    private final Endpoint endpoint;
    private @Nullable Object owner;
    private final long deadline;

    /** The number of the event loop that called acquire; 0 for none. */
    private final short loop;

    /** True if only a connection that was never used before will do. */
    final boolean fresh;

    /** True if failed dials and pauses do not fail it: it waits for another dial, until its deadline. */
    final boolean patient;

    /** True if a dial for this waiter has failed for want of resources, and it waits for another one. */
    boolean triedAgain;

    /**
     * How many leases a connection to the endpoint is declared to take at the same time: 1 to {@link #MOST_EXPECTED}.
     */
    final short expected;

    private int heapIndex = IndexedHeap.ABSENT;

    /** The endpoint in whose queue it is; null before and afterwards. */
    @Nullable
    EndpointState home;

    /** Its place in the order of all acquires. */
    long sequence;

    /** A waiter that takes any connection, and is not in a queue yet. */
    public Waiter(Endpoint endpoint, Object owner, long deadline, int loop) {
        this(endpoint, owner, deadline, loop, false, false, 1);
    }

    /**
     * A waiter that is not in a queue yet.
     *
     * @param owner takes the answer; the machine never looks at it
     * @param deadline when the acquire times out; {@link Long#MAX_VALUE} for never
     * @param loop the number of the event loop on which a connection is preferred, a small number; 0 if it does not
     *     matter
     * @param fresh true if only a connection that was never used before will do
     * @param patient true if it goes on waiting when dials fail
     * @param expected how many leases a connection to the endpoint is declared to take at the same time, at least 1;
     *     more than {@link #MOST_EXPECTED} counts as that many
     */
    public Waiter(
            Endpoint endpoint, Object owner, long deadline, int loop, boolean fresh, boolean patient, int expected) {
        this.endpoint = endpoint;
        this.owner = owner;
        this.deadline = deadline;
        this.loop = (short) loop;
        this.fresh = fresh;
        this.patient = patient;
        this.expected = (short) Math.min(expected, MOST_EXPECTED);
    }

    /** The endpoint to which a connection is wanted. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /** The number of the event loop that called acquire; 0 for none. */
    public int loop() {
        return loop;
    }

    /** Its place in the order of all acquires; 0 before it is in a queue. */
    public long sequence() {
        return sequence;
    }

    /** True while it has no outcome. */
    boolean isWaiting() {
        return owner != null;
    }

    /** The owner, which is told this outcome now. The effect that tells it is made before {@link #end}. */
    Object owner(AcquireOutcome outcome) {
        Object present = owner;
        if (present == null) {
            throw new IllegalStateException("a second outcome: " + outcome);
        }
        return present;
    }

    /**
     * Gives the waiter its outcome, and takes its owner away. A dial that was begun for the waiter must not keep the
     * owner, which may hold the lease, from being garbage.
     */
    void end(AcquireOutcome outcome) {
        owner(outcome);
        owner = null;
    }

    /** The owner; null if the waiter has an outcome. */
    public @Nullable Object ownerOrNull() {
        return owner;
    }

    /** Takes the owner away: it has been told by other means than an effect. */
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
