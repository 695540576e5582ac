package dev.keepalive.fuzz;

/** A place that a lease has taken on a shared connection, in the model. */
final class ModelPlace {
    /** The number of the lease. */
    final long lease;

    /** The event in which the lease began, and its time. */
    final long begunIn;

    final long begunAt;

    /** The lease has been reported as held for too long. */
    boolean reported;

    /** The lease has ended, and the reset is not answered. */
    boolean ending;

    /** The event in which the lease ended, and its time. */
    long endedIn;

    long endedAt;

    ModelPlace(long lease, long event, long now) {
        this.lease = lease;
        this.begunIn = event;
        this.begunAt = now;
    }
}
