package dev.keepalive.machine;

/**
 * The part of a slot that others than the machine may change: the machine asks, and takes no for an answer. Each method is one atomic
 * step.
 */
public interface Wire {
    /** The connection is leased from now on. No if it turned out to be dead or to have spoken out of turn. */
    boolean claim();

    /** The connection is idle from now on. No if it turned out to be dead or to have spoken out of turn. */
    boolean park();

    /** Nobody gets the connection any more. */
    void kill();
}
