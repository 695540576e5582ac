package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What ends though nothing is wrong with it, in the model: at lowered limits, by retiring, draining and shutting down,
 * and what nobody waits for.
 */
final class Endings {
    private final Ledger ledger;
    private final Acts acts;
    private final Seen seen;
    private boolean shutDown;
    private boolean cut;
    private boolean finished;

    /** True from the first drain or shutdown on. */
    boolean begun;

    /** When the drain is over at the latest. */
    long drainDue = Long.MAX_VALUE;

    Endings(Ledger ledger, Acts acts, Seen seen) {
        this.ledger = ledger;
        this.acts = acts;
        this.seen = seen;
    }

    // ---- after every change of an endpoint

    /** Whoever waits in vain is told so, what nobody waits for is taken back, and it is noted who is kept out. */
    void tidy(String home) {
        while (ledger.count(home, State.AWAITING_PERMIT) > 0 && (ledger.hasSurplus(home) || ledger.isPaused(home))) {
            acts.end(require(ledger.latest(State.AWAITING_PERMIT, home)), CloseReason.EVICTED);
        }
        while (begun && ledger.count(home, State.DIALING) > 0 && ledger.hasSurplus(home)) {
            acts.end(require(ledger.latest(State.DIALING, home)), CloseReason.MANAGER_CLOSED);
        }
        NaiveHealth health = ledger.health.get(home);
        if (health != null && health.paused && ledger.open(home) == ledger.count(home, State.CLOSING)) {
            failAll(home, AcquireOutcome.PAUSED, health.last);
        }
        if (ledger.wanted(home) > 0) {
            ledger.keptOutSince.putIfAbsent(home, ledger.now);
        } else {
            ledger.keptOutSince.remove(home);
        }
    }

    /** The pause is over, or the failures are old enough to be forgotten, unless something is being tried just now. */
    void recovers(String home, NaiveHealth health) {
        if (health.paused) {
            health.paused = false;
            health.due = ledger.after(ledger.config.maxBackOff());
        } else if (ledger.opening(home) > 0) {
            health.due = ledger.after(ledger.config.maxBackOff());
        } else {
            ledger.health.remove(home);
        }
    }

    private void failAll(String home, AcquireOutcome outcome, @Nullable NaiveSlot dial) {
        for (NaiveWaiter waiter = ledger.nthWaiter(home, 0); waiter != null; waiter = ledger.nthWaiter(home, 0)) {
            acts.fail(waiter, outcome, dial);
        }
    }

    // ---- lowered limits

    /**
     * What is above the limits and free ends: idle connections, least recently used first, then what is being opened,
     * youngest first.
     */
    void endSurplus() {
        for (String home : inOrderSeen()) {
            for (NaiveSlot next = free(home); next != null && ledger.isOver(home); next = free(home)) {
                if (next.state == State.IDLE) {
                    acts.endIdle(next, CloseReason.RETIRED);
                } else {
                    acts.end(next, CloseReason.RETIRED);
                }
            }
            tidy(home);
        }
        for (NaiveSlot idle = ledger.leastRecentlyUsed();
                idle != null && ledger.isOver();
                idle = ledger.leastRecentlyUsed()) {
            acts.endIdle(idle, CloseReason.RETIRED);
        }
        for (int i = ledger.slots.size() - 1; i >= 0 && ledger.isOver(); i--) {
            if (ledger.slots.get(i).isOpening()) {
                acts.end(ledger.slots.get(i), CloseReason.RETIRED);
            }
        }
        inOrderSeen().forEach(this::tidy);
    }

    private @Nullable NaiveSlot free(String home) {
        NaiveSlot idle = ledger.oldest(State.IDLE, home);
        return idle == null ? youngestOpening(home) : idle;
    }

    private @Nullable NaiveSlot youngestOpening(String home) {
        NaiveSlot asking = ledger.latest(State.AWAITING_PERMIT, home);
        return asking == null ? ledger.latest(State.DIALING, home) : asking;
    }

    // ---- retiring

    void retire(String home) {
        List<NaiveSlot> idle = ledger.in(State.IDLE, home);
        for (NaiveSlot slot : ledger.slots) {
            slot.retired |= slot.home.equals(home);
        }
        endAllIdle(idle, CloseReason.RETIRED);
    }

    void retireAll() {
        for (String home : inOrderSeen()) {
            retire(home);
            tidy(home);
        }
    }

    private void endAllIdle(List<NaiveSlot> slots, CloseReason reason) {
        List<NaiveSlot> left = new ArrayList<>(slots);
        while (!left.isEmpty()) {
            NaiveSlot next = seen.expectOneOf(left, Acts::takeLine);
            acts.endIdle(next, reason);
            left.remove(next);
        }
    }

    private void endAll(List<NaiveSlot> slots, CloseReason reason) {
        List<NaiveSlot> left = new ArrayList<>(slots);
        while (!left.isEmpty()) {
            NaiveSlot next = seen.expectOneOf(left, slot -> Acts.endLine(slot, reason));
            acts.end(next, reason);
            left.remove(next);
        }
    }

    // ---- the end of all

    void drain(long deadline) {
        boolean first = !begun;
        begun = true;
        if (!shutDown && !finished) {
            drainDue = Math.min(drainDue, deadline);
        }
        if (first) {
            for (String home : inOrderSeen()) {
                endAllIdle(ledger.in(State.IDLE, home), CloseReason.MANAGER_CLOSED);
                tidy(home);
            }
        }
        if (deadline <= ledger.now) {
            cutShort();
        }
    }

    void cutShort() {
        takeWhatIsIdle();
        begun = true;
        shutDown = true;
        drainDue = Long.MAX_VALUE;
        cut |= !ledger.waiters.isEmpty() || ledger.oldest(State.LEASED, null) != null;
        for (String home : inOrderSeen()) {
            failAll(home, AcquireOutcome.CLOSED, null);
            List<NaiveSlot> left = new ArrayList<>();
            for (NaiveSlot slot : ledger.slots) {
                if (slot.home.equals(home) && slot.state != State.CLOSING) {
                    left.add(slot);
                }
            }
            endAll(left, CloseReason.MANAGER_CLOSED);
            ledger.health.remove(home);
            tidy(home);
        }
    }

    /** What somebody has borrowed is leased: to end it is to cut it short. */
    private void takeWhatIsIdle() {
        for (String home : inOrderSeen()) {
            endAllIdle(ledger.in(State.IDLE, home), CloseReason.MANAGER_CLOSED);
            tidy(home);
        }
    }

    /** Says so when nothing is held any more but what the connector owes. */
    void finish() {
        if (begun && !finished && ledger.waiters.isEmpty() && ledger.slots.size() == ledger.overdue()) {
            finished = true;
            drainDue = Long.MAX_VALUE;
            seen.expect(cut ? "finished cut" : "finished clean");
        }
    }

    /**
     * All endpoints, in the order in which the rest of what was seen mentions them first: which of them comes first is
     * free.
     */
    private List<String> inOrderSeen() {
        List<String> homes = new ArrayList<>();
        for (String line : seen.rest()) {
            String home = homeIn(line);
            if (home != null && !homes.contains(home)) {
                homes.add(home);
            }
        }
        for (String home : ledger.homes()) {
            if (!homes.contains(home)) {
                homes.add(home);
            }
        }
        return homes;
    }

    private @Nullable String homeIn(String line) {
        String[] words = line.split(" ");
        for (NaiveWaiter waiter : ledger.waiters) {
            if (waiter.name.equals(words[0])) {
                return waiter.home;
            }
        }
        for (NaiveSlot slot : ledger.slots) {
            if (words.length > 1 && String.valueOf(slot.number).equals(words[1])) {
                return slot.home;
            }
        }
        return null;
    }

    private static NaiveSlot require(@Nullable NaiveSlot slot) {
        if (slot == null) {
            throw new IllegalStateException("a slot that is counted but not found");
        }
        return slot;
    }
}
