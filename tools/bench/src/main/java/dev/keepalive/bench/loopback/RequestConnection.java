package dev.keepalive.bench.loopback;

/** A connection to the {@link LoopbackServer}, for one request at a time. */
public interface RequestConnection {
    /** Sends a request with this number as its stamp, and tells the client when the answer has arrived. */
    void send(RequestClient sender, long number);
}
