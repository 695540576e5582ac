package dev.keepalive.fuzz;

import dev.keepalive.fuzz.SimulatedEnvironment.HeldLease;
import dev.keepalive.machine.ReleaseKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shared connections: their peers, which change their minds at any time, and the holders of their leases. */
final class SimulatedSharing {
    private final SimulatedEnvironment environment;
    private final LockstepComparison lockstep;
    private final FuzzSharing sharing;
    private int delivered;

    /** Ended leases whose reset is not answered. */
    final List<HeldLease> resetting = new ArrayList<>();

    /** Leases that are held until everything comes to rest. */
    final List<HeldLease> everlasting = new ArrayList<>();

    SimulatedSharing(SimulatedEnvironment environment, LockstepComparison lockstep, FuzzSharing sharing) {
        this.environment = environment;
        this.lockstep = lockstep;
        this.sharing = sharing;
    }

    static boolean isShared(HeldLease lease) {
        return SimulatedEnvironment.simulated(lease.slot()).leases != null;
    }

    /**
     * How many leases the connection of a dial takes; 0 if it is exclusive.
     *
     * @param offered how many it is to take if it is shared; 0 to be exclusive if it may
     */
    int leasesOf(String endpoint, int offered) {
        return switch (sharing.kind(endpoint)) {
            case EXCLUSIVE -> 0;
            case SHARED -> Math.max(1, offered);
            case MIXED -> offered;
        };
    }

    /** True if this holder never ends its lease by itself. */
    boolean keeps(HeldLease lease) {
        boolean keeps = isShared(lease) && sharing.everlasting() > 0 && ++delivered % sharing.everlasting() == 0;
        if (keeps) {
            everlasting.add(lease);
        }
        return keeps;
    }

    void capacity(@Nullable SimulatedSlot simulated, int leases) {
        if (simulated == null) {
            return;
        }
        // What is due before the machine hears of it may still take what it was allowed.
        SimulatedLeases its = simulated.leases;
        if (its != null) {
            its.capacity(Math.max(leases, its.capacity()));
        }
        lockstep.capacity(simulated.slot, leases);
        if (its != null) {
            its.capacity(leases);
        }
    }

    /** All shared connections take so many leases from now on. */
    void setCapacities(List<SimulatedSlot> opened, int leases) {
        for (SimulatedSlot simulated : List.copyOf(opened)) {
            if (simulated.leases != null) {
                capacity(simulated, leases);
            }
        }
    }

    /** How many leases fit on the open connections; of one endpoint, or of all for null. */
    int places(List<SimulatedSlot> opened, @Nullable String endpoint) {
        int places = 0;
        for (SimulatedSlot simulated : opened) {
            boolean counts =
                    endpoint == null || simulated.slot.endpoint().scheme().equals(endpoint);
            boolean open = counts && !simulated.gone && !simulated.killed;
            places += !open ? 0 : simulated.leases == null ? 1 : simulated.leases.capacity();
        }
        return places;
    }

    void release(HeldLease lease, ReleaseKind kind) {
        boolean toReset = kind != ReleaseKind.REUSE;
        if (leases(lease).end(lease.lease(), toReset) && toReset) {
            resetting.add(lease);
        }
        lockstep.released(lease.slot(), lease.lease(), kind, null);
    }

    void answerReset(@Nullable HeldLease lease, boolean reusable) {
        if (lease != null && isShared(lease)) {
            boolean present = leases(lease).reset(lease.lease());
            lockstep.leaseReset(lease.slot(), lease.lease(), reusable);
            if (present && !reusable) {
                leases(lease).becomeUnusable();
            }
        }
    }

    /** A holder acquires again before it ends its lease. */
    void renew(List<HeldLease> held, int which) {
        List<HeldLease> some = new ArrayList<>(held);
        some.removeIf(lease -> !isShared(lease));
        if (!some.isEmpty()) {
            HeldLease lease = some.get(which % some.size());
            held.remove(lease);
            environment.acquireUnlessCrowded(lease.slot().endpoint().scheme(), which, -1, false);
            environment.release(lease, ReleaseKind.REUSE);
        }
    }

    private static SimulatedLeases leases(HeldLease lease) {
        SimulatedLeases leases = SimulatedEnvironment.simulated(lease.slot()).leases;
        if (leases == null) {
            throw new IllegalStateException("the connection is not shared");
        }
        return leases;
    }
}
