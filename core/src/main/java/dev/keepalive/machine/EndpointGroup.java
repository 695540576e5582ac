package dev.keepalive.machine;

/**
 * What {@link Admission} knows of all endpoints that are known to work, or of all others: who wants to open, and what
 * is being opened.
 */
final class EndpointGroup {
    /**
     * The wait queues of the endpoints that want to open a slot and may, as far as their own limits go. The one with
     * the oldest uncovered waiter is first.
     */
    final IndexedHeap<WaitQueue> openable = new IndexedHeap<>();

    /** The endpoints with dials that no waiter needs. */
    final IntrusiveList<EndpointState> surplus = new IntrusiveList<>();

    /** How many slots the openable endpoints want together. */
    int demand;

    /** How many slots of these endpoints are being opened. */
    int dials;

    /** Brings the demand of an endpoint of this group up to date. */
    void reconsider(WaitQueue waitQueue, int wanted, long now) {
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

    /** Notes whether an endpoint of this group has a dial that no waiter needs. */
    void noteSurplus(EndpointState endpoint) {
        boolean listed = surplus.contains(endpoint);
        if (endpoint.hasSurplusDial() && !listed) {
            surplus.addLast(endpoint);
        } else if (!endpoint.hasSurplusDial() && listed) {
            surplus.remove(endpoint);
        }
    }

    /** Moves an endpoint of this group to the other group. Its waiters keep their age and their patience. */
    void moveTo(EndpointGroup other, EndpointState endpoint) {
        dials -= endpoint.dials();
        other.dials += endpoint.dials();
        if (surplus.contains(endpoint)) {
            surplus.remove(endpoint);
            other.surplus.addLast(endpoint);
        }
        WaitQueue waitQueue = endpoint.waitQueue();
        if (waitQueue != null && openable.contains(waitQueue)) {
            openable.remove(waitQueue);
            other.openable.add(waitQueue);
            demand -= waitQueue.wanted;
            other.demand += waitQueue.wanted;
        }
    }
}
