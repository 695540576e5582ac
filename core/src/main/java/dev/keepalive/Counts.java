package dev.keepalive;

import java.io.Serializable;

/**
 * How many connections are in which state, and how many acquires wait. Taken at one moment: for people and monitors,
 * not for decisions. Immutable. Implemented by the manager only; later versions may add methods.
 */
public interface Counts extends Serializable {
    /** Connections that wait for a permit of the {@link Budget}; always 0 without one. */
    int awaitingPermit();

    /** Connections that are being opened. */
    int dialing();

    /** Open connections without a lease. */
    int idle();

    /** Connections in use. */
    int leased();

    /** Connections that were released, and are cleaned up before they are idle. */
    int resetting();

    /** Connections that are being closed, and dials that are being stopped. Each keeps its place until it is gone. */
    int closing();

    /** Acquires that wait. */
    int waiting();

    /** The connections that count against a limit: all of them, from the decision to open one until it is gone. */
    default int open() {
        return awaitingPermit() + dialing() + idle() + leased() + resetting() + closing();
    }
}
