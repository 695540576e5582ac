package dev.keepalive.fuzz;

import static dev.keepalive.fuzz.Violation.require;

import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.ReleaseKind;
import dev.keepalive.machine.Slot;

/**
 * The outer part of a slot: what the connector, the peer and those who borrow have done with it so far. It loses races
 * as it is told to. One step of any of them is one call; between two of them the machine may have any events.
 */
final class Link implements AtomicSlot {
    /** Who has the connection. */
    enum Use {
        /** The machine: it is new, or being cleaned up, or looked at. */
        TAKEN,
        /** The holder of a lease that the machine decided on, or that it has found out. */
        LEASED,
        /** Nobody: whoever comes may borrow it. */
        IDLE,
        /** Who has borrowed it. */
        LENT,
        /** Nobody: it is being cleaned up after who had borrowed it, and will be idle without the machine. */
        RETURNING,
        /** Nobody will have it any more; the last holder may not know. */
        DEAD
    }

    final Slot slot;
    private final Seen seen;
    private Use use = Use.TAKEN;

    /** The number of its present or last lease. */
    private long lease;

    /** The last one that the machine knows of. */
    private long known;

    /** The last one that was borrowed and that the machine was told of: it knows it when it has ended what is due. */
    private long told;

    private boolean leaseEnded = true;

    /** Its clean-up takes its time: the answer comes by itself. */
    private boolean later;

    private boolean refusesPark;
    private long since;

    /** Its ask, or its dial, has reached the budget, or the connector. */
    boolean askBegun;

    boolean dialBegun;

    /** Was withdrawn, or stopped, before it began. */
    boolean neverAsks;

    boolean neverDials;
    boolean askAnswered;
    boolean dialAnswered;
    boolean opened;

    /** The machine knows that it is gone. */
    boolean gone;

    boolean killed;

    Link(Slot slot, Seen seen) {
        this.slot = slot;
        this.seen = seen;
    }

    boolean is(Use some) {
        return use == some;
    }

    /** True if somebody may borrow it, or has borrowed it, and the machine has not heard of it. */
    boolean isOnItsOwn() {
        return use == Use.IDLE || use == Use.LENT || use == Use.RETURNING;
    }

    /** True if a lease that was borrowed has ended, and the machine is about to hear of it. */
    boolean isAboutToBeTold() {
        return lease > known && !isOnItsOwn();
    }

    /** True if the machine does not know this lease: only who has it may end it, and only once. */
    boolean isUnheardOf(long number) {
        return number > known;
    }

    // ---- those who borrow

    /** @param time not later than the time now */
    long borrow(long time) {
        use = Use.LENT;
        lease++;
        leaseEnded = false;
        since = Math.max(since, time);
        return lease;
    }

    /**
     * Who has borrowed it ends his lease.
     *
     * @return true if the machine is not told, or not yet
     */
    boolean bringBack(ReleaseKind kind, long time) {
        leaseEnded = true;
        if (use == Use.LENT && (kind == ReleaseKind.REUSE || kind == ReleaseKind.RESET)) {
            since = Math.max(since, time);
            use = Use.RETURNING;
            return true;
        }
        use = use == Use.LEASED ? Use.TAKEN : Use.DEAD;
        return false;
    }

    /** The lease is to be ended by way of the machine. */
    void recall() {
        use = use == Use.LENT ? Use.LEASED : use;
    }

    /**
     * It has been cleaned up. @return true if it was on its way back, so that the machine is told only if it is not
     * quiet
     */
    boolean returned(boolean quiet) {
        boolean was = use == Use.RETURNING;
        if (was) {
            use = quiet && !refusesPark ? Use.IDLE : Use.DEAD;
        }
        return was;
    }

    /** Its clean-up takes its time. @return false if the machine has taken it meanwhile, and is to be told */
    boolean returnsLater() {
        later |= use == Use.RETURNING;
        return later;
    }

    /** The clean-up that took its time is answered. @return true if the machine waits for the answer */
    boolean isAwaited() {
        boolean awaited = later && use == Use.TAKEN;
        later = false;
        return awaited;
    }

    // ---- the holder, the connector and the peer

    /** A lease that the machine knows of has come to its end. */
    void released(long number) {
        use = use == Use.LEASED && number == lease ? Use.TAKEN : use;
        leaseEnded |= number == lease;
    }

    /** The machine hears of a lease that was borrowed, after it has ended what is due. */
    void tell(long number, Runnable event) {
        told = number;
        event.run();
        known = Math.max(known, number);
    }

    void dies() {
        use = Use.DEAD;
    }

    /** There is something to be read that nobody asked for: the end of it, at once or when it would be idle again. */
    void speaks() {
        refusesPark = true;
        use = use == Use.IDLE || use == Use.RETURNING ? Use.DEAD : use;
    }

    // ---- the machine

    @Override
    public long revoke(long newest) {
        known = newest == told ? newest : known;
        require(newest == known, Check.WORLD, "a slot is taken with lease " + newest + " as the last known");
        boolean lent = lease > known && use != Use.IDLE && !(use == Use.DEAD && leaseEnded);
        boolean returning = use == Use.RETURNING && later;
        use = use == Use.LENT ? Use.LEASED : isOnItsOwn() ? Use.TAKEN : use;
        seen.add("take " + slot.number() + (!lent ? "" : (returning ? " returning " : " lent ") + lease), null);
        known = lent ? lease : known;
        return !lent ? 0 : returning ? -lease : lease;
    }

    @Override
    public long claim() {
        boolean may = use != Use.DEAD;
        requireOwn();
        seen.add("claim " + slot.number() + (may ? " lease " + (lease + 1) : " no"), null);
        if (!may) {
            return 0;
        }
        use = Use.LEASED;
        leaseEnded = false;
        known = ++lease;
        return lease;
    }

    @Override
    public boolean park(long time) {
        requireOwn();
        boolean may = use == Use.TAKEN && !refusesPark;
        seen.add("park " + slot.number() + (may ? " yes" : " no"), null);
        since = may ? time : since;
        use = may ? Use.IDLE : use;
        return may;
    }

    private void requireOwn() {
        require(!killed, Check.WORLD, "a slot is asked after its end");
        require(!isOnItsOwn(), Check.WORLD, "what anybody may borrow is claimed or parked");
    }

    @Override
    public long lastUsed() {
        seen.add("since " + slot.number() + " " + since, null);
        return since;
    }

    @Override
    public void markDead() {
        killed = true;
        use = Use.DEAD;
    }
}
