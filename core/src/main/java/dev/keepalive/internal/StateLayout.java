package dev.keepalive.internal;

/**
 * The layout of the word in {@link ConnectionState}: the state in the lowest three bits, then three flags, then the
 * number of the present or last lease. Only functions of a word: nothing here changes one.
 */
final class StateLayout {
    /** Open, and not leased yet. */
    static final int FRESH = 0;

    /** As FRESH, and the peer has sent input for the first holder. */
    static final int HAS_INPUT = 1;

    /** Leased, and the machine knows it. */
    static final int LEASED = 2;

    /** Not leased, and the machine knows it: being reset, or revoked while idle. */
    static final int RESETTING = 3;

    /** Idle, and can be borrowed. */
    static final int IDLE = 4;

    /** Leased, and the machine does not know it. */
    static final int BORROWED = 5;

    /** A borrowed connection was released, and its reset is not done. */
    static final int RETURNED_DIRTY = 6;

    /** Never leased again. */
    static final int DEAD = 7;

    /** The connection is becoming another endpoint's. Only in BORROWED, LEASED and DEAD, while the lease goes on. */
    static final long REKEYING = 8;

    /** In DEAD: the lease has ended. In RESETTING: the connection was revoked while idle, so no release is due. */
    static final long ENDED = 16;

    /** The link will answer the reset later. */
    static final long RESET_RUNNING = 32;

    static final long STATE = 7;
    static final int NUMBER_SHIFT = 6;

    private StateLayout() {}

    static int state(long word) {
        return (int) (word & STATE);
    }

    /** The number of the present or last lease. */
    static long number(long word) {
        return word >>> NUMBER_SHIFT;
    }

    static long word(long number, int state) {
        return number << NUMBER_SHIFT | state;
    }

    /** The same lease and flags in another state. */
    static long withState(long word, int state) {
        return word & ~STATE | state;
    }

    /** True if this lease has not ended. */
    static boolean isHeld(long word, long number) {
        int state = state(word);
        boolean held = state == BORROWED || state == LEASED || state == DEAD && (word & ENDED) == 0;
        return held && number(word) == number;
    }

    /** How a lease ends that is released in this state. */
    static ReleaseRoute routeOf(int state) {
        return state == BORROWED
                ? ReleaseRoute.RETURNED_DIRTY
                : state == LEASED ? ReleaseRoute.RESETTING : ReleaseRoute.DEAD;
    }

    /** The word after this lease has ended in this way. */
    static long afterRelease(long number, ReleaseRoute route) {
        return switch (route) {
            case RETURNED_DIRTY -> word(number, RETURNED_DIRTY);
            case RESETTING -> word(number, RESETTING);
            case DEAD, ALREADY_ENDED -> word(number, DEAD) | ENDED;
        };
    }

    /**
     * True if this is the connection's last lease, and the connection is neither idle nor revoked while idle. If it is
     * dead, the machine may still have to be told of the lease's end.
     */
    static boolean isAbandonable(long word, long number) {
        boolean idle = state(word) == IDLE || state(word) == RESETTING && (word & ENDED) != 0;
        return number(word) == number && !idle;
    }

    /** The word after the machine has revoked the connection; the same word if there is nothing to revoke. */
    static long revoked(long word) {
        return switch (state(word)) {
            case BORROWED -> withState(word, LEASED);
            case RETURNED_DIRTY -> withState(word, RESETTING);
            // ENDED marks "revoked while idle": markResetRunning must report only a connection that was revoked while
            // RETURNED_DIRTY.
            case IDLE -> withState(word, RESETTING) | ENDED;
            default -> word;
        };
    }

    /** ENDED for a word that becomes DEAD, unless a holder has the connection and has still to end its lease. */
    static long endedFlag(long word) {
        int state = state(word);
        return state == BORROWED || state == LEASED ? 0 : ENDED;
    }
}
