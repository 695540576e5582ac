package dev.keepalive.machine;

import dev.keepalive.Limits;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the limits: decides which endpoint may open a slot next, and which slot makes way. Room goes to the oldest
 * uncovered waiter whose endpoint may open. Idle slots of other endpoints make way for it, but only while more is
 * wanted than is free or on order, so one waiter never empties the pool. Permits that are owed to a budget are paid in
 * the same way.
 *
 * <p>Dials to unproven endpoints, which are not known to work, take at most a share of the room. So what they leave
 * serves the others, and nothing of it makes way for them.
 */
final class Admission {
    /** The endpoints that are known to work. */
    final EndpointGroup proven = new EndpointGroup();

    /** All other endpoints: no dial has succeeded, or the last one has failed. */
    final EndpointGroup unproven = new EndpointGroup();

    /** The idle slots of all endpoints, least recently used first. */
    final IntrusiveList<Slot> idle = new LruList();

    /** The leased slots of all endpoints, longest held first. */
    final IntrusiveList<Slot> leased = new LruList();

    /** The number of slots that hold a permit of the limits. */
    int open;

    /** The number of open slots whose end is expected soon. */
    int onOrder;

    /** The number of slots on order that will give a permit back to the budget. */
    int permitsOnOrder;

    /** How many connections the system allows, while that is less than the limits. */
    final ResourceCeiling ceiling;

    private Limits limits;
    private final EndpointTable endpoints;
    private final long patience;
    private final int unprovenPercent;
    private int owed;
    private long owedSince;

    Admission(Limits limits, MachineConfig config, EndpointTable endpoints, ResourceCeiling ceiling) {
        this.limits = limits;
        this.endpoints = endpoints;
        this.ceiling = ceiling;
        this.patience = config.patience();
        this.unprovenPercent = config.unprovenPercent();
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

    /** The budget wants this many permits back. */
    void owed(int level, long now) {
        if (owed == 0) {
            owedSince = now;
        }
        owed = level;
    }

    /** A permit goes back to the budget. Until the budget tells another number, one permit less is owed. */
    void permitReturned() {
        owed = Math.max(0, owed - 1);
    }

    // ---- slots

    void entered(Slot slot, State state) {
        if (state == State.IDLE) {
            idle.addLast(slot);
        } else if (state == State.LEASED) {
            leased.addLast(slot);
        } else if (state == State.GONE) {
            open--;
        } else if (state == State.AWAITING_PERMIT || state == State.DIALING) {
            groupOf(slot.home).dials++;
        }
    }

    void left(Slot slot, State state) {
        if (state == State.IDLE) {
            idle.remove(slot);
        } else if (state == State.LEASED) {
            leased.remove(slot);
        } else if (state == State.GONE) {
            open++;
        } else if (state == State.AWAITING_PERMIT || state == State.DIALING) {
            groupOf(slot.home).dials--;
        }
    }

    /** Notes whether the end of a slot is expected soon. */
    void setOnOrder(Slot slot, boolean soon) {
        if (slot.onOrder != soon) {
            int change = soon ? 1 : -1;
            slot.onOrder = soon;
            slot.home.onOrder += change;
            onOrder += change;
            permitsOnOrder += slot.permitted ? change : 0;
        }
    }

    /** An idle slot has been used: it becomes the most recently used one. */
    void putLast(Slot slot) {
        idle.remove(slot);
        idle.addLast(slot);
    }

    /** Brings the demand of an endpoint up to date, after any change of its wait queue, its slots or the limits. */
    void reconsider(EndpointState endpoint, long now) {
        EndpointGroup group = groupOf(endpoint);
        WaitQueue waitQueue = endpoint.waitQueue();
        if (waitQueue != null) {
            group.reconsider(waitQueue, wantedBy(endpoint), now);
            endpoint.forgetEmptyWaitQueue();
        }
        group.noteSurplus(endpoint);
    }

    private EndpointGroup groupOf(EndpointState endpoint) {
        return endpoint.isProven() ? proven : unproven;
    }

    /** A dial to the endpoint has succeeded, or failed. From now on the endpoint is known to work, or it is not. */
    void setProven(EndpointState endpoint, boolean works) {
        EndpointGroup before = groupOf(endpoint);
        endpoint.setProven(works);
        EndpointGroup after = groupOf(endpoint);
        if (before != after) {
            before.moveTo(after, endpoint);
        }
    }

    /** How many slots the endpoint may open for its uncovered waiters, as far as that depends on the endpoint alone. */
    int wantedBy(EndpointState endpoint) {
        int mayOpen = Math.min(limits.maxOpenPerEndpoint() - endpoint.open(), mayDial(endpoint));
        return Math.max(0, Math.min(endpoint.dialsFor(endpoint.uncovered()), mayOpen));
    }

    /** How many more dials to the endpoint may begin, as far as its limit on dials and its failures go. */
    private int mayDial(EndpointState endpoint) {
        BackOff.DialHealth health = endpoint.health();
        if (health != null && health.paused) {
            return 0;
        }
        int most = health != null && health.isSuspect() ? 1 : limits.maxDialsPerEndpoint();
        return Math.max(0, most - endpoint.dials());
    }

    /**
     * True if an idle slot of the endpoint must make way for a waiter of the same endpoint, which wants a fresh
     * connection: more of those could be dialed than is free or on order below the endpoint's limit.
     */
    boolean lacksRoomForFresh(EndpointState endpoint) {
        int fresh = endpoint.dialsFor(endpoint.waiting() - endpoint.ordinary()) - endpoint.dials();
        int room = Math.max(0, limits.maxOpenPerEndpoint() - staying(endpoint));
        return Math.min(fresh, mayDial(endpoint)) > room;
    }

    /** The number of slots of the endpoint whose end is not expected soon. */
    private static int staying(EndpointState endpoint) {
        return endpoint.open() - endpoint.onOrder;
    }

    // ---- which endpoint opens next, and which slot makes way

    /** The wait queue of the endpoint that opens next; null if no endpoint wants to open, or if there is no room. */
    @Nullable
    WaitQueue next() {
        return open < maxOpenNow() ? oldestOpenable() : null;
    }

    /**
     * The wait queue with the oldest uncovered waiter whose endpoint may open if there is room; null if there is none.
     */
    @Nullable
    WaitQueue oldestOpenable() {
        WaitQueue works = proven.openable.least();
        WaitQueue mayNotWork = shareLeft() > 0 ? unproven.openable.least() : null;
        return works == null || mayNotWork != null && mayNotWork.key() < works.key() ? mayNotWork : works;
    }

    /** True if a slot must make way: more is wanted than is free or on order. */
    boolean isShort() {
        return proven.demand + Math.min(unproven.demand, shareLeft()) > maxOpenNow() - open + onOrder;
    }

    /** True if unproven endpoints want to open more than their share allows now. */
    boolean isShareShort() {
        return unproven.demand > shareLeft();
    }

    /** How many more slots of unproven endpoints may be opened, as far as their share goes. */
    private int shareLeft() {
        return Math.max(0, share() - unproven.dials);
    }

    /** How many slots of unproven endpoints may be in opening at once: everything while there is one endpoint only. */
    private int share() {
        int maxOpen = maxOpenNow();
        return endpoints.size() <= 1 ? maxOpen : (int) Math.max(1, ((long) maxOpen * unprovenPercent + 99) / 100);
    }

    /** How many slots may be open in all at present, as far as new ones are concerned. */
    int maxOpenNow() {
        return Math.min(limits.maxOpen(), ceiling.maxOpen());
    }

    /** True if more permits are owed to the budget than are on their way back to it. */
    boolean owesPermits() {
        return owed > permitsOnOrder;
    }

    /**
     * The slot that makes way while room is short or permits are owed. It is the least recently used idle slot, else
     * the youngest dial of an endpoint where no waiter needs it. While only the share of unproven endpoints is short,
     * it is such a dial of one of them. Null if there is no such slot, or no need.
     */
    @Nullable
    Slot nextToEvict() {
        if (isShort() || owesPermits()) {
            Slot leastRecent = idle.first();
            return leastRecent == null ? unneededDial() : leastRecent;
        }
        return isShareShort() ? unneededDial(unproven) : null;
    }

    private @Nullable Slot unneededDial() {
        Slot unprovenDial = unneededDial(unproven);
        return unprovenDial == null ? unneededDial(proven) : unprovenDial;
    }

    private static @Nullable Slot unneededDial(EndpointGroup group) {
        EndpointState withSurplus = group.surplus.first();
        return withSurplus == null ? null : withSurplus.latest(State.DIALING);
    }

    /**
     * True if a connection that was just released must not serve a waiter of its own endpoint, because waiters of
     * another endpoint, or the budget, have been kept waiting for longer than the patience.
     */
    boolean mustYield(EndpointState released, long now) {
        boolean waitedFor = released.ordinary() > 0;
        return waitedFor && (othersAreKeptOut(released, now) || isOverdueToBudget(now));
    }

    /** True if the budget has been owed permits for longer than the patience. */
    boolean isOverdueToBudget(long now) {
        return owesPermits() && now - owedSince >= patience;
    }

    /**
     * True if waiters of other endpoints are kept out by an endpoint that goes on using its shared connections, so that
     * one more of these must yield. The longer they are kept out, and the more endpoints they are, the more yield.
     *
     * @param yielding how many slots of all endpoints yield
     */
    boolean keepsOthersOut(EndpointState user, int yielding, long now) {
        WaitQueue oldest = oldestOpenable();
        Waiter own = user.firstOrdinary();
        if (oldest == null || oldest.home == user || own != null && oldest.key() > own.sequence || !isShort()) {
            return false;
        }
        return yielding + onOrder < Math.min((now - oldest.keptOutSince) / patience, othersThatMayOpen(user));
    }

    /** How many endpoints other than this one have waiters for whom they may open slots, if there is room. */
    private int othersThatMayOpen(EndpointState endpoint) {
        int all = proven.openable.size() + (shareLeft() > 0 ? unproven.openable.size() : 0);
        WaitQueue own = endpoint.waitQueue();
        boolean ownCounted = own != null && own.wanted > 0 && (endpoint.isProven() || shareLeft() > 0);
        return ownCounted ? all - 1 : all;
    }

    private boolean othersAreKeptOut(EndpointState released, long now) {
        WaitQueue oldest = oldestOpenable();
        Waiter own = released.firstOrdinary();
        return oldest != null
                && own != null
                && oldest.home != released
                && oldest.key() < own.sequence
                && now - oldest.keptOutSince >= patience
                && isShort();
    }

    /**
     * True if the endpoint's oldest waiter wants a fresh connection, none is being dialed, and there is no room for it.
     * Then a connection that was just released serves no other waiter of the endpoint, and makes room.
     */
    boolean isKeptFromFresh(EndpointState endpoint) {
        Waiter oldest = endpoint.firstWaiter();
        if (oldest == null || !oldest.fresh || endpoint.dials() > 0 || endpoint.isPaused()) {
            return false;
        }
        boolean isNext = oldestOpenable() == endpoint.waitQueue();
        return staying(endpoint) >= limits.maxOpenPerEndpoint() || isNext && open - onOrder >= maxOpenNow();
    }

    /**
     * True if the limit of the endpoint allows one more slot. The slot is open already, so the total limit does not
     * matter.
     */
    boolean hasRoom(EndpointState endpoint) {
        return endpoint.open() < limits.maxOpenPerEndpoint();
    }

    /** True if the endpoint has waiters for whom no slot is coming, and a limit keeps it from opening one. */
    boolean isKeptOut(EndpointState endpoint) {
        boolean atLimit = !hasRoom(endpoint) || open >= maxOpenNow();
        return endpoint.uncovered() > 0 && atLimit;
    }

    // ---- limits that were lowered

    /** True if the endpoint holds more slots than its limit allows, slots on order not counted. */
    boolean isSurplus(EndpointState endpoint) {
        return isSurplus(endpoint, 0);
    }

    /** The same, with so many more slots of the endpoint not counted. */
    boolean isSurplus(EndpointState endpoint, int others) {
        return staying(endpoint) - others > limits.maxOpenPerEndpoint();
    }

    /** True if all endpoints together hold more slots than the total limit allows, slots on order not counted. */
    boolean isSurplus() {
        return isSurplus(0);
    }

    /** The same, with so many more slots not counted. */
    boolean isSurplus(int others) {
        return open - onOrder - others > limits.maxOpen();
    }
}
