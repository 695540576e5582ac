package dev.keepalive.machine;

import dev.keepalive.Counts;

/** The number of slots in each state, and of waiters, of one endpoint or of all. */
public record SlotCounts(int awaitingPermit, int dialing, int idle, int leased, int resetting, int closing, int waiting)
        implements Counts {
    /** No slots and no waiters. */
    public static final SlotCounts NONE = new SlotCounts(0, 0, 0, 0, 0, 0, 0);

    /** The same counts with this many of the idle connections counted as leased. */
    public static SlotCounts withBorrowed(Counts counts, int borrowed) {
        return new SlotCounts(
                counts.awaitingPermit(),
                counts.dialing(),
                counts.idle() - borrowed,
                counts.leased() + borrowed,
                counts.resetting(),
                counts.closing(),
                counts.waiting());
    }

    /** For example {@code 4 open (1 dialing, 0 idle, 3 leased, 0 resetting, 0 closing), 2 waiting}. */
    @Override
    public String toString() {
        return open() + " open (" + (awaitingPermit > 0 ? awaitingPermit + " awaiting a permit, " : "") + dialing
                + " dialing, " + idle + " idle, " + leased + " leased, " + resetting + " resetting, " + closing
                + " closing), " + waiting + " waiting";
    }
}
