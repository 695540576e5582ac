package dev.keepalive.internal;

import static dev.keepalive.internal.StateLayout.BORROWED;
import static dev.keepalive.internal.StateLayout.DEAD;
import static dev.keepalive.internal.StateLayout.ENDED;
import static dev.keepalive.internal.StateLayout.FRESH;
import static dev.keepalive.internal.StateLayout.HAS_INPUT;
import static dev.keepalive.internal.StateLayout.IDLE;
import static dev.keepalive.internal.StateLayout.LEASED;
import static dev.keepalive.internal.StateLayout.REKEYING;
import static dev.keepalive.internal.StateLayout.RESETTING;
import static dev.keepalive.internal.StateLayout.RESET_RUNNING;
import static dev.keepalive.internal.StateLayout.RETURNED_DIRTY;
import static dev.keepalive.internal.StateLayout.number;
import static dev.keepalive.internal.StateLayout.state;
import static dev.keepalive.internal.StateLayout.withState;
import static dev.keepalive.internal.StateLayout.word;

import dev.keepalive.machine.AtomicSlot;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The state of one connection and the number of its present or last lease, in one atomic word ({@link StateLayout}).
 * Each change is one atomic step: borrowers, the holder, the peer and the machine meet here, and only here. No step
 * waits for another thread, and no foreign code runs within one.
 *
 * <pre>
 *                         claim                     park
 *  FRESH, HAS_INPUT ───────────────► LEASED    FRESH ──► IDLE
 *  LEASED ── release ──► RESETTING ── park ──► IDLE
 *  IDLE ── borrow ──► BORROWED ── release ──► RETURNED_DIRTY ── reset done ──► IDLE   the machine is not told
 *  IDLE ── revoke ──► RESETTING, without a lease                                      the machine has it
 *  BORROWED ── revoke ──► LEASED, RETURNED_DIRTY ── revoke ──► RESETTING              the machine hears the release
 *  BORROWED, LEASED ── releaseAs ──► the same, REKEYING ──► RESETTING                 any other end meanwhile: DEAD
 *  any ──► DEAD                                                                       for ever
 * </pre>
 *
 * <p>What each order of steps prevents:
 *
 * <ul>
 *   <li>A borrower changes the word first, and reads everything else afterwards. So it never has a connection that the
 *       machine has revoked.
 *   <li>{@code release} and {@code revoke} change the same word. So either the connection is IDLE before the machine
 *       looks, or the machine sees RETURNED_DIRTY and is told of the release: no waiter is missed.
 *   <li>Input from the peer in RETURNED_DIRTY and IDLE makes the connection DEAD. So the next holder reads nothing that
 *       it did not ask for.
 *   <li>The lease number grows with each lease. So the compare-and-set of a stale release fails.
 *   <li>While a connection becomes another endpoint's, no thread knows where it leads. So another end of the lease at
 *       that time makes it DEAD.
 * </ul>
 */
abstract class ConnectionState implements AtomicSlot {
    private static final VarHandle WORD;
    private static final VarHandle LAST_USED;
    private static final VarHandle RESET_ANSWER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WORD = lookup.findVarHandle(ConnectionState.class, "word", long.class);
            LAST_USED = lookup.findVarHandle(ConnectionState.class, "lastUsed", long.class);
            RESET_ANSWER = lookup.findVarHandle(ConnectionState.class, "resetAnswer", ResetAnswer.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** What is known of the present reset, if the machine waits for it. */
    private enum ResetAnswer {
        NONE,
        /** The machine has been told that the answer comes later. */
        EXPECTED,
        REUSABLE,
        NOT_REUSABLE
    }

    volatile long word;

    /**
     * When the connection was last leased or released. Written next to a change of the word, by the thread that makes
     * it, and before the word is IDLE: a borrower that has read IDLE sees it. Opaque: the machine reads it at any time.
     * It must not see half of a long, but it may see an older time, since it looks again later.
     */
    private long lastUsed;

    /** How many leases the machine has decided on. Plain: read and written under the machine's lock only. */
    private int claims;

    private volatile ResetAnswer resetAnswer = ResetAnswer.NONE;

    private boolean compareAndSet(long from, long to) {
        return WORD.compareAndSet(this, from, to);
    }

    // ---- called by a borrower

    /** True if the connection is borrowed, or was borrowed and its reset is not done. */
    boolean isBorrowed() {
        int state = state(word);
        return state == BORROWED || state == RETURNED_DIRTY;
    }

    /** The number of the lease that {@link #tryBorrow} would begin; 0 if the connection is not idle. */
    final long numberToBorrow() {
        long before = word;
        return state(before) == IDLE ? number(before) + 1 : 0;
    }

    /** True if the connection was last leased or released so long ago, or longer. */
    final boolean wasUnusedFor(long nanos, long now) {
        return now - (long) LAST_USED.getOpaque(this) >= nanos;
    }

    /**
     * Begins the lease of this number, without the machine.
     *
     * @return false if the connection is not idle any more, or was leased meanwhile
     */
    final boolean tryBorrow(long number, long now) {
        if (!compareAndSet(word(number - 1, IDLE), word(number, BORROWED))) {
            return false;
        }
        // Plain: from the change of the word until the holder is stored nothing is called, not even a VarHandle, which
        // could overflow the stack. 64-bit JVMs write a long in one piece; elsewhere the machine may look at a wrong
        // time, once.
        lastUsed = now;
        return true;
    }

    // ---- called by the holder

    /** The number of leases until now: the number of the present or last one. */
    final long leases() {
        return number(word);
    }

    /** How many of the leases the machine has not decided on. */
    final long borrowCount() {
        return leases() - claims;
    }

    /** True if this lease has not ended. */
    final boolean isHeld(long number) {
        return StateLayout.isHeld(word, number);
    }

    /**
     * Ends the lease, and keeps the connection; a connection that is becoming another endpoint's is dead instead.
     *
     * @param now a time that is not later than now; if the lease began after it, the time of that counts
     */
    final ReleaseRoute release(long number, long now) {
        for (long before = word; StateLayout.isHeld(before, number); before = word) {
            ReleaseRoute route = (before & REKEYING) != 0 ? ReleaseRoute.DEAD : StateLayout.routeOf(state(before));
            if (compareAndSet(before, StateLayout.afterRelease(number, route))) {
                if (route == ReleaseRoute.RETURNED_DIRTY) {
                    LAST_USED.setOpaque(this, Math.max(now, (long) LAST_USED.getOpaque(this)));
                }
                return route;
            }
        }
        return ReleaseRoute.ALREADY_ENDED;
    }

    /**
     * Marks the connection as becoming another endpoint's, before the lease ends as one of that endpoint. If another
     * thread has marked it before, the lease ends here, and the connection is dead.
     *
     * @return null if it is marked: then {@link #endRekeyed} or {@link #cancelRekey} follows; else how the lease has
     *     ended
     */
    final @Nullable ReleaseRoute beginRekey(long number) {
        for (long before = word; StateLayout.isHeld(before, number); before = word) {
            boolean second = (before & REKEYING) != 0;
            long after = second ? StateLayout.afterRelease(number, ReleaseRoute.DEAD) : before | REKEYING;
            if (compareAndSet(before, after)) {
                return second ? ReleaseRoute.DEAD : null;
            }
        }
        return ReleaseRoute.ALREADY_ENDED;
    }

    /**
     * Ends the lease of a connection that is another endpoint's now, unless the lease has ended meanwhile. Borrowed or
     * not, the machine is told of it.
     */
    final ReleaseRoute endRekeyed(long number) {
        for (long before = word; StateLayout.isHeld(before, number); before = word) {
            ReleaseRoute route = state(before) == DEAD ? ReleaseRoute.DEAD : ReleaseRoute.RESETTING;
            if (compareAndSet(before, StateLayout.afterRelease(number, route))) {
                return route;
            }
        }
        return ReleaseRoute.ALREADY_ENDED;
    }

    /** Takes the mark of {@link #beginRekey} away, and the lease goes on, unless it has ended meanwhile. */
    final void cancelRekey(long number) {
        long before = word;
        while (StateLayout.isHeld(before, number) && !compareAndSet(before, before & ~REKEYING)) {
            before = word;
        }
    }

    /**
     * Makes the connection dead, because its lease was leaked, or its release was cut short.
     *
     * @return false if the connection is idle, was revoked while idle, or has a later lease
     */
    final boolean abandon(long number) {
        for (long before = word; StateLayout.isAbandonable(before, number); before = word) {
            if (compareAndSet(before, word(number, DEAD) | ENDED)) {
                return true;
            }
        }
        return false;
    }

    /** True if this lease has ended, and the connection's reset after it is not done. */
    final boolean isEnding(long number) {
        long now = word;
        boolean resetting = state(now) == RETURNED_DIRTY || state(now) == RESETTING && (now & ENDED) == 0;
        return number(now) == number && resetting;
    }

    /** Ends the lease, and makes the connection dead. @return false if the lease had ended before */
    final boolean discard(long number) {
        for (long before = word; StateLayout.isHeld(before, number); before = word) {
            if (compareAndSet(before, word(number, DEAD) | ENDED)) {
                return true;
            }
        }
        return false;
    }

    // ---- called for the reset: by the thread that began it, and by the connector with its answer

    /** The link has answered a reset. @return where the answer goes */
    final ResetAnswerRoute resetAnswered(boolean reusable) {
        for (long before = word; ; before = word) {
            if (state(before) == RETURNED_DIRTY) {
                if (compareAndSet(before, reusable ? word(number(before), IDLE) : word(number(before), DEAD) | ENDED)) {
                    return ResetAnswerRoute.RETURNED;
                }
            } else if (state(before) != RESETTING) {
                return state(before) == DEAD ? storeResetAnswer(reusable) : ResetAnswerRoute.NOWHERE;
            } else if ((before & RESET_RUNNING) == 0) {
                return storeResetAnswer(reusable);
            } else if (compareAndSet(before, before & ~RESET_RUNNING)) {
                return ResetAnswerRoute.TO_MACHINE;
            }
        }
    }

    /**
     * Marks that the link will answer the reset after this borrowed lease later.
     *
     * @return false if the machine has revoked the connection, and must be told of the release
     */
    final boolean markResetRunning(long number) {
        long returned = word(number, RETURNED_DIRTY);
        return compareAndSet(returned, returned | RESET_RUNNING) || word != word(number, RESETTING);
    }

    /** Discards what is known of earlier resets; an answer is awaited for the machine from now on. */
    final void clearResetAnswer() {
        resetAnswer = ResetAnswer.NONE;
    }

    private ResetAnswerRoute storeResetAnswer(boolean reusable) {
        ResetAnswer answer = reusable ? ResetAnswer.REUSABLE : ResetAnswer.NOT_REUSABLE;
        boolean kept = RESET_ANSWER.compareAndSet(this, ResetAnswer.NONE, answer);
        return !kept && RESET_ANSWER.compareAndSet(this, ResetAnswer.EXPECTED, answer)
                ? ResetAnswerRoute.TO_MACHINE
                : ResetAnswerRoute.NOWHERE;
    }

    /** Whether the connection is reusable; null if the reset is not answered yet. */
    @Nullable
    final Boolean isReusable() {
        ResetAnswer now = resetAnswer;
        return now == ResetAnswer.REUSABLE ? Boolean.TRUE : now == ResetAnswer.NOT_REUSABLE ? Boolean.FALSE : null;
    }

    /**
     * Lets a later answer go to the machine directly.
     *
     * @return the answer that came before this call, for the caller to pass on; null if there is none yet
     */
    @Nullable
    final Boolean expectResetAnswer() {
        return RESET_ANSWER.compareAndSet(this, ResetAnswer.NONE, ResetAnswer.EXPECTED) ? null : isReusable();
    }

    // ---- called by the dial

    /** Makes the connection leased for its setup, which has no lease number. */
    final void beginSetup() {
        long before = word;
        while (state(before) != DEAD && !compareAndSet(before, withState(before, LEASED))) {
            before = word;
        }
    }

    /** Ends the setup, unless the connection is dead. */
    final void endSetup() {
        compareAndSet(word(0, LEASED), word(0, RESETTING));
    }

    // ---- called by the machine, under its lock

    @Override
    public final long revoke(long known) {
        while (true) {
            long before = word;
            long after = StateLayout.revoked(before);
            if (after == before || compareAndSet(before, after)) {
                boolean borrowed = number(before) > known && state(before) != IDLE && (before & ENDED) == 0;
                return !borrowed ? 0 : (before & RESET_RUNNING) == 0 ? number(before) : -number(before);
            }
        }
    }

    @Override
    public long claim() {
        long before = word;
        while (state(before) != DEAD) {
            long number = number(before) + 1;
            if (compareAndSet(before, word(number, LEASED))) {
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
        while (state(before) == FRESH || state(before) == RESETTING) {
            LAST_USED.setOpaque(this, since);
            if (compareAndSet(before, word(number(before), IDLE))) {
                return true;
            }
            before = word;
        }
        return false;
    }

    @Override
    public final boolean isDead() {
        return state(word) == DEAD;
    }

    /** Stores the time at which a lease begins that the machine has decided on. */
    final void setLastUsed(long now) {
        LAST_USED.setOpaque(this, now);
    }

    @Override
    public long lastUsed() {
        return (long) LAST_USED.getOpaque(this);
    }

    @Override
    public void markDead() {
        setDead();
    }

    /** Makes the connection dead: it is not leased again. A present holder has still to end its lease. */
    final void setDead() {
        long before = word;
        while (state(before) != DEAD
                && !compareAndSet(before, withState(before, DEAD) | StateLayout.endedFlag(before))) {
            before = word;
        }
    }

    // ---- called for the peer

    /** The peer has sent input. It goes to the holder; without a holder the connection is dead. */
    final InputRoute routeInput() {
        while (true) {
            long before = word;
            int state = state(before);
            if (state == LEASED || state == BORROWED || state == HAS_INPUT) {
                return InputRoute.TO_HOLDER;
            } else if (state == DEAD) {
                return InputRoute.TOO_LATE;
            }
            long after = state == FRESH ? withState(before, HAS_INPUT) : withState(before, DEAD) | ENDED;
            if (compareAndSet(before, after)) {
                return state == FRESH ? InputRoute.TO_HOLDER : InputRoute.UNEXPECTED;
            }
        }
    }
}
