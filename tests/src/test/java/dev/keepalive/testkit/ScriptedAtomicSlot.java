package dev.keepalive.testkit;

import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.Slot;

/** A slot's outer part that loses races as the script says, and lends what is idle as it says. */
final class ScriptedAtomicSlot implements AtomicSlot {
    private final Slot slot;
    private boolean dead;
    private long leases;
    private long since;

    /** Anybody may help himself. */
    private boolean idle;

    /** Somebody has, and the machine has not heard of it. */
    private boolean lent;

    /** It is being cleaned up after him. */
    private boolean returning;

    boolean refusesClaim;
    boolean refusesPark;

    ScriptedAtomicSlot(Slot slot) {
        this.slot = slot;
    }

    boolean isDead() {
        return dead;
    }

    boolean isIdle() {
        return idle;
    }

    long borrow(long now) {
        if (!idle) {
            throw new AssertionError("slot " + slot.number() + " is not to be borrowed");
        }
        idle = false;
        lent = true;
        since = now;
        return ++leases;
    }

    boolean bringBack(long now) {
        if (!lent) {
            return false;
        }
        idle = true;
        lent = false;
        since = now;
        return true;
    }

    void bringBackToReset(long now) {
        if (!lent) {
            throw new AssertionError("nobody has borrowed slot " + slot.number());
        }
        lent = false;
        returning = true;
        since = now;
    }

    /** The machine is about to hear of the end of this lease. */
    void endsLease(long lease) {
        lent &= lease != leases;
    }

    @Override
    public long revoke(long known) {
        long number = !idle && leases > known ? leases : 0;
        boolean isReset = returning;
        idle = false;
        lent = false;
        returning = false;
        return isReset ? -number : number;
    }

    @Override
    public long claim() {
        requireTaken();
        return dead || refusesClaim ? 0 : ++leases;
    }

    @Override
    public boolean park(long time) {
        requireTaken();
        idle = !dead && !refusesPark;
        since = time;
        return idle;
    }

    private void requireTaken() {
        if (idle || lent || returning) {
            throw new AssertionError("slot " + slot.number() + " is lent, and was not taken");
        }
    }

    @Override
    public long lastUsed() {
        return since;
    }

    @Override
    public void markDead() {
        idle = false;
        lent = false;
        returning = false;
        dead = true;
    }
}
