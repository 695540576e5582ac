package dev.keepalive.fuzz;

import dev.keepalive.Endpoint;
import dev.keepalive.machine.Waiter;

/** Somebody who asked for a connection: the owner of a waiter. */
final class Asked {
    final String name;
    final String home;
    final long deadline;
    final Waiter waiter;
    boolean answered;

    /** The event loop on which it asked; 0 for none. */
    final int loop;

    Asked(String name, Endpoint endpoint, long deadline, int loop) {
        this.name = name;
        this.home = endpoint.scheme();
        this.deadline = deadline;
        this.loop = loop;
        this.waiter = new Waiter(endpoint, this, deadline, loop);
    }

    @Override
    public String toString() {
        return name;
    }
}
