package dev.keepalive.machine;

/** How a dial ended. */
public enum DialResult {
    /** It failed, as dials to that endpoint may. */
    FAILED,
    /** There is a connection. */
    OPENED,
    /**
     * It failed for want of something that all connections share: descriptors, memory, local ports. It says nothing
     * about the endpoint.
     */
    OUT_OF_RESOURCES
}
