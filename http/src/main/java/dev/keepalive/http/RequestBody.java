package dev.keepalive.http;

import java.nio.ByteBuffer;

/** The body of a request, for one attempt to send it. Called on the event loop of the connection. */
interface RequestBody {
    /** No body at all: nothing is sent, and no length. */
    long NONE = -2;

    /** A body of unknown length: chunked with HTTP/1.1. */
    long UNKNOWN = -1;

    /** The length in bytes, {@link #UNKNOWN} or {@link #NONE}. */
    long length();

    /** Begins to send: subscribes to the publisher. Once, and only if the length is not {@link #NONE}. */
    void start(Sink sink);

    /** The last part has been written to the socket: the next may come. */
    void more();

    /** The rest is not wanted: cancels the subscription. Before {@link #start} as well; does nothing at the end. */
    void cancel();

    /** Where the parts go. Safe from any thread; never blocks. */
    interface Sink {
        /** The next part, at most one at a time: after {@link #start} one, then one after each {@link #more}. */
        void write(ByteBuffer part);

        /** The body is complete. */
        void end();

        /** The publisher has failed, or its length is wrong: the exchange fails with this cause. */
        void fail(Throwable cause);
    }
}
