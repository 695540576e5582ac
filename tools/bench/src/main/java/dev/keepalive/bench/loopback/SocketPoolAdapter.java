package dev.keepalive.bench.loopback;

import dev.keepalive.bench.slices.ThreadClient;

/** The interface to a measured pool of sockets, for threads that block. */
interface SocketPoolAdapter extends AutoCloseable {
    /** Makes the source of sockets for one thread. */
    SocketSource newSource();

    @Override
    void close();

    /** The client of this number, with a source of its own. */
    default ThreadClient newClient(int number) {
        SocketSource source = newSource();
        byte[] message = new byte[WireFormat.SIZE];
        long[] stamp = {LoopClient.firstStamp(number)};
        return () -> {
            source.acquire().exchange(++stamp[0], message);
            source.release();
        };
    }

    /** Gives one thread a socket per request. */
    interface SocketSource {
        /** Waits for a socket. The thread releases it before its next acquire. */
        EchoSocket acquire() throws Exception;

        /** Releases the acquired socket. */
        void release();
    }
}
