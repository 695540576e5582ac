package dev.keepalive.bench.loopback;

/** The interface to a measured pool of sockets, for threads that block. */
interface SocketPoolAdapter extends AutoCloseable {
    /** Makes the source of sockets for one thread. */
    SocketSource newSource();

    @Override
    void close();

    /** Gives one thread a socket per request. */
    interface SocketSource {
        /** Waits for a socket. The thread releases it before its next acquire. */
        EchoSocket acquire() throws Exception;

        /** Releases the acquired socket. */
        void release();
    }
}
