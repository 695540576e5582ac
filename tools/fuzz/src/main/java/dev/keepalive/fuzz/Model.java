package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.Limits;
import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.AcquireOutcome;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.MachineConfig;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The naive reference: decides what the machine must decide, from the same events, by walking over lists. Each event
 * reads from {@link Seen} what the machine did, and throws a {@link Violation} as soon as that is something else. Where
 * the design leaves the choice, any of the permitted ones is taken as seen.
 */
final class Model {
    final Ledger ledger;
    final Tally tally = new Tally();
    private final Seen seen;
    private final Acts acts;
    private final Endings endings;
    private final Dues dues;
    private final Map<Long, NaiveSlot> known = new HashMap<>();

    Model(Limits limits, MachineConfig config, Seen seen, Ties ties) {
        this.seen = seen;
        ledger = new Ledger(limits, config);
        acts = new Acts(ledger, seen, tally);
        endings = new Endings(ledger, acts, seen);
        dues = new Dues(ledger, acts, seen, endings, ties);
    }

    // ---- acquires

    void acquire(String name, String home, long deadline, int loop, long time) {
        begin(time);
        NaiveWaiter waiter = new NaiveWaiter(name, home, deadline, ledger.event, loop);
        ledger.waiters.add(waiter);
        if (endings.begun) {
            acts.fail(waiter, AcquireOutcome.CLOSED, null);
        } else if (deadline <= ledger.now) {
            acts.fail(waiter, AcquireOutcome.TIMED_OUT, null);
        } else {
            dispatch(home);
        }
        open(home);
        boolean waits = ledger.waiters.contains(waiter) && !ledger.isCovered(waiter);
        if (waits && ledger.uncovered(home) > ledger.limits.maxWaitingPerEndpoint()) {
            acts.fail(waiter, AcquireOutcome.QUEUE_FULL, null);
        }
        settle(home);
    }

    void tryAcquire(String name, String home, int loop, long time) {
        begin(time);
        boolean served = false;
        if (ledger.count(home, State.IDLE) > 0) {
            NaiveWaiter waiter = new NaiveWaiter(name, home, Long.MAX_VALUE, ledger.event, loop);
            ledger.waiters.add(waiter);
            dispatch(home);
            served = !ledger.waiters.remove(waiter);
        }
        settle(home);
        if (!served) {
            seen.expect(name + " gets nothing");
        }
    }

    void cancel(String name, long time) {
        begin(time);
        NaiveWaiter waiter = null;
        for (NaiveWaiter any : ledger.waiters) {
            waiter = any.name.equals(name) ? any : waiter;
        }
        if (waiter != null) {
            ledger.waiters.remove(waiter);
            tally.withdrawn++;
            settle(waiter.home);
        } else {
            settle(null);
            seen.expect("too late");
        }
    }

    // ---- connections

    void asked(long number, boolean granted, long time) {
        begin(time);
        NaiveSlot slot = slot(number);
        if (slot.askUnanswered) {
            slot.askUnanswered = false;
            if (granted && slot.state == State.AWAITING_PERMIT) {
                slot.permitted = true;
                acts.dial(slot);
            } else {
                acts.gone(slot);
                if (granted) {
                    seen.expect("give back " + number);
                }
            }
        }
        settle(slot.home);
    }

    void dialled(long number, DialResult result, int loop, long time) {
        begin(time);
        NaiveSlot slot = slot(number);
        boolean ok = result == DialResult.OPENED;
        if (slot.dialUnanswered) {
            slot.dialUnanswered = false;
            tally.dialsFailed += ok && slot.state != State.CLOSING ? 0 : 1;
            if (slot.state == State.CLOSING) {
                stopped(slot, ok);
            } else if (ok) {
                slot.loop = loop;
                acts.opened(slot);
                ledger.health.remove(slot.home);
                available(slot);
            } else if (result == DialResult.OUT_OF_RESOURCES) {
                dues.ranOut(slot);
            } else {
                dues.dialFailed(slot, AcquireOutcome.DIAL_FAILED);
                acts.gone(slot);
            }
        }
        settle(slot.home);
    }

    private void stopped(NaiveSlot slot, boolean ok) {
        if (ok) {
            seen.expect("close " + slot.number + " " + slot.reason);
        } else {
            acts.gone(slot);
        }
    }

    void reset(long number, boolean quiet, long time) {
        begin(time);
        NaiveSlot slot = slot(number);
        if (slot.state == State.RESETTING) {
            if (quiet) {
                available(slot);
            } else {
                acts.end(slot, CloseReason.NOT_REUSABLE);
            }
        }
        settle(slot.home);
    }

    void released(long number, long lease, ReleaseKind kind, @Nullable String as, long time) {
        begin(time);
        NaiveSlot slot = slot(number);
        if (slot.state == State.IDLE && lease > slot.lease) {
            acts.lent(slot, lease);
        }
        boolean present = slot.state == State.LEASED && slot.lease == lease;
        if (present) {
            slot.freeSince = ledger.event;
            tally.forgotten += kind == ReleaseKind.LEAKED ? 1 : 0;
            if (as == null || rekeyed(slot, as)) {
                give(slot, kind);
            }
        }
        settle(slot.home);
        if (!present) {
            seen.expect("stale");
        }
    }

    /** The slot goes to another endpoint if that has a place for it, else it ends. */
    private boolean rekeyed(NaiveSlot slot, String as) {
        String before = slot.home;
        boolean place = as.equals(before) || ledger.open(as) < ledger.limits.maxOpenPerEndpoint();
        if (place) {
            slot.home = as;
        } else {
            acts.end(slot, CloseReason.RETIRED);
        }
        endings.tidy(before);
        endings.tidy(as);
        return place;
    }

    private void give(NaiveSlot slot, ReleaseKind kind) {
        switch (kind) {
            case REUSE -> available(slot);
            case RESET -> acts.reset(slot);
            case NOT_REUSABLE -> acts.end(slot, CloseReason.NOT_REUSABLE);
            case INVALIDATED -> acts.end(slot, CloseReason.INVALIDATED);
            case LEAKED -> acts.end(slot, CloseReason.LEAKED);
        }
    }

    void closed(long number, CloseReason unasked, long time) {
        begin(time);
        NaiveSlot slot = slot(number);
        if (slot.state != State.GONE && !slot.dialUnanswered) {
            boolean byPeer = slot.reason == null || slot.reason == CloseReason.PEER_CLOSED;
            acts.gone(slot);
            seen.expect("gone " + number + " " + (byPeer ? unasked : slot.reason));
        }
        settle(slot.home);
    }

    // ---- the whole

    void tick(long time) {
        begin(time);
        settle(null);
    }

    void configure(Limits limits, long time) {
        begin(time);
        ledger.limits = limits;
        endings.endSurplus();
        settle(null);
    }

    void retire(String home, long time) {
        begin(time);
        endings.retire(home);
        settle(home);
    }

    void retireOne(long number, long time) {
        begin(time);
        NaiveSlot slot = slot(number);
        slot.retired = true;
        if (slot.state == State.IDLE) {
            acts.endIdle(slot, CloseReason.RETIRED);
        }
        settle(slot.home);
    }

    void retireAll(long time) {
        begin(time);
        endings.retireAll();
        settle(null);
    }

    /** What the machine must answer. */
    int owed(int level, long time) {
        begin(time);
        ledger.owedSince = ledger.owed == 0 ? ledger.now : ledger.owedSince;
        ledger.owed = level;
        settle(null);
        return ledger.paying();
    }

    void drain(long deadline, long time) {
        begin(time);
        endings.drain(deadline);
        settle(null);
    }

    /** When something is due next; {@link Long#MAX_VALUE} for never. */
    long nextDue() {
        return dues.next();
    }

    /** True from the first drain or shutdown on. */
    boolean isEnding() {
        return endings.begun;
    }

    void shutdown(long time) {
        begin(time);
        endings.cutShort();
        settle(null);
    }

    // ---- decisions

    private void begin(long time) {
        ledger.now = Math.max(ledger.now, time);
        ledger.event++;
        dues.end();
    }

    NaiveSlot slot(long number) {
        NaiveSlot found = known.get(number);
        if (found == null) {
            throw new Violation(Check.WORLD, "no slot " + number);
        }
        return found;
    }

    private void dispatch(String home) {
        for (NaiveWaiter waiter = ledger.nthWaiter(home, 0); waiter != null; waiter = ledger.nthWaiter(home, 0)) {
            NaiveSlot slot = ledger.idleFor(waiter);
            if (slot == null) {
                return;
            } else if (acts.take(slot)) {
                serve(waiter, slot);
            }
        }
    }

    private void serve(NaiveWaiter waiter, NaiveSlot slot) {
        long lease = acts.claim(slot);
        if (lease > 0) {
            acts.serve(waiter, slot, lease);
        } else {
            acts.end(slot, CloseReason.PEER_CLOSED);
        }
    }

    private void available(NaiveSlot slot) {
        CloseReason ends = whyItEnds(slot);
        if (ends != null) {
            acts.end(slot, ends);
            return;
        }
        NaiveWaiter waiter = ledger.nthWaiter(slot.home, 0);
        if (waiter != null) {
            serve(waiter, slot);
        } else {
            acts.park(slot);
            slot.fresh = false;
            if (slot.retired || endings.begun) {
                acts.end(slot, slot.retired ? CloseReason.RETIRED : CloseReason.MANAGER_CLOSED);
            } else if (!acts.parked(slot)) {
                acts.end(slot, CloseReason.NOT_REUSABLE);
            }
        }
    }

    private @Nullable CloseReason whyItEnds(NaiveSlot slot) {
        if (ledger.isOver(slot.home) || ledger.isOver()) {
            return CloseReason.RETIRED;
        }
        if (slot.fresh) {
            return null;
        }
        if (slot.retired) {
            return CloseReason.RETIRED;
        }
        if (slot.expires <= ledger.now) {
            return CloseReason.LIFETIME;
        }
        return mustMakeWay(slot.home) ? CloseReason.EVICTED : null;
    }

    /** Whether a released connection must not serve its own line. */
    private boolean mustMakeWay(String home) {
        NaiveWaiter own = ledger.nthWaiter(home, 0);
        if (own == null) {
            return false;
        }
        long patience = ledger.config.patience();
        if (ledger.isInDebt() && ledger.now - ledger.owedSince >= patience) {
            return true;
        }
        String other = ledger.nextToOpen();
        NaiveWaiter kept = other == null || other.equals(home) ? null : ledger.firstUncovered(other);
        return kept != null
                && kept.asked < own.asked
                && ledger.now - ledger.keptOutSince.getOrDefault(other, ledger.now) >= patience
                && ledger.isShort();
    }

    private void open(@Nullable String changed) {
        if (changed != null) {
            endings.tidy(changed);
        }
        for (String next = ledger.nextToOpen(); next != null && ledger.free() > 0; next = ledger.nextToOpen()) {
            NaiveWaiter cause = ledger.firstUncovered(next);
            if (cause == null) {
                throw new IllegalStateException("wants to open for nobody");
            }
            acts.open(next, cause);
            NaiveSlot opened = ledger.slots.get(ledger.slots.size() - 1);
            known.put(opened.number, opened);
            endings.tidy(next);
        }
    }

    private void settle(@Nullable String changed) {
        open(changed);
        while (ledger.isShort() || ledger.isInDebt()) {
            NaiveSlot idle = ledger.leastRecentlyUsed();
            NaiveSlot makesWay = idle == null ? surplusDial() : idle;
            if (makesWay == null) {
                break;
            }
            if (makesWay.state != State.IDLE) {
                acts.end(makesWay, CloseReason.EVICTED);
            } else if (!acts.wasUsed(makesWay)) {
                acts.endIdle(makesWay, CloseReason.EVICTED);
            }
            endings.tidy(makesWay.home);
        }
        endings.finish();
    }

    /** The youngest dial of any endpoint where nobody waits for it. */
    private @Nullable NaiveSlot surplusDial() {
        List<NaiveSlot> candidates = new ArrayList<>();
        for (String home : ledger.homes()) {
            NaiveSlot youngest = ledger.hasSurplus(home) ? ledger.latest(State.DIALING, home) : null;
            if (youngest != null) {
                candidates.add(youngest);
            }
        }
        return candidates.isEmpty()
                ? null
                : seen.expectOneOf(candidates, slot -> Acts.endLine(slot, CloseReason.EVICTED));
    }
}
