package dev.keepalive.machine;

import dev.keepalive.CloseReason;
import dev.keepalive.Endpoint;
import dev.keepalive.LeaseOrigin;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The place of one connection, from the decision to open it until it is gone. During this time it holds one permit of
 * each limit.
 */
public final class Slot extends IntrusiveList.Node implements IndexedHeap.Entry {
    /**
     * The state of a slot. {@link #AWAITING_PERMIT}, {@link #DIALING} and {@link #RESETTING} are asynchronous steps. A
     * slot in one of them is <em>coming</em>: it will serve a waiter when its steps are done.
     */
    public enum State {
        /** The slot waits for a permit of the budget. */
        AWAITING_PERMIT,
        /** The connection is being opened. */
        DIALING,
        /** The connection was released and is being reset. */
        RESETTING,
        /** The connection is open and not leased, as far as the machine knows: it may be borrowed. */
        IDLE,
        /** The connection is in use. */
        LEASED,
        /** The connection is being closed, or its dial is being stopped. */
        CLOSING,
        /** The connection is closed. The slot holds no permit any more. */
        GONE
    }

    /**
     * The slot's endpoint. It changes only with a release. Other threads read it, but of its state only the endpoint.
     */
    volatile EndpointState home;

    final AtomicSlot atomicSlot;

    /** The neighbours in {@link LruList}: among the idle, or the leased, slots of all endpoints. */
    @Nullable
    Slot earlier;

    @Nullable
    Slot later;

    State state = State.GONE;

    /** True from the permit request until its answer, also after it was cancelled. */
    boolean permitUnanswered;

    /** True while the slot holds a permit of the budget. */
    boolean permitted;

    /** True from the beginning of the dial until its answer, also while it is being stopped. */
    boolean dialUnanswered;

    /**
     * Until the dial is complete the waiter that the slot was opened for, which fails if the dial fails while it waits.
     * Afterwards the {@link Places} of a shared slot. One field, since there may be very many slots.
     */
    private @Nullable Object causeOrPlaces;

    /** True until the slot is first leased or idle. */
    boolean fresh = true;

    /**
     * The number of the present or last lease that the machine knows of. While the slot is idle, it may have been
     * borrowed since.
     */
    long lease;

    /** Since when the slot is idle, as far as the machine knows. It may have been borrowed since. */
    long idleSince;

    /** The event in which the dial began, or in which the slot was last released. */
    long freeSince;

    /**
     * When the connection is too old to be kept. Set once, before the connection is idle for the first time; borrowers
     * read it afterwards.
     */
    long expiresAt = Long.MAX_VALUE;

    /** True if the slot is to end as soon as it is free. */
    boolean retired;

    /** Why the slot is being closed, while it is CLOSING. */
    @Nullable
    CloseReason reason;

    /** True while the end of the slot is expected soon, so that it counts as room on order. */
    boolean onOrder;

    private final long number;
    private short loop;
    private long setDeadline;
    private int heapIndex = IndexedHeap.ABSENT;

    Slot(EndpointState home, long number, Function<Slot, AtomicSlot> atomicSlots) {
        this.home = home;
        this.number = number;
        this.atomicSlot = Objects.requireNonNull(atomicSlots.apply(this), "atomicSlot");
    }

    /** The endpoint that the connection leads to. */
    public Endpoint endpoint() {
        return home.endpoint;
    }

    /** The number of this slot among all slots of the machine, from 1. */
    public long number() {
        return number;
    }

    /**
     * The number of the event loop that the connection is on, or is wanted on while it is being opened; 0 if none is
     * known.
     */
    public int loop() {
        return loop;
    }

    void setLoop(int number) {
        loop = (short) number;
    }

    /** The waiter that the slot was opened for; null as soon as the dial is complete. */
    @Nullable
    Waiter cause() {
        return causeOrPlaces instanceof Waiter waiter ? waiter : null;
    }

    void forgetCause() {
        if (causeOrPlaces instanceof Waiter) {
            causeOrPlaces = null;
        }
    }

    /** The places of a shared slot that is idle or leased; null if the slot is not shared. */
    @Nullable
    Places places() {
        return causeOrPlaces instanceof Places places ? places : null;
    }

    void share(@Nullable Places places) {
        causeOrPlaces = places;
    }

    void openFor(@Nullable Waiter waiter) {
        causeOrPlaces = waiter;
        setLoop(waiter == null ? 0 : waiter.loop());
    }

    /** True if the connection is open and takes several leases at a time. */
    public boolean isShared() {
        return causeOrPlaces instanceof Places;
    }

    /** The part of the slot that other threads may change. */
    public AtomicSlot atomicSlot() {
        return atomicSlot;
    }

    /** True if the connection has reached its lifetime. Any thread may ask that has seen the connection idle. */
    public boolean isTooOld(long now) {
        return now >= expiresAt;
    }

    /** The lease origin that this waiter would be told. */
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
