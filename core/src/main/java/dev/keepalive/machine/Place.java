package dev.keepalive.machine;

/** The place of one lease on a shared connection: taken from the grant until the lease has ended and is cleaned up. */
final class Place extends IntrusiveList.Node {
    final long lease;

    /** The event in which the lease was granted. */
    final long grantedIn;

    /** When the lease was granted. */
    final long grantedAt;

    /** True if the lease has ended, and what it has left behind is being cleaned up. */
    boolean ending;

    /** The event in which the lease ended. */
    long endedIn;

    /** When the lease ended. */
    long endedAt;

    Place(long lease, long grantedIn, long grantedAt) {
        this.lease = lease;
        this.grantedIn = grantedIn;
        this.grantedAt = grantedAt;
    }
}
