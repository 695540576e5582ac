package dev.keepalive;

import dev.keepalive.machine.Wire;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Who may use one connection, in one word, together with the number of its present or last lease. Each change is one atomic step: it is here, and only
 * here, that those who help themselves, the holder, the peer and the machine meet.
 *
 * <pre>
 *                       claim                    park
 *  FRESH, GREETED ───────────────► LEASED   FRESH ──► IDLE
 *  LEASED ── release ──► RESETTING ── park ──► IDLE
 *  IDLE ── borrow ──► LENT ── release ──► RETURNING ── quiet ──► IDLE      nobody else hears of it
 *  IDLE ── take ──► RESETTING, of no lease                                 the machine wants it,
 *  LENT ── take ──► LEASED, RETURNING ── take ──► RESETTING                and is told of its release from here on
 *  any ──► DEAD                                                            for ever
 * </pre>
 *
 * <p>What each order prevents: a borrower changes the word first and looks at anything else afterwards, so he never has what the machine has taken. A
 * release leaves RETURNING by the same word that {@code take} changes, so it either is idle again before the machine looks, or goes to the machine: it
 * is never left lying about while somebody waits. The peer's word in RETURNING and IDLE makes it DEAD, so nothing unasked is read by the next holder.
 * The number goes up with each lease, so that a late hand cannot end another one's lease.
 */
abstract class LinkUse extends Cleaned implements Wire {
    private static final int FRESH = 0;
    private static final int GREETED = 1;
    private static final int LEASED = 2;
    private static final int RESETTING = 3;
    private static final int IDLE = 4;
    private static final int LENT = 5;
    private static final int RETURNING = 6;
    private static final int DEAD = 7;
    private static final long USE = 7;

    /** The holder's handle is being made: the lease does not end before it is. */
    private static final long HANDLING = 8;

    /** The lease of a dead connection has ended; or the machine has taken what was idle, and nobody brings anything of its last lease to the machine. */
    private static final long ENDED = 16;

    /** The clean-up takes its time: its answer comes by itself. */
    private static final long LATER = 32;

    private static final int NUMBER = 6;
    private static final VarHandle WORD;
    private static final VarHandle CHANGED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WORD = lookup.findVarHandle(LinkUse.class, "word", long.class);
            CHANGED = lookup.findVarHandle(LinkUse.class, "changed", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** How a lease came to its end. */
    enum End {
        /** It had ended before. */
        BEFORE,
        /** It was lent: the connection is idle as soon as it is quiet. */
        RETURNING,
        /** The machine knows of the lease, and is to be told. */
        RESETTING,
        /** The connection is dead; the machine is to be told. */
        DEAD
    }

    /** Whom the peer's word reaches. */
    enum Heard {
        /** Whoever has the connection, or the first one who will. */
        BY_HOLDER,
        /** Nobody: it was not asked for. */
        UNASKED,
        /** Nobody: the connection was dead. */
        TOO_LATE
    }

    private volatile long word;

    /** When it was last leased or brought back. Written by whoever has just changed the word, or is about to, and nobody else. */
    private long changed;

    private int claims;

    private static int use(long word) {
        return (int) (word & USE);
    }

    private static long number(long word) {
        return word >>> NUMBER;
    }

    private static long word(long number, int use) {
        return number << NUMBER | use;
    }

    /** The same lease in another use. */
    private static long to(long word, int use) {
        return word & ~USE | use;
    }

    private boolean change(long from, long to) {
        return WORD.compareAndSet(this, from, to);
    }

    // ---- for whoever comes

    boolean isIdle() {
        return use(word) == IDLE;
    }

    /** True if somebody has helped himself to it and has not brought it back. */
    boolean isLent() {
        int use = use(word);
        return use == LENT || use == RETURNING;
    }

    /** The number of the lease that {@link #borrow} would begin; 0 if it is not to be had. */
    final long toBorrow() {
        long now = word;
        return use(now) == IDLE ? number(now) + 1 : 0;
    }

    /** @return true if the caller has the connection, as the lease of this number */
    final boolean borrow(long number, long now) {
        if (!change(word(number - 1, IDLE), word(number, LENT))) {
            return false;
        }
        changed = now;
        return true;
    }

    // ---- for the holder

    /** The number of its leases until now. */
    final long leases() {
        return number(word);
    }

    /** How many of them the machine has not decided on. */
    final long borrowed() {
        return leases() - claims;
    }

    /** True if this lease has not ended. */
    final boolean isHeld(long number) {
        return isHeld(word, number);
    }

    private static boolean isHeld(long word, long number) {
        int use = use(word);
        boolean held = use == LENT || use == LEASED || use == DEAD && (word & ENDED) == 0;
        return held && number(word) == number;
    }

    /** The handle of this lease is being made. @return false if the lease has ended */
    final boolean beginHandle(long number) {
        for (long before = word; isHeld(before, number); before = word) {
            if (change(before, before | HANDLING)) {
                return true;
            }
        }
        return false;
    }

    final void endHandle() {
        WORD.getAndBitwiseAnd(this, ~HANDLING);
    }

    /** The holder ends his lease, for the connection to be kept. */
    final End release(SlotLease<?> lease, long now) {
        long number = lease.number();
        for (long before = word; isHeld(before, number); before = word) {
            if ((before & HANDLING) != 0 && !Thread.holdsLock(lease)) {
                lease.awaitHandle();
                continue;
            }
            End end = endOf(use(before));
            if (change(before, released(number, end))) {
                if (end == End.RETURNING) {
                    CHANGED.setOpaque(this, now);
                }
                return end;
            }
        }
        return End.BEFORE;
    }

    private static End endOf(int use) {
        return use == LENT ? End.RETURNING : use == LEASED ? End.RESETTING : End.DEAD;
    }

    private static long released(long number, End end) {
        return switch (end) {
            case RETURNING -> word(number, RETURNING);
            case RESETTING -> word(number, RESETTING);
            case DEAD, BEFORE -> word(number, DEAD) | ENDED;
        };
    }

    /** The machine is to be told of the end of this lease. */
    final void recall(long number) {
        for (long before = word; isHeld(before, number) && use(before) == LENT; before = word) {
            if (change(before, to(before, LEASED))) {
                return;
            }
        }
    }

    /** Nobody will end this lease, or bring to its end what was begun. @return false if the connection is not on this lease any more */
    final boolean abandon(long number) {
        for (long before = word; isUnfinished(before, number); before = word) {
            if (change(before, word(number, DEAD) | ENDED)) {
                return true;
            }
        }
        return false;
    }

    /** False if the connection is idle, or taken when it was. If it is dead, the machine may still have to be told of the lease's end. */
    private static boolean isUnfinished(long word, long number) {
        boolean idle = use(word) == IDLE || use(word) == RESETTING && (word & ENDED) != 0;
        return number(word) == number && !idle;
    }

    /** True while this lease has ended, and its connection is neither idle nor somebody else's. */
    final boolean isEnding(long number) {
        long now = word;
        boolean cleanedUp = use(now) == RETURNING || use(now) == RESETTING && (now & ENDED) == 0;
        return number(now) == number && cleanedUp;
    }

    /** The lease ends, and nobody gets the connection any more. @return false if it had ended before */
    final boolean discard(long number) {
        for (long before = word; isHeld(before, number); before = word) {
            if (change(before, word(number, DEAD) | ENDED)) {
                return true;
            }
        }
        return false;
    }

    /** Where the answer to a clean-up goes. */
    enum Answer {
        /** The connection is idle again, or dead if it is not quiet; nobody is to be told that it is idle. */
        RETURNED,
        /** The machine waits for it. */
        TO_THE_MACHINE,
        /** Whoever began the clean-up looks for it. */
        TO_THE_BEGINNER,
        /** Nobody waits for one: it came before. */
        TO_NOBODY
    }

    /** A connection has been cleaned up. */
    final Answer answered(boolean quiet) {
        for (long before = word; ; before = word) {
            if (use(before) == RETURNING) {
                if (change(before, quiet ? word(number(before), IDLE) : word(number(before), DEAD) | ENDED)) {
                    return Answer.RETURNED;
                }
            } else if (use(before) != RESETTING) {
                return use(before) == DEAD ? Answer.TO_THE_BEGINNER : Answer.TO_NOBODY;
            } else if ((before & LATER) == 0) {
                return Answer.TO_THE_BEGINNER;
            } else if (change(before, before & ~LATER)) {
                return Answer.TO_THE_MACHINE;
            }
        }
    }

    /** The clean-up after this lease takes its time. @return false if the machine has taken the connection, and is to be told of the release */
    final boolean returnsLater(long number) {
        long returning = word(number, RETURNING);
        return change(returning, returning | LATER) || word != word(number, RESETTING);
    }

    // ---- for the dial

    /** Somebody uses it for whom there is no lease. */
    final void setsUp() {
        long before = word;
        while (use(before) != DEAD && !change(before, to(before, LEASED))) {
            before = word;
        }
    }

    final void isSetUp() {
        change(word(0, LEASED), word(0, RESETTING));
    }

    // ---- for the machine

    @Override
    public final long take(long known) {
        while (true) {
            long before = word;
            long taken = taken(before);
            if (taken == before || change(before, taken)) {
                boolean lent = number(before) > known && use(before) != IDLE && (before & ENDED) == 0;
                return !lent ? 0 : (before & LATER) == 0 ? number(before) : -number(before);
            }
        }
    }

    private static long taken(long word) {
        return switch (use(word)) {
            case LENT -> to(word, LEASED);
            case RETURNING -> to(word, RESETTING);
            // Who has just brought it back looks whether he is to tell of it: not of what was idle.
            case IDLE -> to(word, RESETTING) | ENDED;
            default -> word;
        };
    }

    @Override
    public long claim() {
        long before = word;
        while (use(before) != DEAD) {
            long number = number(before) + 1;
            if (change(before, word(number, LEASED))) {
                claims++;
                return number;
            }
            before = word;
        }
        return 0;
    }

    @Override
    public boolean park(long since) {
        long before = word;
        while (use(before) == FRESH || use(before) == RESETTING) {
            CHANGED.setOpaque(this, since);
            if (change(before, word(number(before), IDLE))) {
                return true;
            }
            before = word;
        }
        return false;
    }

    /** It is leased since then. */
    final void leased(long now) {
        CHANGED.setOpaque(this, now);
    }

    @Override
    public long since() {
        return (long) CHANGED.getOpaque(this);
    }

    @Override
    public void kill() {
        dies();
    }

    /** Nobody gets the connection any more; who has it has still to end his lease. */
    final void dies() {
        long before = word;
        while (use(before) != DEAD && !change(before, to(before, DEAD) | endedBefore(before))) {
            before = word;
        }
    }

    /** Of a dead connection it is not known any more whether its lease has ended. */
    private static long endedBefore(long word) {
        int use = use(word);
        return use == LENT || use == LEASED ? 0 : ENDED;
    }

    // ---- for the peer

    /** What the peer says concerns the holder; if there is none, nobody gets the connection any more. */
    final Heard hears() {
        while (true) {
            long before = word;
            int use = use(before);
            if (use == LEASED || use == LENT || use == GREETED) {
                return Heard.BY_HOLDER;
            } else if (use == DEAD) {
                return Heard.TOO_LATE;
            } else if (change(before, use == FRESH ? to(before, GREETED) : to(before, DEAD) | ENDED)) {
                return use == FRESH ? Heard.BY_HOLDER : Heard.UNASKED;
            }
        }
    }
}
