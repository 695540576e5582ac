package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import org.jspecify.annotations.Nullable;

/** The place of one connection, in the model. */
final class ModelSlot {
    final long number;
    String endpoint;

    /** The waiter that the slot was opened for. */
    final ModelWaiter cause;

    State state = State.GONE;

    /** The deadline of the present state. */
    long due = Long.MAX_VALUE;

    /** Grows with each change of state of any slot. The slot that entered a state first has the smaller number. */
    long entered;

    /**
     * Like {@link #entered}, but grows also when an idle slot turns out to have been borrowed. The least recently used
     * slot has the smallest number.
     */
    long lastUse;

    /** Since when the slot has been idle, as far as the machine knows. */
    long idleSince;

    /** The event in which its dial began or in which it was last released. */
    long freeSince;

    /** When its lifetime ends. */
    long expires = Long.MAX_VALUE;

    long lease;

    /** The event loop of the connection; 0 for none. */
    int loop;

    boolean unused = true;
    boolean retired;
    boolean hasPermit;
    boolean dialUnanswered;
    boolean permitUnanswered;
    boolean overdue;

    /** Why the slot is closing. */
    @Nullable
    CloseReason reason;

    ModelSlot(long number, String endpoint, ModelWaiter cause) {
        this.number = number;
        this.endpoint = endpoint;
        this.cause = cause;
    }

    /** True while its close is awaited and not overdue. */
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
