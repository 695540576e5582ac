package dev.keepalive.http;

/** How the client controls an exchange that has begun. Safe from any thread; never blocks. */
interface HttpExchangeControl {
    /**
     * So many bytes that were told by {@link ExchangeEvents#data} have been taken by the reader of the response. The
     * peer may send as many more. Without this call, reading stops after a bounded number of bytes.
     */
    void consumed(int bytes);

    /**
     * The rest of the response is not wanted: a short rest is read and dropped, to keep the connection (HTTP/1.1), or
     * the stream is reset (HTTP/2). No further event is told. Does nothing at the end of the exchange.
     */
    void discard();

    /**
     * Ends the exchange at once: the stream is reset with CANCEL (HTTP/2), or the connection is closed (HTTP/1.1). No
     * further event is told. Does nothing at the end of the exchange.
     *
     * @param suspectsConnection whether the peer may be dead, since it did not answer in time: the connection gets no
     *     further exchanges until it has answered a PING (HTTP/2)
     */
    void cancel(boolean suspectsConnection);
}
