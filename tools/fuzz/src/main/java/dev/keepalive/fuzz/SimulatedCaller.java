package dev.keepalive.fuzz;

import dev.keepalive.Endpoint;
import dev.keepalive.machine.Waiter;

/** A caller who asked for a connection: the owner of a waiter. */
final class SimulatedCaller {
    final String name;
    final String endpoint;
    final long deadline;
    final Waiter waiter;
    boolean answered;

    /** The event loop of the caller; 0 for none. */
    final int loop;

    /** The caller wants a connection that was never used before. */
    final boolean fresh;

    SimulatedCaller(String name, Endpoint key, long deadline, int loop, boolean fresh) {
        this.name = name;
        this.endpoint = key.scheme();
        this.deadline = deadline;
        this.loop = loop;
        this.fresh = fresh;
        this.waiter = new Waiter(key, this, deadline, loop, fresh);
    }

    @Override
    public String toString() {
        return name;
    }
}
