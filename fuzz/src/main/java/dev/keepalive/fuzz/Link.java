package dev.keepalive.fuzz;

import dev.keepalive.fuzz.Violation.Check;
import dev.keepalive.machine.Slot;
import dev.keepalive.machine.Wire;

/** The outer part of a slot: what the connector and the peer have done with it so far. It loses races as it is told to. */
final class Link implements Wire {
    final Slot slot;
    private final Seen seen;

    /** Its ask, or its dial, has reached the budget, or the connector. */
    boolean askBegun;

    boolean dialBegun;

    /** Was withdrawn, or stopped, before it began. */
    boolean neverAsks;

    boolean neverDials;
    boolean askAnswered;
    boolean dialAnswered;

    /** The machine knows that it is gone. */
    boolean gone;

    boolean refusesClaim;
    boolean refusesPark;
    boolean killed;
    private long leases;
    private long since;

    Link(Slot slot, Seen seen) {
        this.slot = slot;
        this.seen = seen;
    }

    @Override
    public long take(long known) {
        return 0;
    }

    @Override
    public long claim() {
        return answer("claim", !refusesClaim) ? ++leases : 0;
    }

    @Override
    public boolean park(long time) {
        since = time;
        return answer("park", !refusesPark);
    }

    @Override
    public long since() {
        return since;
    }

    private boolean answer(String question, boolean yes) {
        Violation.require(!killed, Check.WORLD, "a slot is asked after its end");
        seen.add(question + " " + slot.number() + (yes ? " yes" : " no"), null);
        return yes;
    }

    @Override
    public void kill() {
        killed = true;
    }
}
