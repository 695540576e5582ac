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
 * The model's books: one list of all that hold a place, one list of all who wait, and questions that are answered by
 * walking over them. Endpoints are words, and exist as far as something mentions them.
 */
final class Ledger {
    /** All slots that hold a permit, in the order of opening. */
    final List<NaiveSlot> slots = new ArrayList<>();

    /** All waiters of all endpoints, oldest first. */
    final List<NaiveWaiter> waiters = new ArrayList<>();

    final Map<String, NaiveHealth> health = new TreeMap<>();

    /**
     * Since when endpoints that want to open and may are kept out by the total limit, or have last opened something.
     */
    final Map<String, Long> keptOutSince = new TreeMap<>();

    final MachineConfig config;
    Limits limits;
    long now;
    long event;

    /** How many permits the budget wants back, and since when it has wanted any. */
    int owed;

    long owedSince;

    /** How many may be open while the system has no resources for more, and until when. */
    int ceiling = Integer.MAX_VALUE;

    long ceilingDue = Long.MAX_VALUE;

    Ledger(Limits limits, MachineConfig config) {
        this.limits = limits;
        this.config = config;
    }

    // ---- an endpoint

    int count(String home, State state) {
        int count = 0;
        for (NaiveSlot slot : slots) {
            if (slot.state == state && slot.home.equals(home)) {
                count++;
            }
        }
        return count;
    }

    int open(String home) {
        int open = 0;
        for (NaiveSlot slot : slots) {
            if (slot.home.equals(home)) {
                open++;
            }
        }
        return open;
    }

    /** Asking and dialling. */
    int opening(String home) {
        return count(home, State.AWAITING_PERMIT) + count(home, State.DIALING);
    }

    int coming(String home) {
        return opening(home) + count(home, State.RESETTING);
    }

    int waiting(String home) {
        int waiting = 0;
        for (NaiveWaiter waiter : waiters) {
            if (waiter.home.equals(home)) {
                waiting++;
            }
        }
        return waiting;
    }

    @Nullable
    NaiveWaiter nthWaiter(String home, int n) {
        int before = 0;
        for (NaiveWaiter waiter : waiters) {
            if (waiter.home.equals(home) && before++ == n) {
                return waiter;
            }
        }
        return null;
    }

    @Nullable
    NaiveWaiter firstUncovered(String home) {
        return nthWaiter(home, coming(home));
    }

    int uncovered(String home) {
        return Math.max(0, waiting(home) - coming(home));
    }

    boolean isCovered(NaiveWaiter waiter) {
        int before = 0;
        for (NaiveWaiter other : waiters) {
            if (other == waiter) {
                break;
            }
            before += other.home.equals(waiter.home) ? 1 : 0;
        }
        return before < coming(waiter.home);
    }

    boolean isPaused(String home) {
        NaiveHealth its = health.get(home);
        return its != null && its.paused;
    }

    /** How many more the endpoint could open and would, if only the total limit allowed it. */
    int wanted(String home) {
        if (isPaused(home)) {
            return 0;
        }
        NaiveHealth its = health.get(home);
        int mayDial = its != null && its.failures > 1 ? 1 : limits.maxDialsPerEndpoint();
        int place = Math.min(limits.maxOpenPerEndpoint() - open(home), mayDial - opening(home));
        return Math.max(0, Math.min(uncovered(home), place));
    }

    /** True if more is coming than there are waiters. */
    boolean hasSurplus(String home) {
        return coming(home) > waiting(home);
    }

    /** True if more is open than its limit allows, and will stay so even when all that is ending has ended. */
    boolean isOver(String home) {
        int staying = 0;
        for (NaiveSlot slot : slots) {
            staying += slot.home.equals(home) && !slot.isOnOrder() ? 1 : 0;
        }
        return staying > limits.maxOpenPerEndpoint();
    }

    // ---- all endpoints

    boolean isOver() {
        return slots.size() - onOrder() > limits.maxOpen();
    }

    Set<String> homes() {
        Set<String> homes = new LinkedHashSet<>();
        slots.forEach(slot -> homes.add(slot.home));
        waiters.forEach(waiter -> homes.add(waiter.home));
        homes.addAll(health.keySet());
        return homes;
    }

    int onOrder() {
        int count = 0;
        for (NaiveSlot slot : slots) {
            count += slot.isOnOrder() ? 1 : 0;
        }
        return count;
    }

    int overdue() {
        int count = 0;
        for (NaiveSlot slot : slots) {
            count += slot.overdue ? 1 : 0;
        }
        return count;
    }

    /** Of what is ending soon, how many give a permit back to the budget. */
    int paying() {
        int count = 0;
        for (NaiveSlot slot : slots) {
            count += slot.isOnOrder() && slot.permitted ? 1 : 0;
        }
        return count;
    }

    /** How many more may be opened; less than zero after the limit was lowered. */
    int free() {
        return Math.min(limits.maxOpen(), ceiling) - slots.size();
    }

    boolean isInDebt() {
        return owed > paying();
    }

    /** True if more is wanted than is free or will be soon. */
    boolean isShort() {
        int demand = 0;
        for (String home : homesWithWaiters()) {
            demand += wanted(home);
        }
        return demand > free() + onOrder();
    }

    private Set<String> homesWithWaiters() {
        Set<String> homes = new LinkedHashSet<>();
        for (NaiveWaiter waiter : waiters) {
            homes.add(waiter.home);
        }
        return homes;
    }

    /** Of those who would open if the total limit allowed it, the one with the oldest uncovered waiter. */
    @Nullable
    String nextToOpen() {
        String next = null;
        long oldest = Long.MAX_VALUE;
        for (String home : homesWithWaiters()) {
            NaiveWaiter waiter = wanted(home) > 0 ? firstUncovered(home) : null;
            if (waiter != null && waiter.asked < oldest) {
                oldest = waiter.asked;
                next = home;
            }
        }
        return next;
    }

    // ---- slots

    /** Those in the state, who entered it first first; of one endpoint, or of all for null. */
    List<NaiveSlot> in(State state, @Nullable String home) {
        List<NaiveSlot> found = new ArrayList<>();
        for (NaiveSlot slot : slots) {
            if (slot.state == state && (home == null || slot.home.equals(home))) {
                found.add(slot);
            }
        }
        found.sort(Comparator.comparingLong(slot -> slot.entered));
        return found;
    }

    @Nullable
    NaiveSlot oldest(State state, @Nullable String home) {
        NaiveSlot oldest = null;
        for (NaiveSlot slot : slots) {
            if (slot.state == state
                    && (home == null || slot.home.equals(home))
                    && (oldest == null || slot.entered < oldest.entered)) {
                oldest = slot;
            }
        }
        return oldest;
    }

    /** Of all idle slots, the one that was used least recently, as far as is known. */
    @Nullable
    NaiveSlot leastRecentlyUsed() {
        NaiveSlot least = null;
        for (NaiveSlot slot : slots) {
            if (slot.state == State.IDLE && (least == null || slot.used < least.used)) {
                least = slot;
            }
        }
        return least;
    }

    @Nullable
    NaiveSlot latest(State state, @Nullable String home) {
        NaiveSlot latest = null;
        for (NaiveSlot slot : slots) {
            if (slot.state == state
                    && (home == null || slot.home.equals(home))
                    && (latest == null || slot.entered > latest.entered)) {
                latest = slot;
            }
        }
        return latest;
    }

    /**
     * The idle slot that this waiter gets: the latest, or rather the latest on its event loop if that is one of the
     * latest 32.
     */
    @Nullable
    NaiveSlot idleFor(NaiveWaiter waiter) {
        List<NaiveSlot> idle = in(State.IDLE, waiter.home);
        for (int i = idle.size() - 1; waiter.loop > 0 && i >= Math.max(0, idle.size() - 32); i--) {
            if (idle.get(i).loop == waiter.loop) {
                return idle.get(i);
            }
        }
        return idle.isEmpty() ? null : idle.get(idle.size() - 1);
    }

    Counts counts(@Nullable String home) {
        int[] by = new int[State.values().length];
        for (NaiveSlot slot : slots) {
            if (home == null || slot.home.equals(home)) {
                by[slot.state.ordinal()]++;
            }
        }
        return new SlotCounts(
                by[State.AWAITING_PERMIT.ordinal()],
                by[State.DIALING.ordinal()],
                by[State.IDLE.ordinal()],
                by[State.LEASED.ordinal()],
                by[State.RESETTING.ordinal()],
                by[State.CLOSING.ordinal()],
                home == null ? waiters.size() : waiting(home));
    }

    /** The time so much later; what is too far away is never. */
    long after(long duration) {
        return after(now, duration);
    }

    static long after(long time, long duration) {
        return duration < Long.MAX_VALUE - time ? time + duration : Long.MAX_VALUE;
    }
}
