package dev.keepalive.bench.loopback;

/** A connection that speaks the echo protocol of {@link EchoHandler}, for one request at a time. Event loop only. */
public interface EchoConnection {
    /** Sends a request with this number as its stamp, and tells the client when the answer has arrived. */
    void send(RequestClient sender, long number);
}
