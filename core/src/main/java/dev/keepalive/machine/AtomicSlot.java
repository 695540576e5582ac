package dev.keepalive.machine;

/**
 * The part of a slot that others than the machine may change. While the machine has a connection down as idle, its wire
 * lends it: whoever comes may take it for one lease and bring it back, and the machine does not hear of it. What it
 * wants to do with such a connection it does after {@link #revoke}, which says whether it is lent just then. Each
 * method is one atomic step.
 */
public interface AtomicSlot {
    /**
     * Nobody may help himself to the connection any more.
     *
     * @param known the number of its last lease that the machine knows of
     * @return the number of the lease that somebody has it on, who brings it back to the machine now; less than 0 if he
     *     has brought it back, and its clean-up is under way, of which the machine is told now: then it is that number
     *     below zero; 0 if nobody has it
     */
    long revoke(long known);

    /**
     * The connection is leased from now on.
     *
     * @return the number of the lease, more than that of any before; 0 if the connection turned out to be dead or to
     *     have spoken out of turn
     */
    long claim();

    /**
     * The connection is idle from now on, and lent to who comes.
     *
     * @param since the time that {@link #lastUsed} says until somebody has come
     * @return false if it turned out to be dead or to have spoken out of turn
     */
    boolean park(long since);

    /** When the connection was last leased or brought back; perhaps a little earlier, never later. */
    long lastUsed();

    /** Nobody gets the connection any more, and who has it may not bring it back. */
    void markDead();
}
