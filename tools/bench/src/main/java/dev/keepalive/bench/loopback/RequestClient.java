package dev.keepalive.bench.loopback;

/** A client that sends requests over connections. All its methods are called on the event loop. */
public interface RequestClient {
    /** The acquire succeeded: this is the connection. */
    void granted(RequestConnection connection);

    /** The whole answer has arrived. */
    void answered();

    /** The client's current or last connection was closed while no request was open. */
    void lost();

    /** A failure, which ends the measurement. */
    void fail(Throwable cause);
}
