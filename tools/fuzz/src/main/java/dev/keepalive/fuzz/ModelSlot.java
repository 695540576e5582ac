package dev.keepalive.fuzz;

import dev.keepalive.CloseReason;
import dev.keepalive.machine.Slot.State;
import java.util.ArrayList;
import java.util.List;
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

    // ---- shared connections

    /** The connection takes several leases. */
    boolean shared;

    /** How many it takes now. */
    int capacity;

    /** When the capacity became what it is. */
    long capacitySince;

    /** The places that are taken, by leases and by what leases have left behind; the oldest lease first. */
    final List<ModelPlace> places = new ArrayList<>();

    /** Grows with each change of places, room or usability of any slot: the latest one has the greatest number. */
    long changed;

    private String before = "";

    /** It takes no new leases for a while. */
    @Nullable
    ModelYield yields;

    /** The last window in which it took none, and when that ended. */
    long lastWindow;

    long lastWindowEnded;

    /** Until when it need not yield, so that it serves its own endpoint for some time. */
    long restsUntil;

    /** It has yielded in this round, and was not free before the window ended. */
    boolean tried;

    /** Since when it is retired. */
    long retiredAt;

    /** Until when it is not looked at again whether it keeps waiters out. */
    long lookedAtUntil;

    /** It was told that it keeps waiters out. */
    boolean lingerTold;

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

    /** True if it is shared and takes new leases. */
    boolean isUsable() {
        boolean open = state == State.IDLE || state == State.LEASED;
        return shared && open && !retired && yields == null && capacity > 0;
    }

    /** How many more leases it takes, if it is shared. */
    int room() {
        return isUsable() ? Math.max(0, capacity - places.size()) : 0;
    }

    /** How many leases have not ended. */
    int leases() {
        if (state != State.LEASED) {
            return 0;
        }
        return shared ? (int) places.stream().filter(place -> !place.ending).count() : 1;
    }

    /** The event in which the oldest of the leases began that have not ended; very late if all have. */
    long oldestLease() {
        long oldest = Long.MAX_VALUE;
        for (ModelPlace place : places) {
            oldest = place.ending ? oldest : Math.min(oldest, place.begunIn);
        }
        return oldest;
    }

    /** True if places, room or usability have changed since the last call. */
    boolean hasChanged() {
        String present = places.size() + " " + room() + " " + isUsable();
        boolean changes = !present.equals(before);
        before = present;
        return changes;
    }
}
