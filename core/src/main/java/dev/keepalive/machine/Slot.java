package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Endpoint;
import dev.keepalive.LeaseOrigin;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The place of one connection, from the decision to open it until it is gone. It holds one permit of each limit all the
 * while.
 */
public final class Slot extends IntrusiveList.Node implements IndexedHeap.Entry {
    /**
     * What a slot is at. {@link #AWAITING_PERMIT}, {@link #DIALING} and {@link #RESETTING} are its asynchronous steps:
     * a slot in one of them is <em>coming</em>, it will serve a waiter when its steps are done.
     */
    public enum State {
        /** It waits for a permit of the budget. */
        AWAITING_PERMIT,
        /** Its connection is being opened. */
        DIALING,
        /** Its connection was released and is being cleaned up. */
        RESETTING,
        /** Open, leased to nobody. */
        IDLE,
        /** In use. */
        LEASED,
        /** Its connection is being closed, or its dial being stopped. */
        CLOSING,
        /** Closed; it holds no permit any more. */
        GONE
    }

    /** Changes only with a release, and is read from other threads: its endpoint is what they see of it. */
    volatile EndpointState home;

    final AtomicSlot atomicSlot;

    /** Its neighbours among the idle, or the leased, slots of all endpoints, by which {@link LruList} goes. */
    @Nullable
    Slot earlier;

    @Nullable
    Slot later;

    State state = State.GONE;

    /** True from asking for a permit of the budget until the answer, also while that is being withdrawn. */
    boolean permitUnanswered;

    /** True while it holds a permit of the budget. */
    boolean permitted;

    /** True from the dial's beginning until its answer, also while it is being stopped. */
    boolean dialUnanswered;

    /** The waiter that the slot was opened for: it is told if the dial fails while it waits. */
    @Nullable
    Waiter cause;

    /** True until it is first leased or idle. */
    boolean fresh = true;

    /** The number of its present or last lease, as far as is known: while it is idle, there may have been more. */
    long lease;

    /** Since when it is idle, as far as is known: it may have been lent meanwhile. */
    long idleSince;

    /** The event in which its dial began, or in which it was last released. */
    long freeSince;

    /** When its connection is too old to be kept. */
    long expiresAt = Long.MAX_VALUE;

    /** True if it is to end as soon as it is free, because the program says so. */
    boolean retired;

    /** Why it is being closed, while CLOSING. */
    @Nullable
    CloseReason reason;

    /** True while its end is expected soon, so that it counts as room on order. */
    boolean onOrder;

    private final long number;
    private short loop;
    private long setDeadline;
    private int heapIndex = IndexedHeap.ABSENT;

    Slot(EndpointState home, long number, Function<Slot, AtomicSlot> wires) {
        this.home = home;
        this.number = number;
        this.atomicSlot = Objects.requireNonNull(wires.apply(this), "wire");
    }

    /** What it leads to. */
    public Endpoint endpoint() {
        return home.endpoint;
    }

    /** Its number among all slots of the machine, from 1. */
    public long number() {
        return number;
    }

    /**
     * The number of the event loop that its connection is on, or is wanted on while it is being opened; 0 if none is
     * known.
     */
    public int loop() {
        return loop;
    }

    void setLoop(int known) {
        loop = (short) known;
    }

    void openFor(@Nullable Waiter waiter) {
        cause = waiter;
        setLoop(waiter == null ? 0 : waiter.loop());
    }

    /** The part of it that lives outside the machine. */
    public AtomicSlot atomicSlot() {
        return atomicSlot;
    }

    /** True if its connection has lived for as long as it may. */
    boolean isTooOld(long now) {
        return now >= expiresAt;
    }

    /** How this waiter would come by it. */
    LeaseOrigin originFor(Waiter waiter) {
        if (fresh) {
            return LeaseOrigin.NEW;
        }
        return freeSince < waiter.sequence ? LeaseOrigin.IMMEDIATE : LeaseOrigin.DEFERRED;
    }

    void setDeadline(long time) {
        setDeadline = time;
    }

    @Override
    public long key() {
        return setDeadline;
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
