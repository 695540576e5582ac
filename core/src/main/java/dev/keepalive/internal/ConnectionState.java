package dev.keepalive.internal;

import dev.keepalive.machine.AtomicSlot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Who may use one connection, in one word, together with the number of its present or last lease. Each change is one
 * atomic step: borrowers, the holder, the peer and the machine meet here, and only here. No step waits for another
 * thread, and no foreign code runs within one.
 *
 * <pre>
 *                       claim                    park
 *  FRESH, GREETED ───────────────► LEASED   FRESH ──► IDLE
 *  LEASED ── release ──► RESETTING ── park ──► IDLE
 *  IDLE ── borrow ──► LENT ── release ──► RETURNING ── quiet ──► IDLE      the machine does not hear of it
 *  IDLE ── take ──► RESETTING, of no lease                                 the machine wants it,
 *  LENT ── take ──► LEASED, RETURNING ── take ──► RESETTING                and is told of its release from here on
 *  LENT, LEASED ── releaseAs ──► the same, REKEYING ──► RESETTING          any other end meanwhile: DEAD
 *  any ──► DEAD                                                            for ever
 * </pre>
 *
 * <p>What each order prevents. A borrower changes the word first and looks at anything else afterwards, so it never has
 * what the machine has taken. {@code release} and {@code take} change the same word: either the connection is IDLE
 * before the machine looks, or the machine sees RETURNING and is told of the release; so no waiter is missed. What the
 * peer says in RETURNING and IDLE makes it DEAD, so the next holder reads nothing that it did not ask for. The number
 * grows with each lease, so the compare-and-set of a stale release fails. While a connection becomes another
 * endpoint's, nobody knows what it is: who ends the lease just then ends the connection.
 */
abstract class ConnectionState implements AtomicSlot {
    private static final int FRESH = 0;
    private static final int HAS_INPUT = 1;
    private static final int LEASED = 2;
    private static final int RESETTING = 3;
    private static final int IDLE = 4;
    private static final int BORROWED = 5;
    private static final int RETURNED_DIRTY = 6;
    private static final int DEAD = 7;
    private static final long USE = 7;

    /** The connection is becoming another endpoint's. Only in LENT, LEASED and DEAD, of a lease that has not ended. */
    private static final long REKEYING = 8;

    /**
     * Of a dead connection: its lease has ended. In RESETTING: the machine has taken it while it was idle, so no
     * release is to be told.
     */
    private static final long ENDED = 16;

    /** The clean-up takes its time: its answer comes by itself. */
    private static final long LATER = 32;

    private static final int NUMBER = 6;
    private static final VarHandle WORD;
    private static final VarHandle CHANGED;
    private static final VarHandle FOUND;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WORD = lookup.findVarHandle(ConnectionState.class, "word", long.class);
            CHANGED = lookup.findVarHandle(ConnectionState.class, "changed", long.class);
            FOUND = lookup.findVarHandle(ConnectionState.class, "found", Found.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** How a lease came to its end. */
    enum ReleaseRoute {
        /** It had ended before. */
        BEFORE,
        /** It was lent: the connection is idle as soon as it is quiet. */
        RETURNED_DIRTY,
        /** The machine is to be told; after the clean-up the connection is its. */
        RESETTING,
        /** The connection is dead, or nobody may have it any more; the machine is to be told. */
        DEAD
    }

    /** Whom the peer's word reaches. */
    enum InputRouting {
        /** Whoever has the connection, or the first one who will. */
        TO_HOLDER,
        /** Nobody: it was not asked for. */
        UNEXPECTED,
        /** Nobody: the connection was dead. */
        TOO_LATE
    }

    /** What is known of the present clean-up, if the machine waits for it. */
    private enum Found {
        NOTHING,
        /** It is known that the answer is still to come. */
        ANNOUNCED,
        QUIET,
        UNQUIET
    }

    private volatile long word;

    /**
     * When it was last leased or brought back. Written next to a change of the word, by the thread that makes it.
     * Opaque: the machine reads it at any time and must not see half of a long, but it may see an older time, since it
     * looks again later. No other field hangs on it: it needs no order.
     */
    private long changed;

    /** How many leases the machine has decided on. Plain: read and written under the machine's lock only. */
    private int claims;

    private volatile Found found = Found.NOTHING;

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

    // ---- for borrowers

    /** True if it is borrowed, and has not been brought back. */
    boolean isBorrowed() {
        int use = use(word);
        return use == BORROWED || use == RETURNED_DIRTY;
    }

    /** The number of the lease that {@link #borrow} would begin; 0 if it is not to be had. */
    final long toBorrow() {
        long now = word;
        return use(now) == IDLE ? number(now) + 1 : 0;
    }

    /** @return true if the caller has the connection, as the lease of this number */
    final boolean borrow(long number, long now) {
        if (!change(word(number - 1, IDLE), word(number, BORROWED))) {
            return false;
        }
        // Plain: from the change of the word until the holder is stored nothing is called, not even a VarHandle, which
        // could overflow the stack. 64-bit JVMs write a long in one piece; elsewhere the machine may look at a wrong
        // time, once.
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
        boolean held = use == BORROWED || use == LEASED || use == DEAD && (word & ENDED) == 0;
        return held && number(word) == number;
    }

    /** The holder ends the lease, for the connection to be kept; while it becomes another endpoint's it cannot be. */
    final ReleaseRoute release(long number, long now) {
        for (long before = word; isHeld(before, number); before = word) {
            ReleaseRoute route = (before & REKEYING) != 0 ? ReleaseRoute.DEAD : endOf(use(before));
            if (change(before, released(number, route))) {
                if (route == ReleaseRoute.RETURNED_DIRTY) {
                    CHANGED.setOpaque(this, now);
                }
                return route;
            }
        }
        return ReleaseRoute.BEFORE;
    }

    private static ReleaseRoute endOf(int use) {
        return use == BORROWED
                ? ReleaseRoute.RETURNED_DIRTY
                : use == LEASED ? ReleaseRoute.RESETTING : ReleaseRoute.DEAD;
    }

    private static long released(long number, ReleaseRoute route) {
        return switch (route) {
            case RETURNED_DIRTY -> word(number, RETURNED_DIRTY);
            case RESETTING -> word(number, RESETTING);
            case DEAD, BEFORE -> word(number, DEAD) | ENDED;
        };
    }

    /**
     * The connection begins to become another endpoint's, for this lease to end as that. If it does so already for
     * another thread, the lease ends here, and the connection with it.
     *
     * @return null if it has begun: then {@link #endRekeyed} or {@link #cancelRekey} follows; else how the lease has
     *     ended
     */
    final @Nullable ReleaseRoute beginRekey(long number) {
        for (long before = word; isHeld(before, number); before = word) {
            boolean second = (before & REKEYING) != 0;
            if (change(before, second ? released(number, ReleaseRoute.DEAD) : before | REKEYING)) {
                return second ? ReleaseRoute.DEAD : null;
            }
        }
        return ReleaseRoute.BEFORE;
    }

    /**
     * The connection is another endpoint's: the lease ends, unless it has ended meanwhile. Whatever it was, the machine
     * is told.
     */
    final ReleaseRoute endRekeyed(long number) {
        for (long before = word; isHeld(before, number); before = word) {
            ReleaseRoute route = use(before) == DEAD ? ReleaseRoute.DEAD : ReleaseRoute.RESETTING;
            if (change(before, released(number, route))) {
                return route;
            }
        }
        return ReleaseRoute.BEFORE;
    }

    /** The connection stays what it was, and the lease goes on, unless it has ended meanwhile. */
    final void cancelRekey(long number) {
        long before = word;
        while (isHeld(before, number) && !change(before, before & ~REKEYING)) {
            before = word;
        }
    }

    /**
     * The lease was forgotten, or its end was cut short.
     *
     * @return false if the connection is not on this lease any more
     */
    final boolean abandon(long number) {
        for (long before = word; isUnfinished(before, number); before = word) {
            if (change(before, word(number, DEAD) | ENDED)) {
                return true;
            }
        }
        return false;
    }

    /**
     * False if the connection is idle, or taken when it was. If it is dead, the machine may still have to be told of
     * the lease's end.
     */
    private static boolean isUnfinished(long word, long number) {
        boolean idle = use(word) == IDLE || use(word) == RESETTING && (word & ENDED) != 0;
        return number(word) == number && !idle;
    }

    /** True while this lease has ended, and its connection is neither idle nor somebody else's. */
    final boolean isEnding(long number) {
        long now = word;
        boolean cleanedUp = use(now) == RETURNED_DIRTY || use(now) == RESETTING && (now & ENDED) == 0;
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

    // ---- the clean-up

    /** Where the answer to a clean-up goes. */
    enum ResetRouting {
        /** The connection is idle again, of which the machine is not told; or dead, if it is not quiet. */
        RETURNED,
        /** The machine waits for it. */
        TO_MACHINE,
        /** It is kept for the thread that began the clean-up, or none is waited for: it came before. */
        NOWHERE
    }

    /** A connection has been cleaned up. */
    final ResetRouting answered(boolean quiet) {
        for (long before = word; ; before = word) {
            if (use(before) == RETURNED_DIRTY) {
                if (change(before, quiet ? word(number(before), IDLE) : word(number(before), DEAD) | ENDED)) {
                    return ResetRouting.RETURNED;
                }
            } else if (use(before) != RESETTING) {
                return use(before) == DEAD ? found(quiet) : ResetRouting.NOWHERE;
            } else if ((before & LATER) == 0) {
                return found(quiet);
            } else if (change(before, before & ~LATER)) {
                return ResetRouting.TO_MACHINE;
            }
        }
    }

    /**
     * The clean-up after this lease takes its time.
     *
     * @return false if the machine has taken the connection, and is to be told of the release
     */
    final boolean returnsLater(long number) {
        long returning = word(number, RETURNED_DIRTY);
        return change(returning, returning | LATER) || word != word(number, RESETTING);
    }

    /** From now on an answer is awaited for the machine. */
    final void awaitQuiet() {
        found = Found.NOTHING;
    }

    private ResetRouting found(boolean quiet) {
        Found answer = quiet ? Found.QUIET : Found.UNQUIET;
        boolean kept = FOUND.compareAndSet(this, Found.NOTHING, answer);
        return !kept && FOUND.compareAndSet(this, Found.ANNOUNCED, answer)
                ? ResetRouting.TO_MACHINE
                : ResetRouting.NOWHERE;
    }

    /** Whether the connection is quiet; null if that is not known yet. */
    @Nullable
    final Boolean isQuiet() {
        Found now = found;
        return now == Found.QUIET ? Boolean.TRUE : now == Found.UNQUIET ? Boolean.FALSE : null;
    }

    /** From now on the answer goes to the machine by itself; what came before is returned, and goes nowhere. */
    @Nullable
    final Boolean announce() {
        return FOUND.compareAndSet(this, Found.NOTHING, Found.ANNOUNCED) ? null : isQuiet();
    }

    // ---- for the dial

    /** The set-up uses it, for which there is no lease. */
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
    public final long revoke(long known) {
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
            case BORROWED -> to(word, LEASED);
            case RETURNED_DIRTY -> to(word, RESETTING);
            // ENDED marks "taken while idle": returnsLater must report only a connection that was taken while
            // RETURNING.
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
    public long lastUsed() {
        return (long) CHANGED.getOpaque(this);
    }

    @Override
    public void markDead() {
        setDead();
    }

    /** The connection is leased to nobody any more; its present holder has still to end the lease. */
    final void setDead() {
        long before = word;
        while (use(before) != DEAD && !change(before, to(before, DEAD) | endedBefore(before))) {
            before = word;
        }
    }

    /** Of a dead connection it is not known any more whether its lease has ended. */
    private static long endedBefore(long word) {
        int use = use(word);
        return use == BORROWED || use == LEASED ? 0 : ENDED;
    }

    // ---- for the peer

    /** What the peer says concerns the holder; if there is none, nobody gets the connection any more. */
    final InputRouting routeInput() {
        while (true) {
            long before = word;
            int use = use(before);
            if (use == LEASED || use == BORROWED || use == HAS_INPUT) {
                return InputRouting.TO_HOLDER;
            } else if (use == DEAD) {
                return InputRouting.TOO_LATE;
            } else if (change(before, use == FRESH ? to(before, HAS_INPUT) : to(before, DEAD) | ENDED)) {
                return use == FRESH ? InputRouting.TO_HOLDER : InputRouting.UNEXPECTED;
            }
        }
    }
}
