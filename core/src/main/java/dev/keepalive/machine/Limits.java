package dev.keepalive.machine;

/**
 * The numbers that the machine keeps to and that may change while it runs; all positive.
 *
 * @param maxOpen most connections open over all endpoints
 * @param maxOpenPerEndpoint most connections open to one endpoint
 * @param maxWaiting most acquires waiting for one endpoint without a connection on its way for them
 * @param maxDialling most connections being opened to one endpoint at the same time
 */
public record Limits(int maxOpen, int maxOpenPerEndpoint, int maxWaiting, int maxDialling) {}
