package dev.keepalive.bench.loopback;

/** What lends sockets to threads that wait: a pool under measurement. */
interface BlockingLender extends AutoCloseable {
    /** The means of one thread. */
    Borrower borrower();

    @Override
    void close();

    /** How one thread gets and gives back the socket for a request. */
    interface Borrower {
        /** Waits for a socket. */
        Wire acquire() throws Exception;

        /** Gives it back. */
        void release();
    }
}
