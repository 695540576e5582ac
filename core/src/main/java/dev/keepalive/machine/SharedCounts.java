package dev.keepalive.machine;

import dev.keepalive.Counts;

/**
 * What is counted of shared slots, beside their states; and how many leased slots are leaving, of all kinds. It is kept
 * for one slot, for an endpoint, and for all.
 */
final class SharedCounts {
    /** Shared slots that are idle, and that are leased. */
    int idle;

    int leased;

    /** Leases of shared slots that have not ended. */
    int leases;

    /** Leases that shared slots could take now. A peer may allow very many. */
    long room;

    /** Leased slots that take no new lease. */
    int leaving;

    /** Replaces what was counted of one slot by what is to be counted of it from now on. */
    void change(SharedCounts before, SharedCounts after) {
        idle += after.idle - before.idle;
        leased += after.leased - before.leased;
        leases += after.leases - before.leases;
        room += after.room - before.room;
        leaving += after.leaving - before.leaving;
    }

    void set(SharedCounts other) {
        idle = other.idle;
        leased = other.leased;
        leases = other.leases;
        room = other.room;
        leaving = other.leaving;
    }

    /** The same counts of slots and waiters, with the leases and the room of shared slots. */
    SlotCounts addTo(Counts plain) {
        return new SlotCounts(
                plain.awaitingPermit(),
                plain.dialing(),
                plain.idle(),
                plain.leased(),
                plain.resetting(),
                plain.closing(),
                plain.leased() - leased + leases,
                (int) Math.min(Integer.MAX_VALUE, plain.idle() - idle + room),
                leaving,
                plain.waiting());
    }
}
