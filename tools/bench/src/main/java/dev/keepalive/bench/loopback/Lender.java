package dev.keepalive.bench.loopback;

/** What lends connections to clients: a pool under measurement, with channels to one server, all on one event loop. */
public interface Lender extends AutoCloseable {
    /** The means of one client. */
    Borrower borrower(Client client);

    @Override
    void close();

    /** How one client gets and gives back the connection for a request. Event loop only. */
    interface Borrower {
        /** Asks for a connection: {@link Client#granted} is called, within the call or later. */
        void acquire();

        /** Gives the connection back. */
        void release();

        /** Gives a connection back that is closed. */
        default void discard() {
            release();
        }
    }
}
