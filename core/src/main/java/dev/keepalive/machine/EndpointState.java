package dev.keepalive.machine;

import dev.keepalive.Counts;
import dev.keepalive.Endpoint;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/**
 * What the machine knows of one endpoint: its wait queue and its slots. There may be very many endpoints with hardly
 * any activity. So there is a wait queue only while an acquire waits, and a list of slots only for a state that a slot
 * is in.
 */
final class EndpointState extends SlotLists {
    /**
     * How many idle slots are searched for one on a waiter's event loop. It limits the cost of an acquire if there are
     * many.
     */
    private static final int MOST_LOOKED_AT = 32;

    private static final long PROVEN = 1;
    private static final long LEARNED = 2;
    private static final int EXPECTED_SHIFT = 2;
    private static final long EXPECTED_MASK = 0x7F;
    private static final int NUMBER_SHIFT = 9;

    final Endpoint endpoint;

    /** The number of slots whose end is expected soon. */
    int onOrder;

    /**
     * From the highest bit: the number; how many leases a connection is expected to take, which is 0 while that is
     * unknown; whether a connection has taught that; whether the endpoint is proven. One field, since there may be very
     * many endpoints.
     */
    private long bits;

    private @Nullable WaitQueue waitQueue;

    private @Nullable EndpointExtras extras;

    /**
     * An endpoint with nothing open.
     *
     * @param learned how many leases its last connection took, if it is known to work; else 0
     */
    EndpointState(Endpoint endpoint, long number, int learned) {
        this.endpoint = endpoint;
        this.bits = number << NUMBER_SHIFT;
        if (learned > 0) {
            learn(learned);
            setProven(true);
        }
    }

    /** The number of this endpoint among all endpoints that the machine has known, from 1. */
    long number() {
        return bits >> NUMBER_SHIFT;
    }

    /** True if the endpoint is known to work: a dial has succeeded, and none has failed since. */
    boolean isProven() {
        return (bits & PROVEN) != 0;
    }

    void setProven(boolean proven) {
        bits = bits & ~PROVEN | (proven ? PROVEN : 0);
    }

    // ---- how many leases a connection is expected to take

    /** How many leases a connection to the endpoint is expected to take at the same time, at least 1. */
    int expected() {
        return Math.max(1, (int) (bits >> EXPECTED_SHIFT & EXPECTED_MASK));
    }

    /** What a connection has taught; 0 if none has. */
    int learned() {
        return (bits & LEARNED) != 0 ? expected() : 0;
    }

    /** A connection takes so many leases: the next one is expected to do so too. */
    void learn(int capacity) {
        bits |= LEARNED;
        setExpected(Math.min(capacity, Waiter.MOST_EXPECTED));
    }

    /** The connector declares how many leases a connection takes. It does not count as soon as one has taught that. */
    void declare(int declared) {
        if ((bits & LEARNED) == 0) {
            setExpected(declared);
        }
    }

    private void setExpected(int expected) {
        if (expected() != expected) {
            bits = bits & ~(EXPECTED_MASK << EXPECTED_SHIFT) | (long) expected << EXPECTED_SHIFT;
            cover();
        }
    }

    /** How many dials it takes to serve so many waiters. */
    int dialsFor(int waiters) {
        int each = expected();
        return each == 1 ? waiters : (int) (((long) waiters + each - 1) / each);
    }

    private EndpointExtras extras() {
        EndpointExtras present = extras;
        if (present == null) {
            present = new EndpointExtras();
            extras = present;
        }
        return present;
    }

    private void forgetEmptyExtras() {
        if (extras != null && extras.isEmpty()) {
            extras = null;
        }
    }

    // ---- failed dials

    /** The record of failed dials; null if there is none. */
    BackOff.@Nullable DialHealth health() {
        return extras == null ? null : extras.health;
    }

    /** A dial has failed. */
    void health(BackOff.DialHealth health) {
        extras().health = health;
    }

    /** The failed dials no longer count. */
    void forgetHealth() {
        if (extras != null) {
            extras.health = null;
            forgetEmptyExtras();
        }
    }

    // ---- shared slots

    /** What is known of shared and of leaving slots; null if there are none. */
    @Nullable
    SharedSlots sharedOrNull() {
        return extras == null ? null : extras.shared;
    }

    SharedSlots shared() {
        EndpointExtras all = extras();
        SharedSlots present = all.shared;
        if (present == null) {
            present = new SharedSlots();
            all.shared = present;
        }
        return present;
    }

    void forgetEmptyShared() {
        SharedSlots present = sharedOrNull();
        if (present != null && present.isEmpty()) {
            extras().shared = null;
            forgetEmptyExtras();
        }
    }

    /** True if a connection is open that takes new leases, now or when it is released. */
    boolean hasUsable() {
        SharedSlots shared = sharedOrNull();
        int exclusive = count(State.IDLE) + count(State.LEASED) + count(State.RESETTING);
        exclusive -= shared == null ? 0 : shared.counts.idle + shared.counts.leased;
        boolean found = exclusive > 0;
        for (Slot slot : sharedSlots()) {
            Places places = slot.places();
            found |= places != null && places.isUsable();
        }
        return found;
    }

    /** The shared slot that has room for this waiter; null if none has. */
    @Nullable
    Places roomFor(Waiter waiter) {
        SharedSlots shared = sharedOrNull();
        return shared == null ? null : shared.roomFor(waiter);
    }

    // ---- slots

    /**
     * The idle slot for this waiter, of those that are not shared: the latest one on the waiter's event loop, if one of
     * the latest few is, else the latest one; null if none is idle.
     */
    @Nullable
    Slot idleFor(Waiter waiter) {
        StateList idle = listOf(State.IDLE);
        SharedSlots shared = sharedOrNull();
        if (idle == null || shared != null && shared.counts.idle == idle.size()) {
            return null;
        }
        Slot latest = notShared(idle, idle.last());
        Slot candidate = waiter.loop() == 0 ? null : latest;
        for (int seen = 1; candidate != null && candidate.loop() != waiter.loop(); seen++) {
            candidate = seen < MOST_LOOKED_AT ? notShared(idle, idle.before(candidate)) : null;
        }
        return candidate == null ? latest : candidate;
    }

    /** This slot, or else the latest one before it, that is not shared. */
    private static @Nullable Slot notShared(StateList list, @Nullable Slot slot) {
        Slot found = slot;
        while (found != null && found.isShared()) {
            found = list.before(found);
        }
        return found;
    }

    /** Moves the slot to another state. It is the only place where a slot's state changes. */
    void move(Slot slot, State state) {
        if (slot.state != State.GONE) {
            remove(slot);
        }
        if (state != State.GONE) {
            add(slot, state);
        }
        forgetEmptyList();
        slot.state = state;
        cover();
    }

    /**
     * Adds a leased slot that was another endpoint's, in its present state. A leased slot covers no waiter, here or
     * there.
     */
    void addRekeyed(Slot slot) {
        add(slot, slot.state);
    }

    /** Removes a leased slot that becomes another endpoint's. */
    void removeRekeyed(Slot slot) {
        remove(slot);
        forgetEmptyList();
    }

    /** The number of slots that are being opened. */
    int dials() {
        return count(State.AWAITING_PERMIT) + count(State.DIALING);
    }

    /**
     * How many waiters the slots that are coming will serve: a dial as many as its connection is expected to take. One
     * that is reset serves no fresh waiter.
     */
    int coming() {
        return coveredByDials() + Math.min(count(State.RESETTING), ordinary());
    }

    private int coveredByDials() {
        return (int) Math.min(Integer.MAX_VALUE / 2, (long) dials() * expected());
    }

    /** True if the waiters would be served without one of the dials. */
    private boolean hasOneTooMany() {
        return coming() - expected() >= waiting();
    }

    /** True if a slot requests a permit and no waiter is left for it. */
    boolean hasSurplusPermitRequest() {
        return count(State.AWAITING_PERMIT) > 0 && hasOneTooMany();
    }

    /** True if a dial is under way for which no waiter is left. */
    boolean hasSurplusDial() {
        return count(State.DIALING) > 0 && hasOneTooMany();
    }

    /** The slot that was opened last, of those whose dial is not complete; null if there is none. */
    @Nullable
    Slot youngestDial() {
        Slot requesting = latest(State.AWAITING_PERMIT);
        return requesting == null ? latest(State.DIALING) : requesting;
    }

    /** The slot that was opened first, of those whose dial is not complete; null if there is none. */
    @Nullable
    Slot oldestDial() {
        Slot dialing = oldest(State.DIALING);
        return dialing == null ? oldest(State.AWAITING_PERMIT) : dialing;
    }

    /** True while nothing is dialed because dials have failed. */
    boolean isPaused() {
        BackOff.DialHealth health = health();
        return health != null && health.paused;
    }

    /** True if the endpoint is paused and has no slot that could serve a waiter meanwhile. */
    boolean isPausedWithNothingToRelease() {
        SharedSlots shared = sharedOrNull();
        int leavesNothing = count(State.CLOSING) + (shared == null ? 0 : shared.retired);
        return isPaused() && open() == leavesNothing;
    }

    boolean isEmpty() {
        return !hasSlots() && waitQueue == null && health() == null;
    }

    Counts counts() {
        SlotCounts plain = new SlotCounts(
                count(State.AWAITING_PERMIT),
                count(State.DIALING),
                count(State.IDLE),
                count(State.LEASED),
                count(State.RESETTING),
                count(State.CLOSING),
                waiting());
        SharedSlots shared = sharedOrNull();
        return shared == null ? plain : shared.counts.addTo(plain);
    }

    // ---- the wait queue

    /** The wait queue; null if there is none. */
    @Nullable
    WaitQueue waitQueue() {
        return waitQueue;
    }

    int waiting() {
        return waitQueue == null ? 0 : waitQueue.size();
    }

    /** The number of waiters that take any connection. */
    int ordinary() {
        return waitQueue == null ? 0 : waitQueue.ordinary();
    }

    int uncovered() {
        return waitQueue == null ? 0 : waitQueue.uncovered();
    }

    @Nullable
    Waiter firstWaiter() {
        return waitQueue == null ? null : waitQueue.first();
    }

    /** The oldest waiter that takes any connection; null if there is none. */
    @Nullable
    Waiter firstOrdinary() {
        return waitQueue == null ? null : waitQueue.firstOrdinary();
    }

    /** The oldest waiter that fails when the endpoint is paused; null if there is none. */
    @Nullable
    Waiter firstImpatient() {
        return waitQueue == null ? null : waitQueue.firstImpatient();
    }

    /** The waiter just before this one in the queue; null if there is none. */
    @Nullable
    Waiter waiterBefore(Waiter waiter) {
        return waitQueue == null ? null : waitQueue.before(waiter);
    }

    /** The waiter just after this one in the queue; null if there is none. */
    @Nullable
    Waiter waiterAfter(Waiter waiter) {
        return waitQueue == null ? null : waitQueue.after(waiter);
    }

    void join(Waiter waiter) {
        if (waitQueue == null) {
            waitQueue = new WaitQueue(this);
        }
        waitQueue.join(waiter);
        cover();
    }

    void leave(Waiter waiter) {
        if (waitQueue == null) {
            throw new IllegalStateException("the waiter is not at this endpoint");
        }
        waitQueue.leave(waiter);
        cover();
    }

    private void cover() {
        if (waitQueue != null) {
            waitQueue.cover(dials(), coveredByDials(), count(State.RESETTING));
        }
    }

    /** Forgets the wait queue if it is empty. A queue among the openable ones has to leave them first. */
    void forgetEmptyWaitQueue() {
        if (waitQueue != null && waitQueue.isEmpty()) {
            waitQueue = null;
        }
    }
}
