package dev.keepalive.http;

import java.time.Duration;

/**
 * The limits and choices of the protocols.
 *
 * @param priorKnowledge whether http means HTTP/2 without asking, for requests of that version
 * @param maxHeaderSize most bytes of the header section of a response
 * @param maxHeaderFields most fields of it
 * @param maxInformational most informational responses before the final one
 * @param maxDrain most bytes of an unwanted rest of a body that are read to keep the connection
 * @param maxStreams most exchanges at a time on a connection with HTTP/2, if the peer allows more
 * @param streamWindow bytes of a response with HTTP/2 that the peer may send before they are taken; also the bound of
 *     what is kept of a response with HTTP/1.1
 * @param connectionWindow the same for all responses on a connection together
 * @param pingAfter silence of a connection with HTTP/2 that has exchanges, after which it is asked by a PING
 * @param pingTimeout how long the answer to a PING may take, before the connection is closed
 */
record HttpOptions(
        boolean priorKnowledge,
        int maxHeaderSize,
        int maxHeaderFields,
        int maxInformational,
        int maxDrain,
        int maxStreams,
        int streamWindow,
        int connectionWindow,
        Duration pingAfter,
        Duration pingTimeout) {
    static final HttpOptions DEFAULTS = new HttpOptions(
            false,
            64 * 1024,
            1_000,
            100,
            64 * 1024,
            100,
            1 << 20,
            16 << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(5));
}
