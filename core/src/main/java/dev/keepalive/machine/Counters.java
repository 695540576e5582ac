package dev.keepalive.machine;

import dev.keepalive.Counts;
import dev.keepalive.LeaseOrigin;
import dev.keepalive.Totals;
import dev.keepalive.machine.Slot.State;

/**
 * The counts over all endpoints, and the totals since the start. They are for messages and snapshots. The machine
 * itself only asks whether any acquire waits and whether any slot is idle or leased: for the patrol and for the end.
 */
final class Counters {
    int waiting;

    /** How many events have begun. */
    long events;

    /** Of the shared slots of all endpoints, and of the leased slots that are leaving. */
    final SharedCounts shared = new SharedCounts();

    long dialsFailed;
    long opened;
    long cancelled;
    long leaked;
    private long timedOut;
    private long failed;
    private final int[] slots = new int[State.values().length];
    private final long[] served = new long[LeaseOrigin.values().length];

    void moved(State from, State to) {
        slots[from.ordinal()]--;
        slots[to.ordinal()]++;
    }

    void failed(AcquireOutcome outcome) {
        if (outcome == AcquireOutcome.TIMED_OUT) {
            timedOut++;
        } else {
            failed++;
        }
    }

    void served(LeaseOrigin origin) {
        served[origin.ordinal()]++;
    }

    int count(State state) {
        return slots[state.ordinal()];
    }

    Counts counts() {
        SlotCounts plain = new SlotCounts(
                count(State.AWAITING_PERMIT),
                count(State.DIALING),
                count(State.IDLE),
                count(State.LEASED),
                count(State.RESETTING),
                count(State.CLOSING),
                waiting);
        return shared.addTo(plain);
    }

    Totals totals() {
        return new EventTotals(
                opened,
                dialsFailed,
                served[LeaseOrigin.IMMEDIATE.ordinal()],
                served[LeaseOrigin.DEFERRED.ordinal()],
                served[LeaseOrigin.NEW.ordinal()],
                timedOut,
                failed,
                cancelled,
                leaked);
    }
}
