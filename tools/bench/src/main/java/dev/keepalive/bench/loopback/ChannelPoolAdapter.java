package dev.keepalive.bench.loopback;

/**
 * The interface to a measured pool of channels to one server, all on one event loop. Unlike
 * {@link dev.keepalive.bench.contenders.PoolAdapter}, it opens channels asynchronously, reports failed acquires, and
 * adds no wrapper per request, because this workload counts the bytes of each request.
 */
public interface ChannelPoolAdapter extends AutoCloseable {
    /** Makes the source of connections for one client. */
    ChannelSource newSource(RequestClient client);

    @Override
    void close();

    /** Gives one client a connection per request. Event loop only. */
    interface ChannelSource {
        /** Acquires a connection; calls {@link RequestClient#granted} within this call or later. */
        void acquire();

        /** Releases the connection. */
        void release();

        /** Gives back a connection that is closed. */
        default void discard() {
            release();
        }
    }
}
