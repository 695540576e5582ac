package dev.keepalive.netty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which lease of the connection was released last, and what the next one has done so far. Both are in one atomic word,
 * so a use and a release cannot overlap. The manager numbers the leases; the numbers only grow. The tasks that the
 * holder of a used lease has submitted still run after the release, on the event loop, until the reset begins. Safe
 * from any thread.
 */
final class LeaseEpoch {
    /** The holder of the present lease has a handle. */
    private static final long HANDED_OUT = 1;

    /** The present lease has done something that a reset must undo. With ENDING: the last lease has. */
    private static final long USED = 2;

    /** Tasks of the holder of the lease that was released last are still to run. */
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

    /** The setup, if there is one, is lease number 0. At first no lease has been released. */
    private volatile long word = -1L << NUMBER_SHIFT;

    private static long lastReleased(long word) {
        return word >> NUMBER_SHIFT;
    }

    private boolean change(long from, long to) {
        return WORD.compareAndSet(this, from, to);
    }

    /** The number of the lease that was released last. */
    long lastReleased() {
        return lastReleased(word);
    }

    /** Whether a lease has done something that a reset must undo, and has not undone yet. */
    boolean isUsed() {
        return (word & USED) != 0;
    }

    /** Whether the holder of the present lease has a handle. */
    boolean isHandedOut() {
        return (word & HANDED_OUT) != 0;
    }

    /**
     * Whether tasks of the holder of this lease may still run, even if the lease has been released. Event loop only.
     */
    boolean isUnfinished(long number) {
        long now = word;
        return lastReleased(now) < number || lastReleased(now) == number && (now & ENDING) != 0;
    }

    /** Notes that the holder of this lease gets a handle. Changes nothing if the lease has been released. */
    void markHandedOut(long number) {
        mark(number, HANDED_OUT);
    }

    /**
     * Notes that this lease does something that a reset must undo.
     *
     * @return false if the lease has been released
     */
    boolean markUsed(long number) {
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

    /**
     * Notes that the lease is released.
     *
     * @return false if it was not used: then the next one may begin without a reset
     */
    boolean releaseLease(long number) {
        while (true) {
            long before = word;
            boolean used = (before & USED) != 0;
            if (change(before, number << NUMBER_SHIFT | (used ? USED | ENDING : 0))) {
                return used;
            }
        }
    }

    /** Notes that no task of the holder of the last lease may run any more. */
    void finishLease() {
        for (long before = word; (before & ENDING) != 0; before = word) {
            if (change(before, before & ~(USED | ENDING))) {
                return;
            }
        }
    }
}
