package dev.keepalive.machine;

import dev.keepalive.Counts;
import dev.keepalive.Origin;
import dev.keepalive.Totals;
import dev.keepalive.machine.Slot.State;

/**
 * The counts over all endpoints, and what was done since the start. For messages and snapshots: nothing is decided by
 * them.
 */
final class Books {
    int waiting;
    long dialsFailed;
    long opened;
    long withdrawn;
    long forgotten;
    private long timedOut;
    private long failed;
    private final int[] slots = new int[State.values().length];
    private final long[] served = new long[Origin.values().length];

    void moves(State from, State to) {
        slots[from.ordinal()]--;
        slots[to.ordinal()]++;
    }

    void failed(Fate fate) {
        if (fate == Fate.TIMED_OUT) {
            timedOut++;
        } else {
            failed++;
        }
    }

    void served(Origin origin) {
        served[origin.ordinal()]++;
    }

    int count(State state) {
        return slots[state.ordinal()];
    }

    Counts counts() {
        return new Counts(
                count(State.ASKING),
                count(State.DIALLING),
                count(State.IDLE),
                count(State.LEASED),
                count(State.RESETTING),
                count(State.CLOSING),
                waiting);
    }

    Totals totals() {
        return new Totals(
                opened,
                dialsFailed,
                served[Origin.IMMEDIATE.ordinal()],
                served[Origin.DEFERRED.ordinal()],
                served[Origin.NEW.ordinal()],
                timedOut,
                failed,
                withdrawn,
                forgotten);
    }
}
