package dev.keepalive.netty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which lease of the connection was released last, and what the next one has done so far: one word, so that use and end
 * meet in one atomic step. The manager numbers the leases; they only grow. What the holder of a used lease has asked
 * for is still done after the release, on the event loop, until the clean-up begins. Safe from any thread.
 */
abstract class LeaseEpoch {
    /** The holder of the present lease has a handle. */
    private static final long HANDED_OUT = 1;

    /** The present lease has done something that must be cleaned up after it; with ENDING, the last one has. */
    private static final long USED = 2;

    /** What the holder of the lease that was released last has asked for is still to be done. */
    private static final long ENDING = 4;

    private static final int NUMBER_SHIFT = 3;
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(LeaseEpoch.class, "word", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** The set-up, if there is one, is number 0: none has been released. */
    private volatile long word = -1L << NUMBER_SHIFT;

    private static long lastReleased(long word) {
        return word >> NUMBER_SHIFT;
    }

    private boolean change(long from, long to) {
        return WORD.compareAndSet(this, from, to);
    }

    /** The number of the lease that was released last. */
    final long lastReleased() {
        return lastReleased(word);
    }

    /** Whether a lease has done something that must be cleaned up after it, and has not been yet. */
    final boolean isUsed() {
        return (word & USED) != 0;
    }

    /** Whether the holder of the present lease has a handle. */
    final boolean isHandedOut() {
        return (word & HANDED_OUT) != 0;
    }

    /**
     * Whether what the holder of this lease asked for is still to be done, even if it has been released since. On the
     * loop.
     */
    final boolean isUnfinished(long number) {
        long now = word;
        return lastReleased(now) < number || lastReleased(now) == number && (now & ENDING) != 0;
    }

    /** The holder of this lease gets a handle. Changes nothing if the lease has been released. */
    final void markHandedOut(long number) {
        mark(number, HANDED_OUT);
    }

    /**
     * This lease does something that must be cleaned up after it.
     *
     * @return false if it has been released
     */
    final boolean markUsed(long number) {
        return mark(number, USED);
    }

    private boolean mark(long number, long bit) {
        for (long before = word; lastReleased(before) < number; before = word) {
            if ((before & bit) != 0 || change(before, before | bit)) {
                return true;
            }
        }
        return false;
    }

    /** The lease is released. @return false if it was not used: then the next one may begin */
    final boolean releaseLease(long number) {
        while (true) {
            long before = word;
            boolean used = (before & USED) != 0;
            if (change(before, number << NUMBER_SHIFT | (used ? USED | ENDING : 0))) {
                return used;
            }
        }
    }

    /** The lease that is ending is over: its holder's tasks that come from now on come too late. */
    final void finishLease() {
        for (long before = word; (before & ENDING) != 0; before = word) {
            if (change(before, before & ~(USED | ENDING))) {
                return;
            }
        }
    }
}
