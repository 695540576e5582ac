package dev.keepalive.machine;

import dev.keepalive.Totals;

/** How often each kind of event has happened since the start. */
public record EventTotals(
        long opened,
        long dialsFailed,
        long immediate,
        long deferred,
        long created,
        long timedOut,
        long failed,
        long cancelled,
        long leaked)
        implements Totals {
    /** The same totals with this many more acquires that got an idle connection. */
    public static EventTotals withBorrowed(Totals totals, long borrowed) {
        return new EventTotals(
                totals.opened(),
                totals.dialsFailed(),
                totals.immediate() + borrowed,
                totals.deferred(),
                totals.created(),
                totals.timedOut(),
                totals.failed(),
                totals.cancelled(),
                totals.leaked());
    }

    /** For example {@code 12 opened, 1 dials failed, 40 immediate, …}. */
    @Override
    public String toString() {
        return opened + " opened, " + dialsFailed + " dials failed, " + immediate + " immediate, " + deferred
                + " deferred, " + created + " created, " + timedOut + " timed out, " + failed + " failed, " + cancelled
                + " cancelled, " + leaked + " leaked";
    }
}
