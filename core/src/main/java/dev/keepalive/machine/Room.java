package dev.keepalive.machine;

import org.jspecify.annotations.Nullable;

/**
 * The total limit: who may open next, and who makes way. Room goes to the oldest uncovered waiter whose endpoint may open. What others
 * hold idle makes way for it, but only as long as more is wanted than is free or on order: one waiter never empties the pool.
 */
final class Room {
    /** The endpoints that want to open and may, as far as their own limit goes; the one with the oldest uncovered waiter first. */
    final IndexedHeap<EndpointState> openable = new IndexedHeap<>();

    /** The idle slots of all endpoints, the least recently used first. */
    final Chain<Slot.Recency> idle = new Chain<>();

    /** The endpoints with dials that nobody waits for. */
    final Chain<EndpointState.Surplus> surplus = new Chain<>();

    /** The slots that hold a permit. */
    int open;

    /** Of those, the ones whose stop or close is expected soon. */
    int onOrder;

    /** How many slots the openable endpoints want, over all. */
    int demand;

    private final Limits limits;

    Room(Limits limits) {
        this.limits = limits;
    }

    /** Brings an endpoint's claims up to date, after anything about its line or its slots has changed. */
    void reconsider(EndpointState endpoint, long now) {
        int wanted = Math.min(endpoint.uncovered(), limits.maxOpenPerEndpoint() - endpoint.open());
        demand += wanted - endpoint.wanted;
        endpoint.wanted = wanted;
        if (wanted == 0 || !endpoint.keyIsRight()) {
            openable.remove(endpoint);
        }
        if (wanted > 0 && !openable.contains(endpoint)) {
            endpoint.takeKey();
            endpoint.keptOutSince = now;
            openable.add(endpoint);
        }
        boolean listed = surplus.contains(endpoint.surplus);
        if (endpoint.hasSurplusDial() && !listed) {
            surplus.addLast(endpoint.surplus);
        } else if (!endpoint.hasSurplusDial() && listed) {
            surplus.remove(endpoint.surplus);
        }
    }

    /** The endpoint that opens next, or null if none wants to or there is no room. */
    @Nullable
    EndpointState next() {
        return open < limits.maxOpen() ? openable.least() : null;
    }

    /** True if somebody must make way: more is wanted than is free or on order. */
    private boolean isShort() {
        return demand > Math.max(0, limits.maxOpen() - open) + onOrder;
    }

    /**
     * Who makes way while room is short: the least recently used idle slot, else the youngest dial of an endpoint where nobody waits for it; null
     * if there is no such slot, or no need.
     */
    @Nullable
    Slot whoMakesWay() {
        if (!isShort()) {
            return null;
        }
        Slot.Recency leastRecent = idle.first();
        if (leastRecent != null) {
            return leastRecent.slot;
        }
        EndpointState.Surplus any = surplus.first();
        return any == null ? null : any.home.latest(Slot.State.DIALLING);
    }

    /**
     * True if a connection that was just released must not serve its own line, because an older waiter of another endpoint has been kept out
     * for longer than patience lasts.
     */
    boolean mustMakeWay(EndpointState released, long now) {
        EndpointState oldest = openable.least();
        Waiter own = released.line.first();
        return oldest != null
                && own != null
                && oldest != released
                && oldest.key() < own.sequence
                && now - oldest.keptOutSince >= limits.patience()
                && isShort();
    }
}
