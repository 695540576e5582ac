package dev.keepalive.netty;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The number of a connection's present lease, and whether it is used or ending: one word, so that use and end meet in one atomic step. A lease that is
 * used goes on to the next number on the event loop, after all that its holder has asked for; one that is not used, at once. Safe from any thread.
 */
abstract class LeaseWord {
    private static final int USED = 1;
    private static final int ENDING = 2;
    private static final int NUMBER_SHIFT = 2;
    private static final VarHandle WORD;

    static {
        try {
            WORD = MethodHandles.lookup().findVarHandle(LeaseWord.class, "word", int.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private volatile int word;

    private static int number(int word) {
        return word >>> NUMBER_SHIFT;
    }

    private static int next(int word) {
        return (number(word) + 1) << NUMBER_SHIFT;
    }

    private static boolean isEnding(int word) {
        return (word & ENDING) != 0;
    }

    private boolean change(int from, int to) {
        return WORD.compareAndSet(this, from, to);
    }

    final int number() {
        return number(word);
    }

    /** Whether the lease with this number has not been released. */
    final boolean isPresent(int number) {
        int now = word;
        return number(now) == number && !isEnding(now);
    }

    /** Whether a lease has done something that must be cleaned up after it, and has not been yet. */
    final boolean isUsed() {
        return (word & USED) != 0;
    }

    /** Whether what the holder of the lease with this number asked for is still to be done, even if it has been released since. On the loop. */
    final boolean isUnfinished(int number) {
        return number() == number;
    }

    /**
     * The lease with this number does something that must be cleaned up after it.
     *
     * @return false if it has been released
     */
    final boolean use(int number) {
        for (int before = word; number(before) == number && !isEnding(before); before = word) {
            if ((before & USED) != 0 || change(before, before | USED)) {
                return true;
            }
        }
        return false;
    }

    /** The lease is released. @return false if it was not used: then the next one may begin */
    final boolean ends() {
        while (true) {
            int before = word;
            boolean used = (before & USED) != 0;
            if (change(before, used ? before | ENDING : next(before))) {
                return used;
            }
        }
    }

    /** The lease that is ending is over: its holder's tasks that come from now on come too late. */
    final void goesOn() {
        for (int before = word; isEnding(before); before = word) {
            if (change(before, next(before))) {
                return;
            }
        }
    }
}
