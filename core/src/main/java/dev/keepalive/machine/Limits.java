package dev.keepalive.machine;

/**
 * The numbers that the machine decides by; all positive, times in nanoseconds.
 *
 * @param maxOpen most connections open over all endpoints
 * @param maxOpenPerEndpoint most connections open to one endpoint
 * @param dialTimeout how long a dial may take
 * @param idleTimeout how long a connection is kept idle
 * @param grace how long a reset, a stop or a close may take before it is given up
 * @param patience how long a busy endpoint may keep its connections while the total limit keeps an older waiter of another one out
 * @param patrol how often, at least, the alarm goes off while anything is leased, so that forgotten leases are found
 */
public record Limits(
        int maxOpen,
        int maxOpenPerEndpoint,
        long dialTimeout,
        long idleTimeout,
        long grace,
        long patience,
        long patrol) {}
