package dev.keepalive.machine;

/** How a dial ended. */
public enum DialResult {
    /** The dial failed, for a reason of the endpoint. */
    FAILED,
    /** The dial succeeded: there is a connection. */
    OPENED,
    /**
     * The dial failed because the host had nothing left of what all connections share: descriptors, memory, local
     * ports. That tells nothing about the endpoint.
     */
    OUT_OF_RESOURCES
}
