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

    /** The caller goes on waiting when dials fail. */
    final boolean patient;

    /** How many leases the connector declares a connection to the endpoint to take. */
    final int expected;

    SimulatedCaller(String name, Endpoint key, long deadline, int loop, boolean fresh, boolean patient, int expected) {
        this.name = name;
        this.endpoint = key.scheme();
        this.deadline = deadline;
        this.loop = loop;
        this.fresh = fresh;
        this.patient = patient;
        this.expected = expected;
        this.waiter = new Waiter(key, this, deadline, loop, fresh, patient, expected);
    }

    /** What the caller asks for, in transcripts. */
    String wish() {
        return (patient ? "patient " : "") + (fresh ? "fresh " : "") + (expected > 1 ? "of " + expected + " " : "");
    }

    @Override
    public String toString() {
        return name;
    }
}
