package dev.keepalive;

import java.io.Serializable;

/**
 * The number of connections in each state, of their leases, and of waiting acquires. A connection counts once, and once
 * for the limits, however many leases it takes at a time. All numbers were taken at one moment; they are for people and
 * monitors, not for decisions. Immutable. Implemented by the manager only; later versions may add methods.
 */
public interface Counts extends Serializable {
    /** Connections that wait for a permit of the {@link Budget}; always 0 without a budget. */
    int awaitingPermit();

    /** Connections that are being opened. */
    int dialing();

    /** Open connections without a lease. */
    int idle();

    /** Connections in use: with at least one lease, or with one whose clean-up is under way. */
    int leased();

    /**
     * Connections that were released and are being reset before they are idle. One that takes several leases at a time
     * counts as leased meanwhile.
     */
    int resetting();

    /** Connections that are being closed, and dials that are being stopped. Each holds its permits until it is gone. */
    int closing();

    /** Leases that have not ended. A connection that takes several leases at a time may have more than one. */
    int leases();

    /**
     * Leases that could begin at once: one for each idle connection, and as many for each connection that takes several
     * as it has room for.
     */
    int room();

    /** Those of the leased connections that take no new leases: they are closed after the last. */
    int leaving();

    /** Acquires that wait. */
    int waiting();

    /**
     * The connections that count against a limit: those in any state, each from the decision to open it until it is
     * gone.
     */
    default int open() {
        return awaitingPermit() + dialing() + idle() + leased() + resetting() + closing();
    }
}
