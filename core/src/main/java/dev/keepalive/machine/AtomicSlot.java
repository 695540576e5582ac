package dev.keepalive.machine;

/**
 * The part of a slot that other threads than the machine's may change. While a slot is idle in the machine, its
 * connection can be borrowed: a caller leases it and releases it again, and the machine is not told. Before the machine
 * uses such a connection, it calls {@link #revoke}, which also tells whether the connection is borrowed at that moment.
 * Each method is one atomic step.
 */
public interface AtomicSlot {
    /**
     * Takes the connection back: it cannot be borrowed any more.
     *
     * @param lastKnown the number of its last lease that the machine knows of
     * @return 0 if the connection is free. Greater than 0 if it is borrowed: the number of the borrowed lease, whose
     *     release the machine will be told of. Less than 0 if it was released and is being reset: the negated number of
     *     that lease; the machine will be told of the end of the reset
     */
    long revoke(long lastKnown);

    /**
     * Begins the next lease of the connection.
     *
     * @return the number of the lease, greater than that of any lease before; 0 if the connection turned out to be dead
     *     or to have received unexpected input
     */
    long claim();

    /**
     * Makes the connection idle: it can be borrowed from now on.
     *
     * @param since the time that {@link #lastUsed} returns until the connection is borrowed
     * @return false if the connection turned out to be dead or to have received unexpected input
     */
    boolean park(long since);

    /**
     * True if the connection is dead: closed by its peer, or ended since it received unexpected input. Once dead, it
     * stays dead.
     */
    boolean isDead();

    /** When the connection was last leased or released; perhaps a little earlier, never later. */
    long lastUsed();

    /** Ends the connection for borrowers: it cannot be leased any more, and its holder cannot give it back any more. */
    void markDead();
}
