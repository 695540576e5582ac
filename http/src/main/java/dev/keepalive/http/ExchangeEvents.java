package dev.keepalive.http;

import java.nio.ByteBuffer;

/**
 * What an exchange tells the client, in this order: any number of {@link #informational}, one {@link #response}, any
 * number of {@link #data}, then {@link #completed}. At any point {@link #failed} may come instead, and is the last.
 * Called on the event loop of the connection, one call after the other; must not block.
 */
interface ExchangeEvents {
    /** A response with status 1xx, other than 101. */
    void informational(int status, HeaderFields fields);

    /** The final response has begun. */
    void response(int status, HeaderFields fields);

    /** A part of its body: not empty; the receiver may keep it. */
    void data(ByteBuffer part);

    /** The response is complete. The lease has ended. */
    void completed();

    /**
     * The exchange has failed. The lease has ended.
     *
     * @param safety whether the request may be sent again
     */
    void failed(Throwable cause, RetrySafety safety);
}
