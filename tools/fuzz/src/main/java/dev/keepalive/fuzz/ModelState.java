package dev.keepalive.fuzz;

import dev.keepalive.Counts;
import dev.keepalive.Limits;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.Slot.State;
import dev.keepalive.machine.SlotCounts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state of the model: one list of slots, one list of waiters. Every question is answered by walking over them.
 *
 * <p>Endpoints are words. An endpoint exists while a slot, a waiter or a remembered failure names it.
 */
final class ModelState {
    /** All slots that hold a place, in the order of opening. */
    final List<ModelSlot> slots = new ArrayList<>();

    /** All waiters of all endpoints, oldest first. */
    final List<ModelWaiter> waiters = new ArrayList<>();

    final Map<String, ModelDialHealth> health = new TreeMap<>();

    final ModelProven proven = new ModelProven(this);
    final ModelFresh fresh = new ModelFresh(this);

    /**
     * Since when the total limit alone has kept an endpoint from opening a connection, or since when it last opened
     * one.
     */
    final Map<String, Long> keptOutSince = new TreeMap<>();

    /** How many leases the connection took that was opened last, by endpoint. */
    final Map<String, Integer> learned = new TreeMap<>();

    /** How many leases the last acquire declared a connection to take, by endpoint. */
    final Map<String, Integer> declared = new TreeMap<>();

    final MachineConfig config;
    Limits limits;
    long now;
    long event;

    /** How many permits the budget wants back, and since when it has wanted any. */
    int owed;

    long owedSince;

    /** How many may be open while the host has no resources for more, and until when. */
    int ceiling = Integer.MAX_VALUE;

    long ceilingDue = Long.MAX_VALUE;

    ModelState(Limits limits, MachineConfig config) {
        this.limits = limits;
        this.config = config;
    }

    // ---- an endpoint

    int count(String endpoint, State state) {
        int count = 0;
        for (ModelSlot slot : slots) {
            if (slot.state == state && slot.endpoint.equals(endpoint)) {
                count++;
            }
        }
        return count;
    }

    int open(String endpoint) {
        int open = 0;
        for (ModelSlot slot : slots) {
            if (slot.endpoint.equals(endpoint)) {
                open++;
            }
        }
        return open;
    }

    /** Permit requests and dials. */
    int opening(String endpoint) {
        return count(endpoint, State.AWAITING_PERMIT) + count(endpoint, State.DIALING);
    }

    /** How many leases a new connection to the endpoint is expected to take. */
    int expected(String endpoint) {
        int said = learned.getOrDefault(endpoint, declared.getOrDefault(endpoint, 1));
        return Math.max(1, Math.min(said, FuzzSharing.MOST));
    }

    /**
     * How many waiters need no further connection. One that is being reset comes for a waiter that takes any, so no
     * more of them count than wait.
     */
    int coming(String endpoint) {
        int ordinary = waiting(endpoint) - fresh.waiting(endpoint);
        return opening(endpoint) * expected(endpoint) + Math.min(count(endpoint, State.RESETTING), ordinary);
    }

    int waiting(String endpoint) {
        int waiting = 0;
        for (ModelWaiter waiter : waiters) {
            if (waiter.endpoint.equals(endpoint)) {
                waiting++;
            }
        }
        return waiting;
    }

    @Nullable
    ModelWaiter nthWaiter(String endpoint, int n) {
        int before = 0;
        for (ModelWaiter waiter : waiters) {
            if (waiter.endpoint.equals(endpoint) && before++ == n) {
                return waiter;
            }
        }
        return null;
    }

    @Nullable
    ModelWaiter firstUncovered(String endpoint) {
        return nthWaiter(endpoint, coming(endpoint));
    }

    int uncovered(String endpoint) {
        return Math.max(0, waiting(endpoint) - coming(endpoint));
    }

    boolean isCovered(ModelWaiter waiter) {
        int before = 0;
        for (ModelWaiter other : waiters) {
            if (other == waiter) {
                break;
            }
            before += other.endpoint.equals(waiter.endpoint) ? 1 : 0;
        }
        return before < coming(waiter.endpoint);
    }

    boolean isPaused(String endpoint) {
        ModelDialHealth its = health.get(endpoint);
        return its != null && its.paused;
    }

    /** True if the endpoint is paused, and nothing open can serve a waiter meanwhile. */
    boolean isHopeless(String endpoint) {
        for (ModelSlot slot : slots) {
            boolean serves = slot.state != State.CLOSING && !(slot.shared && slot.retired);
            if (serves && slot.endpoint.equals(endpoint)) {
                return false;
            }
        }
        return isPaused(endpoint);
    }

    /** How many more connections the endpoint would open if the total limit allowed it. */
    int wanted(String endpoint) {
        int place = Math.min(limits.maxOpenPerEndpoint() - open(endpoint), mayDial(endpoint));
        int expected = expected(endpoint);
        int needed = (uncovered(endpoint) + expected - 1) / expected;
        return Math.max(0, Math.min(needed, place));
    }

    /** How many more dials may begin; negative after the limit was lowered. */
    int mayDial(String endpoint) {
        if (isPaused(endpoint)) {
            return 0;
        }
        ModelDialHealth its = health.get(endpoint);
        int most = its != null && its.failures > 1 ? 1 : limits.maxDialsPerEndpoint();
        return most - opening(endpoint);
    }

    /** How many connections of the endpoint will not be closed soon. */
    int staying(String endpoint) {
        int staying = 0;
        for (ModelSlot slot : slots) {
            staying += slot.endpoint.equals(endpoint) && !slot.isOnOrder() ? 1 : 0;
        }
        return staying;
    }

    /** True if the waiters are covered with one dial or permit request less. */
    boolean hasSurplus(String endpoint) {
        return coming(endpoint) - expected(endpoint) >= waiting(endpoint);
    }

    /** The youngest dial of each endpoint, or of each unproven one, that has dials that no waiter needs. */
    List<ModelSlot> surplusDials(boolean unprovenOnly) {
        List<ModelSlot> dials = new ArrayList<>();
        for (String endpoint : endpoints()) {
            ModelSlot youngest = hasSurplus(endpoint) ? newest(State.DIALING, endpoint) : null;
            if (youngest != null && !(unprovenOnly && proven.contains(endpoint))) {
                dials.add(youngest);
            }
        }
        return dials;
    }

    /** True if more is open than the endpoint's limit, not counting connections whose close is awaited. */
    boolean isOverLimit(String endpoint) {
        return staying(endpoint) > limits.maxOpenPerEndpoint();
    }

    // ---- all endpoints

    boolean isOverLimit() {
        return slots.size() - onOrder() > limits.maxOpen();
    }

    Set<String> endpoints() {
        Set<String> endpoints = new LinkedHashSet<>();
        slots.forEach(slot -> endpoints.add(slot.endpoint));
        waiters.forEach(waiter -> endpoints.add(waiter.endpoint));
        endpoints.addAll(health.keySet());
        return endpoints;
    }

    int onOrder() {
        int count = 0;
        for (ModelSlot slot : slots) {
            count += slot.isOnOrder() ? 1 : 0;
        }
        return count;
    }

    int overdue() {
        int count = 0;
        for (ModelSlot slot : slots) {
            count += slot.overdue ? 1 : 0;
        }
        return count;
    }

    /** How many of the connections whose close is awaited return a permit to the budget. */
    int paying() {
        int count = 0;
        for (ModelSlot slot : slots) {
            count += slot.isOnOrder() && slot.hasPermit ? 1 : 0;
        }
        return count;
    }

    /** How many more may be opened; negative after the limit was lowered. */
    int free() {
        return Math.min(limits.maxOpen(), ceiling) - slots.size();
    }

    boolean isInDebt() {
        return owed > paying();
    }

    /** True if more is wanted than is free or will soon be free. */
    boolean isShort() {
        return proven.demand() > free() + onOrder();
    }

    /**
     * The endpoints that would open a connection if the total limit allowed it, and are not kept out by the share of
     * unproven ones.
     */
    Set<String> openable() {
        Set<String> endpoints = new LinkedHashSet<>();
        for (ModelWaiter waiter : waiters) {
            String endpoint = waiter.endpoint;
            if (wanted(endpoint) > 0 && !proven.isKeptOutByShare(endpoint)) {
                endpoints.add(endpoint);
            }
        }
        return endpoints;
    }

    /** Of the {@link #openable} endpoints, the one with the oldest uncovered waiter. */
    @Nullable
    String nextToOpen() {
        String next = null;
        long oldest = Long.MAX_VALUE;
        for (String endpoint : openable()) {
            ModelWaiter waiter = fresh.nextToOpenFor(endpoint);
            if (waiter != null && waiter.arrival < oldest) {
                oldest = waiter.arrival;
                next = endpoint;
            }
        }
        return next;
    }

    // ---- slots

    /** The slots in this state, ordered by when they entered it; of one endpoint, or of all for null. */
    List<ModelSlot> slotsIn(State state, @Nullable String endpoint) {
        List<ModelSlot> found = new ArrayList<>();
        for (ModelSlot slot : slots) {
            if (slot.state == state && (endpoint == null || slot.endpoint.equals(endpoint))) {
                found.add(slot);
            }
        }
        found.sort(Comparator.comparingLong(slot -> slot.entered));
        return found;
    }

    @Nullable
    ModelSlot oldest(State state, @Nullable String endpoint) {
        ModelSlot oldest = null;
        for (ModelSlot slot : slots) {
            if (slot.state == state
                    && (endpoint == null || slot.endpoint.equals(endpoint))
                    && (oldest == null || slot.entered < oldest.entered)) {
                oldest = slot;
            }
        }
        return oldest;
    }

    /** The idle slot that was used least recently, as far as the machine knows. */
    @Nullable
    ModelSlot leastRecentlyUsed() {
        ModelSlot least = null;
        for (ModelSlot slot : slots) {
            if (slot.state == State.IDLE && (least == null || slot.lastUse < least.lastUse)) {
                least = slot;
            }
        }
        return least;
    }

    @Nullable
    ModelSlot newest(State state, @Nullable String endpoint) {
        ModelSlot latest = null;
        for (ModelSlot slot : slots) {
            if (slot.state == state
                    && (endpoint == null || slot.endpoint.equals(endpoint))
                    && (latest == null || slot.entered > latest.entered)) {
                latest = slot;
            }
        }
        return latest;
    }

    Counts counts(@Nullable String endpoint) {
        int[] by = new int[State.values().length];
        int leases = 0;
        long room = 0;
        int leaving = 0;
        for (ModelSlot slot : slots) {
            if (endpoint == null || slot.endpoint.equals(endpoint)) {
                by[slot.state.ordinal()]++;
                leases += slot.leases();
                room += slot.shared ? slot.room() : slot.state == State.IDLE ? 1 : 0;
                leaving += slot.state == State.LEASED && (slot.retired || slot.yields != null) ? 1 : 0;
            }
        }
        return new SlotCounts(
                by[State.AWAITING_PERMIT.ordinal()],
                by[State.DIALING.ordinal()],
                by[State.IDLE.ordinal()],
                by[State.LEASED.ordinal()],
                by[State.RESETTING.ordinal()],
                by[State.CLOSING.ordinal()],
                leases,
                (int) Math.min(room, Integer.MAX_VALUE),
                leaving,
                endpoint == null ? waiters.size() : waiting(endpoint));
    }

    /** The time {@code duration} from now; {@link Long#MAX_VALUE} if that overflows. */
    long after(long duration) {
        return after(now, duration);
    }

    static long after(long time, long duration) {
        return duration < Long.MAX_VALUE - time ? time + duration : Long.MAX_VALUE;
    }
}
