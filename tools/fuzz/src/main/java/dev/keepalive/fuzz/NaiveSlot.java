package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/** The place of one connection, as the model sees it. */
final class NaiveSlot {
    final long number;
    String home;

    /** The waiter that it was opened for. */
    final NaiveWaiter cause;

    State state = State.GONE;

    /** When it is due in its state. */
    long due = Long.MAX_VALUE;

    /** Grows with each change of state of any slot: who entered a state first has the smaller one. */
    long entered;

    /**
     * The same, but grows too when an idle slot turns out to have been borrowed: the least recently used one has the
     * smallest.
     */
    long used;

    /** Since when it is idle, as far as is known. */
    long idleSince;

    /** The event in which its dial began, or in which it was last released. */
    long freeSince;

    /** When it is too old. */
    long expires = Long.MAX_VALUE;

    long lease;

    /** The event loop that it is on; 0 for none. */
    int loop;

    boolean fresh = true;
    boolean retired;
    boolean permitted;
    boolean dialUnanswered;
    boolean askUnanswered;
    boolean overdue;

    /** Why it is closing. */
    @Nullable
    CloseReason reason;

    NaiveSlot(long number, String home, NaiveWaiter cause) {
        this.number = number;
        this.home = home;
        this.cause = cause;
    }

    /** True while its end is expected soon. */
    boolean isOnOrder() {
        return state == State.CLOSING && !overdue;
    }

    boolean isOpening() {
        return state == State.AWAITING_PERMIT || state == State.DIALING;
    }

    boolean isComing() {
        return isOpening() || state == State.RESETTING;
    }
}
