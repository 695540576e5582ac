package dev.keepalive.machine;

import dev.keepalive.Counts;

/** The number of slots in each state, of leases, of places for leases, and of waiters, of one endpoint or of all. */
public record SlotCounts(
        int awaitingPermit,
        int dialing,
        int idle,
        int leased,
        int resetting,
        int closing,
        int leases,
        int room,
        int leaving,
        int waiting)
        implements Counts {
    /** No slots and no waiters. */
    public static final SlotCounts NONE = new SlotCounts(0, 0, 0, 0, 0, 0, 0);

    /** Counts where each connection takes one lease, and none that is leased is leaving. */
    public SlotCounts(int awaitingPermit, int dialing, int idle, int leased, int resetting, int closing, int waiting) {
        this(awaitingPermit, dialing, idle, leased, resetting, closing, leased, idle, 0, waiting);
    }

    /** The same counts with this many of the idle connections counted as leased. */
    public static SlotCounts withBorrowed(Counts counts, int borrowed) {
        return new SlotCounts(
                counts.awaitingPermit(),
                counts.dialing(),
                counts.idle() - borrowed,
                counts.leased() + borrowed,
                counts.resetting(),
                counts.closing(),
                counts.leases() + borrowed,
                counts.room() - borrowed,
                counts.leaving(),
                counts.waiting());
    }

    /**
     * For example {@code 4 open (1 dialing, 0 idle, 3 leased, 0 resetting, 0 closing), 2 waiting}. Leases and room are
     * told if a connection takes several.
     */
    @Override
    public String toString() {
        boolean plain = leases == leased && room == idle;
        return open() + " open (" + (awaitingPermit > 0 ? awaitingPermit + " awaiting a permit, " : "") + dialing
                + " dialing, " + idle + " idle, " + leased + " leased, "
                + (leaving > 0 ? leaving + " of them leaving, " : "") + resetting + " resetting, " + closing
                + " closing), " + (plain ? "" : leases + " leases, room for " + room + ", ") + waiting + " waiting";
    }
}
