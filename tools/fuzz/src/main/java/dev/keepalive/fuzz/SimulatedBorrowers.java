package dev.keepalive.fuzz;

import dev.keepalive.fuzz.SimulatedEnvironment.HeldLease;
import dev.keepalive.fuzz.SimulatedSlot.Use;
import dev.keepalive.machine.ReleaseKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Callers that borrow idle connections and give them back without the machine.
 *
 * <p>Where the machine has to know, the connection changes hands first and the machine hears of it later, with other
 * events in between.
 */
final class SimulatedBorrowers {
    private final SimulatedEnvironment environment;
    private final LockstepComparison lockstep;

    /** Ended leases whose connections are still being cleaned up. */
    final List<HeldLease> beingCleaned = new ArrayList<>();

    /** Ended leases that the machine will hear of. */
    final List<PendingRelease> pendingReleases = new ArrayList<>();

    SimulatedBorrowers(SimulatedEnvironment environment, LockstepComparison lockstep) {
        this.environment = environment;
        this.lockstep = lockstep;
    }

    /** What will be reported to the machine about an ended lease. */
    record PendingRelease(HeldLease lease, ReleaseKind kind, @Nullable String as) {}

    /**
     * Borrows an idle connection.
     *
     * @param late the time of use is noted only when the connection is given back
     */
    @Nullable
    HeldLease borrow(List<SimulatedSlot> from, int which, boolean late) {
        List<SimulatedSlot> idle = new ArrayList<>(from);
        idle.removeIf(simulated -> !simulated.is(Use.IDLE));
        if (idle.isEmpty()) {
            return null;
        }
        SimulatedSlot simulated = idle.get(which % idle.size());
        HeldLease held = new HeldLease(simulated.slot, simulated.borrow(late ? 0 : lockstep.lastEventTime()));
        environment.heldLeases.add(held);
        lockstep.unreported("a caller borrows " + simulated.slot.number() + " lease " + held.lease());
        return held;
    }

    /** True if the machine does not know of this lease. */
    static boolean isBorrowed(HeldLease lease) {
        return SimulatedEnvironment.simulated(lease.slot()).isUnknownToMachine(lease.lease());
    }

    void release(HeldLease lease, ReleaseKind kind) {
        SimulatedSlot simulated = SimulatedEnvironment.simulated(lease.slot());
        ReleaseKind told = simulated.is(Use.DEAD) && mayReuse(kind) ? ReleaseKind.NOT_REUSABLE : kind;
        if (!simulated.giveBack(told, lockstep.lastEventTime())) {
            reportLater(lease, told, null);
        } else if (kind == ReleaseKind.REUSE) {
            cleanedUp(lease, true);
        } else {
            beingCleaned.add(lease);
            lockstep.unreported("a borrower gives back " + lease.slot().number() + ", to be cleaned up");
        }
    }

    private static boolean mayReuse(ReleaseKind kind) {
        return kind == ReleaseKind.REUSE || kind == ReleaseKind.RESET;
    }

    void releaseAs(HeldLease lease, ReleaseKind kind, String as) {
        SimulatedSlot simulated = SimulatedEnvironment.simulated(lease.slot());
        if (simulated.is(Use.DEAD) || as.equals(lease.slot().endpoint().scheme())) {
            release(lease, kind);
        } else {
            simulated.endThroughMachine();
            simulated.giveBack(kind, lockstep.lastEventTime());
            reportLater(lease, kind, as);
        }
    }

    /**
     * Answers a clean-up.
     *
     * @param how 0 reusable; 1 not reusable; 2 or 3 later. If the machine revoked the connection meanwhile, a later
     *     answer is reported as a release: 2 to be reset, 3 clean.
     */
    void answerCleanUp(@Nullable HeldLease lease, int how) {
        if (lease == null) {
            return;
        }
        SimulatedSlot simulated = SimulatedEnvironment.simulated(lease.slot());
        if (simulated.is(Use.DEAD)) {
            // The connector notices the death and reports that the connection is gone.
            environment.remember(lease);
            environment.closing.add(simulated);
        } else if (how < 2) {
            answerCleanUp(lease, how == 0);
        } else if (simulated.cleansUpLater()) {
            beingCleaned.add(lease);
            lockstep.unreported("the clean-up of " + lease.slot().number() + " takes longer");
        } else {
            reportLater(lease, how == 2 ? ReleaseKind.RESET : ReleaseKind.REUSE, null);
        }
    }

    private void answerCleanUp(HeldLease lease, boolean quiet) {
        if (SimulatedEnvironment.simulated(lease.slot()).takeAwaitedAnswer()) {
            lockstep.resetDone(lease.slot(), quiet);
        } else {
            cleanedUp(lease, quiet);
        }
    }

    private void cleanedUp(HeldLease lease, boolean quiet) {
        SimulatedSlot simulated = SimulatedEnvironment.simulated(lease.slot());
        if (!simulated.cleanedUp(quiet)) {
            reportLater(lease, quiet ? ReleaseKind.REUSE : ReleaseKind.NOT_REUSABLE, null);
        } else if (simulated.is(Use.DEAD)) {
            reportLater(lease, ReleaseKind.NOT_REUSABLE, null);
        } else {
            environment.remember(lease);
            lockstep.unreported("a borrower gives back " + lease.slot().number());
        }
    }

    private void reportLater(HeldLease lease, ReleaseKind kind, @Nullable String as) {
        pendingReleases.add(new PendingRelease(lease, kind, as));
        lockstep.unreported("a release will be reported: " + lease.slot().number());
    }

    void report(@Nullable PendingRelease end) {
        if (end != null) {
            SimulatedEnvironment.simulated(end.lease.slot())
                    .report(end.lease.lease(), () -> environment.released(end.lease, end.kind, end.as));
        }
    }
}
