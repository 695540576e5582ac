package dev.keepalive.machine;

import dev.keepalive.Limits;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/**
 * The limits: who may open next, and who makes way. Room goes to the oldest uncovered waiter whose endpoint may open.
 * What others hold idle makes way for it, but only as long as more is wanted than is free or on order: one waiter never
 * empties the pool. What is owed to a budget is paid in the same way.
 */
final class Admission {
    /**
     * The lines of the endpoints that want to open and may, as far as their own limits go; the one with the oldest
     * uncovered waiter first.
     */
    final IndexedHeap<WaitQueue> openable = new IndexedHeap<>();

    /** The idle slots of all endpoints, the least recently used first. */
    final IntrusiveList<Slot> idle = new LruList();

    /** The leased slots of all endpoints, the longest held first. */
    final IntrusiveList<Slot> leased = new LruList();

    /** The endpoints with dials that nobody waits for. */
    final IntrusiveList<EndpointState> surplus = new IntrusiveList<>();

    /** The slots that hold a permit of the limits. */
    int open;

    /** Of those, the ones whose end is expected soon. */
    int onOrder;

    /** Of those, the ones that will give a permit back to the budget. */
    int permitsOnOrder;

    /** How many slots the openable endpoints want, over all. */
    int demand;

    /** What the system allows, while that is less. */
    final ResourceCeiling ceiling;

    private Limits limits;
    private final long patience;
    private int owed;
    private long owedSince;

    Admission(Limits limits, long patience, ResourceCeiling ceiling) {
        this.limits = limits;
        this.ceiling = ceiling;
        this.patience = patience;
    }

    Limits limits() {
        return limits;
    }

    void limits(Limits changed) {
        limits = changed;
    }

    int owed() {
        return owed;
    }

    /** The budget wants so many permits back. */
    void owed(int level, long now) {
        if (owed == 0) {
            owedSince = now;
        }
        owed = level;
    }

    /** A permit goes back to the budget: until the budget says otherwise, so much less is owed. */
    void permitReturned() {
        owed = Math.max(0, owed - 1);
    }

    // ---- what there is

    void entered(Slot slot, State state) {
        if (state == State.IDLE) {
            idle.addLast(slot);
        } else if (state == State.LEASED) {
            leased.addLast(slot);
        } else if (state == State.GONE) {
            open--;
        }
    }

    void left(Slot slot, State state) {
        if (state == State.IDLE) {
            idle.remove(slot);
        } else if (state == State.LEASED) {
            leased.remove(slot);
        } else if (state == State.GONE) {
            open++;
        }
    }

    /** The end of a slot is expected soon, or is not any more. */
    void setOnOrder(Slot slot, boolean soon) {
        if (slot.onOrder != soon) {
            int change = soon ? 1 : -1;
            slot.onOrder = soon;
            slot.home.onOrder += change;
            onOrder += change;
            permitsOnOrder += slot.permitted ? change : 0;
        }
    }

    /** An idle slot has been used, and counts as the one that was used last. */
    void putLast(Slot slot) {
        idle.remove(slot);
        idle.addLast(slot);
    }

    /** Brings an endpoint's claims up to date, after anything about its line, its slots or the limits has changed. */
    void reconsider(EndpointState endpoint, long now) {
        WaitQueue waitQueue = endpoint.waitQueue();
        if (waitQueue != null) {
            reconsider(waitQueue, wantedBy(endpoint), now);
            endpoint.forgetEmptyWaitQueue();
        }
        boolean listed = surplus.contains(endpoint);
        if (endpoint.hasSurplusDial() && !listed) {
            surplus.addLast(endpoint);
        } else if (!endpoint.hasSurplusDial() && listed) {
            surplus.remove(endpoint);
        }
    }

    private void reconsider(WaitQueue waitQueue, int wanted, long now) {
        demand += wanted - waitQueue.wanted;
        waitQueue.wanted = wanted;
        if (wanted == 0) {
            openable.remove(waitQueue);
        } else if (!openable.contains(waitQueue)) {
            waitQueue.fixKey();
            waitQueue.keptOutSince = now;
            openable.add(waitQueue);
        } else if (!waitQueue.isKeyCurrent()) {
            openable.remove(waitQueue);
            waitQueue.fixKey();
            openable.add(waitQueue);
        }
    }

    /** How many slots the endpoint may open for its uncovered waiters, as far as it depends on the endpoint alone. */
    int wantedBy(EndpointState endpoint) {
        BackOff.Health health = endpoint.health;
        if (health != null && health.paused) {
            return 0;
        }
        int mayDial = health != null && health.isSuspect() ? 1 : limits.maxDialsPerEndpoint();
        int mayOpen = Math.min(limits.maxOpenPerEndpoint() - endpoint.open(), mayDial - endpoint.dials());
        return Math.max(0, Math.min(endpoint.uncovered(), mayOpen));
    }

    // ---- who opens, and who makes way

    /** The line of the endpoint that opens next, or null if none wants to or there is no room. */
    @Nullable
    WaitQueue next() {
        return open < maxOpenNow() ? openable.least() : null;
    }

    /** True if somebody must make way: more is wanted than is free or on order. */
    boolean isShort() {
        return demand > maxOpenNow() - open + onOrder;
    }

    /** How many may be open in all just now, as far as new ones are concerned. */
    int maxOpenNow() {
        return Math.min(limits.maxOpen(), ceiling.maxOpen());
    }

    /** True if the budget is owed more than what is on its way back to it. */
    boolean owesPermits() {
        return owed > permitsOnOrder;
    }

    /**
     * Who makes way while room is short or something is owed: the least recently used idle slot, else the youngest dial
     * of an endpoint where nobody waits for it; null if there is no such slot, or no need.
     */
    @Nullable
    Slot nextToEvict() {
        return isShort() || owesPermits() ? leastNeeded() : null;
    }

    private @Nullable Slot leastNeeded() {
        Slot leastRecent = idle.first();
        EndpointState any = surplus.first();
        return leastRecent != null || any == null ? leastRecent : any.latest(State.DIALING);
    }

    /**
     * True if a connection that was just released must not serve its own line, because others have been kept out for
     * longer than patience lasts.
     */
    boolean mustYield(EndpointState released, long now) {
        boolean waitedFor = released.waiting() > 0;
        return waitedFor && (othersAreKeptOut(released, now) || owesPermits() && now - owedSince >= patience);
    }

    private boolean othersAreKeptOut(EndpointState released, long now) {
        WaitQueue oldest = openable.least();
        Waiter own = released.firstWaiter();
        return oldest != null
                && own != null
                && oldest.home != released
                && oldest.key() < own.sequence
                && now - oldest.keptOutSince >= patience
                && isShort();
    }

    /** True if the endpoint may hold one more, which is open already. */
    boolean hasRoom(EndpointState endpoint) {
        return endpoint.open() < limits.maxOpenPerEndpoint();
    }

    // ---- limits that were lowered

    /** True if the endpoint holds more than its limit allows, what is on its way out not counted. */
    boolean isSurplus(EndpointState endpoint) {
        return endpoint.open() - endpoint.onOrder > limits.maxOpenPerEndpoint();
    }

    /** True if all endpoints together hold more than the total limit allows, what is on its way out not counted. */
    boolean isSurplus() {
        return open - onOrder > limits.maxOpen();
    }
}
