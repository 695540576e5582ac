package dev.keepalive.bench.loopback;

/** Somebody who uses connections for requests; told everything on the event loop. */
public interface Client {
    /** Here is the connection that it acquired. */
    void granted(Exchange exchange);

    /** All of the answer is there. */
    void answered();

    /** The connection that it has, or had last, was closed while no answer was awaited. */
    void lost();

    /** Something went wrong, which ends the measurement. */
    void fail(Throwable cause);
}
