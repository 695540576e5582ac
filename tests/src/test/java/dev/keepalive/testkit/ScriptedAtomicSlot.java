package dev.keepalive.testkit;

import dev.keepalive.machine.AtomicSlot;
import dev.keepalive.machine.Slot;

/**
 * The outer part of a scripted slot. The script decides when it is borrowed, and which races it loses. A shared slot is
 * only ever claimed and marked dead.
 */
final class ScriptedAtomicSlot implements AtomicSlot {
    private final Slot slot;
    private boolean dead;
    private long leases;
    private long lastUsed;

    /** The connection can be borrowed. */
    private boolean idle;

    /** The connection is borrowed, and the machine was not told. */
    private boolean borrowed;

    /** The borrower has given the connection back, its reset is under way, and the machine was not told. */
    private boolean returnedDirty;

    /** The peer has closed the connection, and the machine was not told. */
    boolean peerClosed;

    /** How often it may be claimed before it refuses. */
    int claimsLeft = Integer.MAX_VALUE;

    boolean refusesPark;

    ScriptedAtomicSlot(Slot slot) {
        this.slot = slot;
    }

    /** True if the machine has ended the slot for borrowers. */
    boolean isMarkedDead() {
        return dead;
    }

    @Override
    public boolean isDead() {
        requireExclusive();
        return dead || peerClosed;
    }

    boolean isIdle() {
        return idle;
    }

    long borrow(long now) {
        if (!idle) {
            throw new AssertionError("slot " + slot.number() + " cannot be borrowed");
        }
        idle = false;
        borrowed = true;
        lastUsed = now;
        return ++leases;
    }

    boolean giveBack(long now) {
        if (!borrowed) {
            return false;
        }
        idle = true;
        borrowed = false;
        lastUsed = now;
        return true;
    }

    void giveBackToReset(long now) {
        if (!borrowed) {
            throw new AssertionError("slot " + slot.number() + " is not borrowed");
        }
        borrowed = false;
        returnedDirty = true;
        lastUsed = now;
    }

    /** The machine will be told next that this lease has ended. */
    void leaseEnds(long lease) {
        borrowed &= lease != leases;
    }

    @Override
    public long revoke(long known) {
        requireExclusive();
        long number = !idle && leases > known ? leases : 0;
        boolean isReset = returnedDirty;
        idle = false;
        borrowed = false;
        returnedDirty = false;
        return isReset ? -number : number;
    }

    @Override
    public long claim() {
        requireRevoked();
        return dead || peerClosed || claimsLeft-- <= 0 ? 0 : ++leases;
    }

    @Override
    public boolean park(long time) {
        requireExclusive();
        requireRevoked();
        idle = !dead && !peerClosed && !refusesPark;
        lastUsed = time;
        return idle;
    }

    private void requireRevoked() {
        if (idle || borrowed || returnedDirty) {
            throw new AssertionError("slot " + slot.number() + " can be borrowed, or is borrowed, and was not revoked");
        }
    }

    private void requireExclusive() {
        if (slot.isShared()) {
            throw new AssertionError("slot " + slot.number() + " is shared: it is only claimed and marked dead");
        }
    }

    @Override
    public long lastUsed() {
        requireExclusive();
        return lastUsed;
    }

    @Override
    public void markDead() {
        idle = false;
        borrowed = false;
        returnedDirty = false;
        dead = true;
    }
}
