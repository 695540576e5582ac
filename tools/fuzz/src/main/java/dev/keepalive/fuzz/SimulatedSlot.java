package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.FuzzViolation.require;

import dev.keepalive.fuzz.FuzzViolation.Check;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;
import org.jspecify.annotations.Nullable;

/**
 * The outer part of a slot: what the connector, the peer and the borrowers have done with the connection so far.
 *
 * <p>Each call is one step of one party. Between two calls the machine may handle any events, so every order of a race
 * can be played.
 */
final class SimulatedSlot implements AtomicSlot {
    /** Who owns the connection. */
    enum Use {
        /** The machine: the connection is new, or being cleaned up, or being checked. */
        MACHINE,
        /** The holder of a lease that the machine knows of. */
        LEASED,
        /** No holder: a caller may borrow it. */
        IDLE,
        /** A borrower. */
        BORROWED,
        /** No holder: it is being cleaned up after a borrower and will be idle without the machine. */
        RETURNED_DIRTY,
        /** Closed or broken; its last holder may not know yet. */
        DEAD
    }

    final Slot slot;
    private final ObservedEffects observed;
    private Use use = Use.MACHINE;

    /** The number of the present or last lease. */
    private long lease;

    /** The number of the last lease that the machine knows of. */
    private long known;

    /**
     * The number of the last borrowed lease that was reported to the machine. The machine takes note of it after it has
     * handled its deadlines.
     */
    private long reported;

    private boolean leaseEnded = true;

    /** The clean-up is not finished; its answer comes later. */
    private boolean cleanUpPending;

    private boolean refusesPark;
    private long since;

    /** The permit request, or the dial, has reached the budget or the connector. */
    boolean permitRequestBegun;

    boolean dialBegun;

    /** The permit request was cancelled, or the dial stopped, before it began. */
    boolean permitRequestCancelled;

    boolean dialCancelled;
    boolean permitAnswered;
    boolean dialAnswered;
    boolean opened;

    /** The machine knows that the connection is gone. */
    boolean gone;

    boolean killed;

    /** The leases of a shared connection, which cannot be borrowed; null if it is exclusive. */
    @Nullable
    SimulatedLeases leases;

    SimulatedSlot(Slot slot, ObservedEffects observed) {
        this.slot = slot;
        this.observed = observed;
    }

    boolean is(Use some) {
        return use == some;
    }

    /** True if the connection can be borrowed or is borrowed, and the machine has not heard of it. */
    boolean isOutsideMachine() {
        return use == Use.IDLE || use == Use.BORROWED || use == Use.RETURNED_DIRTY;
    }

    /** True if a borrowed lease has ended and its release is still to be reported to the machine. */
    boolean isReleasePending() {
        return lease > known && !isOutsideMachine();
    }

    /** True if the machine does not know this lease. Then only its borrower may end it, once. */
    boolean isUnknownToMachine(long number) {
        return number > known;
    }

    // ---- borrowers

    /**
     * Borrows the connection.
     *
     * @param time not later than now
     */
    long borrow(long time) {
        use = Use.BORROWED;
        lease++;
        leaseEnded = false;
        since = Math.max(since, time);
        return lease;
    }

    /**
     * The borrower ends the lease.
     *
     * @return true if the machine is not told, or not yet
     */
    boolean giveBack(ReleaseKind kind, long time) {
        leaseEnded = true;
        if (use == Use.BORROWED && (kind == ReleaseKind.REUSE || kind == ReleaseKind.RESET)) {
            since = Math.max(since, time);
            use = Use.RETURNED_DIRTY;
            return true;
        }
        use = use == Use.LEASED ? Use.MACHINE : Use.DEAD;
        return false;
    }

    /** The lease will be ended through the machine. */
    void endThroughMachine() {
        use = use == Use.BORROWED ? Use.LEASED : use;
    }

    /**
     * The clean-up is done.
     *
     * @return true if the connection was on its way back to idle; the machine is then told only if it is not reusable
     */
    boolean cleanedUp(boolean quiet) {
        boolean was = use == Use.RETURNED_DIRTY;
        if (was) {
            use = quiet && !refusesPark ? Use.IDLE : Use.DEAD;
        }
        return was;
    }

    /**
     * The clean-up takes longer.
     *
     * @return false if the machine has revoked the connection meanwhile and has to be told
     */
    boolean cleansUpLater() {
        cleanUpPending |= use == Use.RETURNED_DIRTY;
        return cleanUpPending;
    }

    /**
     * The later answer of the clean-up arrives.
     *
     * @return true if the machine waits for the answer
     */
    boolean takeAwaitedAnswer() {
        boolean awaited = cleanUpPending && use == Use.MACHINE;
        cleanUpPending = false;
        return awaited;
    }

    // ---- the holder, the connector and the peer

    /** A lease that the machine knows of has ended. */
    void released(long number) {
        use = use == Use.LEASED && number == lease ? Use.MACHINE : use;
        leaseEnded |= number == lease;
    }

    /** Reports a borrowed lease to the machine, which handles its deadlines first. */
    void report(long number, Runnable event) {
        reported = number;
        event.run();
        known = Math.max(known, number);
    }

    void breakConnection() {
        use = Use.DEAD;
    }

    /**
     * The peer has sent input that no holder asked for. The connection ends at once, or when it would become idle
     * again.
     */
    void hasInput() {
        refusesPark = true;
        use = use == Use.IDLE || use == Use.RETURNED_DIRTY ? Use.DEAD : use;
    }

    // ---- the machine

    @Override
    public long revoke(long newest) {
        requireExclusive();
        known = newest == reported ? newest : known;
        require(newest == known, Check.ENVIRONMENT, "a slot is revoked with lease " + newest + " as the last known");
        boolean borrowed = lease > known && use != Use.IDLE && !(use == Use.DEAD && leaseEnded);
        boolean returnedDirty = use == Use.RETURNED_DIRTY && cleanUpPending;
        use = use == Use.BORROWED ? Use.LEASED : isOutsideMachine() ? Use.MACHINE : use;
        observed.add(
                "revoke " + slot.number()
                        + (!borrowed ? "" : (returnedDirty ? " returned dirty " : " borrowed ") + lease),
                null);
        known = borrowed ? lease : known;
        return !borrowed ? 0 : returnedDirty ? -lease : lease;
    }

    @Override
    public long claim() {
        boolean may = use != Use.DEAD;
        requireOwnedByMachine();
        observed.add("claim " + slot.number() + (may ? " lease " + (lease + 1) : " no"), null);
        if (!may) {
            return 0;
        }
        known = ++lease;
        if (leases != null) {
            leases.begin(lease);
        } else {
            use = Use.LEASED;
            leaseEnded = false;
        }
        return lease;
    }

    @Override
    public boolean park(long time) {
        requireExclusive();
        requireOwnedByMachine();
        boolean may = use == Use.MACHINE && !refusesPark;
        observed.add("park " + slot.number() + (may ? " yes" : " no"), null);
        since = may ? time : since;
        use = may ? Use.IDLE : use;
        return may;
    }

    @Override
    public boolean isDead() {
        requireExclusive();
        boolean dead = use == Use.DEAD;
        observed.add("dead " + slot.number() + (dead ? " yes" : " no"), null);
        return dead;
    }

    private void requireExclusive() {
        require(leases == null, Check.ENVIRONMENT, "a shared connection is asked what only an exclusive one is asked");
    }

    private void requireOwnedByMachine() {
        require(!killed, Check.ENVIRONMENT, "a slot is asked after its end");
        require(!isOutsideMachine(), Check.ENVIRONMENT, "a slot is claimed or parked while it can be borrowed");
    }

    @Override
    public long lastUsed() {
        requireExclusive();
        observed.add("lastUsed " + slot.number() + " " + since, null);
        return since;
    }

    @Override
    public void markDead() {
        killed = true;
        use = Use.DEAD;
    }
}
