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

    Asked(String name, Endpoint endpoint, long deadline) {
        this.name = name;
        this.home = endpoint.scheme();
        this.deadline = deadline;
        this.waiter = new Waiter(endpoint, this, deadline);
    }

    @Override
    public String toString() {
        return name;
    }
}
