package dev.keepalive.bench.loopback;

/** What lends sockets to threads that wait: a pool under measurement. */
interface SocketPoolAdapter extends AutoCloseable {
    /** The means of one thread. */
    SocketSource newSource();

    @Override
    void close();

    /** How one thread gets and gives back the socket for a request. */
    interface SocketSource {
        /** Waits for a socket. */
        EchoSocket acquire() throws Exception;

        /** Gives it back. */
        void release();
    }
}
