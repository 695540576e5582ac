package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.DialResult;
import dev.keepalive.machine.Effect;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything around the machine. The shell performs effects in any order, with events in between. The connector and the
 * budget answer late, or never. Callers acquire, and holders release.
 */
final class SimulatedEnvironment {
    private static final long NEVER = Long.MAX_VALUE;
    private static final int MOST_REMEMBERED = 64;

    final LockstepComparison lockstep;
    final FuzzSetup setup;
    final List<SimulatedCaller> callers = new ArrayList<>();
    final List<Effect> pendingEffects = new ArrayList<>();
    final List<SimulatedSlot> permitRequests = new ArrayList<>();
    final List<SimulatedSlot> dials = new ArrayList<>();
    final List<SimulatedSlot> opened = new ArrayList<>();
    private final List<SimulatedSlot> recentDials = new ArrayList<>();
    final List<SimulatedSlot> closing = new ArrayList<>();
    final List<SimulatedSlot> resetting = new ArrayList<>();
    final List<HeldLease> heldLeases = new ArrayList<>();
    final SimulatedBorrowers borrowers;
    final SimulatedSharing sharing;
    private final List<HeldLease> endedLeases = new ArrayList<>();
    private int names;
    private long alarmVersion;

    /** When the alarm goes off. */
    long alarm = NEVER;

    /** Permits of the budget that are in use. */
    int permits;

    SimulatedEnvironment(FuzzSetup setup, LockstepComparison lockstep) {
        this.setup = setup;
        this.lockstep = lockstep;
        this.borrowers = new SimulatedBorrowers(this, lockstep);
        this.sharing = new SimulatedSharing(this, lockstep, setup.sharing());
    }

    /** A lease that a caller has received. */
    record HeldLease(Slot slot, long lease) {}

    // ---- operations

    void apply(FuzzOperation operation) {
        int which = operation.which();
        long value = operation.value();
        switch (operation.kind()) {
            case ACQUIRE -> acquireUnlessCrowded(endpoint(which), which, value, false);
            case ACQUIRE_FRESH -> acquireUnlessCrowded(endpoint(which), which, value, true);
            case TRY_ACQUIRE -> lockstep.tryAcquire(newCaller(endpoint(which), NEVER, which, false, false));
            case CANCEL -> cancel(which, value);
            case PERFORM -> perform(take(pendingEffects, which));
            case PERMIT_ANSWER -> answerPermitRequest(take(permitRequests, which), isOdd(value));
            case DIAL_ANSWER ->
                answerDial(take(dials, which), DialResult.values()[(int) value % 4], loop(which), (int) value / 4);
            case CAPACITY -> sharing.capacity(pick(opened, which), (int) value);
            case RESET_ANSWER -> answerReset(take(resetting, which), isOdd(value));
            case LEASE_RESET_ANSWER -> answerLeaseReset(which, value);
            case RENEW -> sharing.renew(heldLeases, which);
            case BORROW -> borrowers.borrow(opened, which, isOdd(value));
            case RELEASE -> release(take(heldLeases, which), ReleaseKind.values()[(int) value]);
            case RELEASE_AS -> releaseAs(take(heldLeases, which), isOdd(value), endpoint((int) (value / 2)));
            case CLEAN_UP_ANSWER -> borrowers.answerCleanUp(take(borrowers.beingCleaned, which), (int) value);
            case REPORT_RELEASE -> borrowers.report(take(borrowers.pendingReleases, which));
            case RELEASE_AGAIN -> releaseAgain(pick(endedLeases, which), ReleaseKind.values()[(int) value]);
            case CLOSE_ANSWER -> closed(take(closing, which), CloseReason.PEER_CLOSED);
            case PEER_ENDS -> endByPeer(pick(opened, which), value);
            case MAKE_UNUSABLE -> makeUnusable(pick(value > 1 ? dials : opened, which), isOdd(value));
            case PASS_TIME -> lockstep.time = Math.max(0, lockstep.time + value);
            case ALARM -> fireAlarm();
            case TICK -> lockstep.tick();
            case CONFIGURE -> lockstep.configure(FuzzSetup.limits(value));
            case RETIRE -> retire(endpoint(which), isOdd(value));
            case RETIRE_ONE -> retireOne(pick(recentDials, which));
            case BUDGET_DEBT -> owed((int) value);
            case DRAIN -> lockstep.drain(value < 0 ? NEVER : lockstep.time + value);
            case SHUTDOWN -> lockstep.shutdown();
        }
        pendingEffects.addAll(lockstep.takeDecided());
    }

    private String endpoint(int which) {
        return String.valueOf((char) ('a' + which % setup.endpoints()));
    }

    /** One of three event loops; 0 for none. */
    private static int loop(int which) {
        return which / MOST_REMEMBERED % 4;
    }

    /** One in four. */
    private static boolean isPatient(int which) {
        return which / MOST_REMEMBERED / 4 % 4 == 0;
    }

    private static boolean isOdd(long value) {
        return (value & 1) == 1;
    }

    private static <T> @Nullable T pick(List<T> from, int which) {
        return from.isEmpty() ? null : from.get(which % from.size());
    }

    private static <T> @Nullable T take(List<T> from, int which) {
        return from.isEmpty() ? null : from.remove(which % from.size());
    }

    // ---- callers

    private SimulatedCaller newCaller(String endpoint, long deadline, int which, boolean fresh, boolean patient) {
        int expected = isMistaken(which)
                ? 1 + which % FuzzSharing.MOST
                : setup.sharing().declared(endpoint);
        return new SimulatedCaller(
                "w" + ++names, lockstep.endpoint(endpoint), deadline, loop(which), fresh, patient, expected);
    }

    /** One in eight. */
    private boolean isMistaken(int which) {
        return setup.sharing().isAny() && which / MOST_REMEMBERED / 16 % 8 == 1;
    }

    SimulatedCaller acquire(String endpoint, long deadline) {
        return acquire(newCaller(endpoint, deadline, 0, false, false));
    }

    private SimulatedCaller acquire(SimulatedCaller caller) {
        callers.add(caller);
        lockstep.acquire(caller);
        return caller;
    }

    void acquireUnlessCrowded(String endpoint, int which, long timeout, boolean fresh) {
        if (lockstep.waiting() < setup.mostWaiting()) {
            long deadline = timeout < 0 ? NEVER : lockstep.time + timeout;
            acquire(newCaller(endpoint, deadline, which, fresh, isPatient(which)));
        }
    }

    private void cancel(int which, long value) {
        callers.removeIf(any -> any.answered && callers.size() > MOST_REMEMBERED);
        List<SimulatedCaller> some = new ArrayList<>(callers);
        some.removeIf(any -> any.answered && !isOdd(value));
        SimulatedCaller one = pick(some, which);
        if (one != null) {
            lockstep.cancel(one);
        }
    }

    // ---- holders

    void release(@Nullable HeldLease lease, ReleaseKind kind) {
        if (lease == null) {
            return;
        }
        if (SimulatedSharing.isShared(lease)) {
            remember(lease);
            sharing.release(lease, kind);
        } else if (SimulatedBorrowers.isBorrowed(lease)) {
            borrowers.release(lease, kind);
        } else {
            released(lease, kind, null);
        }
    }

    private void releaseAs(@Nullable HeldLease lease, boolean toReset, String endpoint) {
        if (lease == null) {
            return;
        }
        ReleaseKind kind = toReset ? ReleaseKind.RESET : ReleaseKind.REUSE;
        if (SimulatedSharing.isShared(lease)) {
            release(lease, kind);
        } else if (SimulatedBorrowers.isBorrowed(lease)) {
            borrowers.releaseAs(lease, kind, endpoint);
        } else {
            released(lease, kind, endpoint);
        }
    }

    /** Reports the end of a lease to the machine. */
    void released(HeldLease lease, ReleaseKind kind, @Nullable String as) {
        remember(lease);
        simulated(lease.slot).released(lease.lease);
        lockstep.released(lease.slot, lease.lease, kind, as);
        if (kind == ReleaseKind.RESET) {
            resetting.add(simulated(lease.slot));
        }
    }

    /** Keeps an ended lease, so that its holder may try to end it again. */
    void remember(HeldLease lease) {
        endedLeases.add(lease);
        if (endedLeases.size() > MOST_REMEMBERED) {
            endedLeases.remove(0);
        }
    }

    private void releaseAgain(@Nullable HeldLease lease, ReleaseKind kind) {
        if (lease == null) {
            return;
        }
        if (SimulatedSharing.isShared(lease)) {
            sharing.release(lease, kind);
        } else if (!SimulatedBorrowers.isBorrowed(lease)) {
            lockstep.released(lease.slot, lease.lease, kind, null);
        }
    }

    // ---- the connector, the budget and the peer

    void answerPermitRequest(@Nullable SimulatedSlot simulated, boolean granted) {
        if (simulated != null && !simulated.permitAnswered) {
            simulated.permitAnswered = true;
            permits += granted ? 1 : 0;
            lockstep.permitAnswered(simulated.slot, granted);
        }
    }

    /** @param offered how many leases the connection takes if its endpoint has shared ones */
    void answerDial(@Nullable SimulatedSlot simulated, DialResult result, int loop, int offered) {
        if (simulated == null || simulated.dialAnswered) {
            return;
        }
        simulated.dialAnswered = true;
        int leases = sharing.leasesOf(simulated.slot.endpoint().scheme(), offered);
        if (result == DialResult.OPENED) {
            simulated.opened = true;
            opened.add(simulated);
            if (opened.size() > MOST_REMEMBERED) {
                opened.removeIf(any -> any.gone);
            }
        }
        if (result == DialResult.OPENED && leases > 0) {
            simulated.leases = new SimulatedLeases(leases);
            lockstep.openedShared(simulated.slot, loop, leases);
        } else {
            lockstep.dialDone(simulated.slot, result, loop);
        }
    }

    private void answerLeaseReset(int which, long value) {
        HeldLease lease = value > 1 ? pick(endedLeases, which) : take(sharing.resetting, which);
        sharing.answerReset(lease, isOdd(value));
    }

    void answerReset(@Nullable SimulatedSlot simulated, boolean quiet) {
        if (simulated != null) {
            lockstep.resetDone(simulated.slot, quiet);
        }
    }

    void closed(@Nullable SimulatedSlot simulated, CloseReason reason) {
        if (simulated != null && !simulated.gone) {
            simulated.gone = true;
            simulated.breakConnection();
            lockstep.closed(simulated.slot, reason);
        }
    }

    /** The peer ends a connection, perhaps one that the machine already knows to be gone. */
    private void endByPeer(@Nullable SimulatedSlot simulated, long value) {
        if (simulated != null && (!simulated.gone || value > 1)) {
            simulated.gone = true;
            simulated.breakConnection();
            lockstep.closed(simulated.slot, isOdd(value) ? CloseReason.UNEXPECTED_INPUT : CloseReason.PEER_CLOSED);
        }
    }

    private static void makeUnusable(@Nullable SimulatedSlot simulated, boolean onlyToPark) {
        if (simulated != null && onlyToPark) {
            simulated.hasInput();
        } else if (simulated != null) {
            simulated.breakConnection();
        }
    }

    private void retire(String endpoint, boolean all) {
        if (all) {
            lockstep.retireAll();
        } else {
            lockstep.retire(endpoint);
        }
    }

    private void retireOne(@Nullable SimulatedSlot simulated) {
        if (simulated != null) {
            lockstep.retireOne(simulated.slot);
        }
    }

    private void owed(int level) {
        if (setup.config().budgeted()) {
            lockstep.owed(level);
        }
    }

    // ---- time

    void fireAlarm() {
        if (alarm < NEVER) {
            lockstep.time = Math.max(lockstep.time, alarm);
            alarm = NEVER;
            lockstep.tick();
        }
    }

    // ---- the shell

    static SimulatedSlot simulated(Slot slot) {
        return (SimulatedSlot) slot.atomicSlot();
    }

    /** Performs an effect. Effects may come in any order. */
    void perform(@Nullable Effect effect) {
        if (effect instanceof Effect.Deliver deliver) {
            HeldLease lease = new HeldLease(deliver.slot(), deliver.lease());
            if (!sharing.keeps(lease)) {
                heldLeases.add(lease);
            }
        } else if (effect instanceof Effect.RequestPermit ask) {
            requestPermit(simulated(ask.slot()));
        } else if (effect instanceof Effect.CancelPermitRequest unask) {
            cancelPermitRequest(simulated(unask.slot()));
        } else if (effect instanceof Effect.Dial dial) {
            dial(simulated(dial.slot()));
        } else if (effect instanceof Effect.Stop stop) {
            stop(simulated(stop.slot()));
        } else if (effect instanceof Effect.Close close) {
            closing.add(simulated(close.slot()));
        } else if (effect instanceof Effect.ReturnPermit) {
            permits--;
        } else if (effect instanceof Effect.WakeAt wake && wake.version() > alarmVersion) {
            alarmVersion = wake.version();
            alarm = wake.time();
        }
    }

    private void requestPermit(SimulatedSlot simulated) {
        simulated.permitRequestBegun = true;
        if (!simulated.permitRequestCancelled) {
            permitRequests.add(simulated);
        }
    }

    /** A request that has not reached the budget never will. Any other one is still answered. */
    private void cancelPermitRequest(SimulatedSlot simulated) {
        if (!simulated.permitRequestBegun) {
            simulated.permitRequestCancelled = true;
            answerPermitRequest(simulated, false);
        }
    }

    private void dial(SimulatedSlot simulated) {
        recentDials.add(simulated);
        if (recentDials.size() > MOST_REMEMBERED) {
            recentDials.remove(0);
        }
        simulated.dialBegun = true;
        if (!simulated.dialCancelled) {
            dials.add(simulated);
        }
    }

    /** A dial that has not begun never begins. Any other one is still answered. */
    private void stop(SimulatedSlot simulated) {
        if (!simulated.dialBegun) {
            simulated.dialCancelled = true;
            answerDial(simulated, DialResult.FAILED, 0, 0);
        }
    }
}
