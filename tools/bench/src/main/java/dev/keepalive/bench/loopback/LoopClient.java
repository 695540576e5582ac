package dev.keepalive.bench.loopback;

/** A client that repeats one cycle on the event loop, without a thread: acquire, send, receive, release. */
final class LoopClient implements RequestClient {
    private static final int NUMBER_SHIFT = 40;

    private final EventLoopLoad load;
    private final ChannelPoolAdapter.ChannelSource source;
    private long stamp;
    private long began;

    LoopClient(EventLoopLoad load, ChannelPoolAdapter pool, int number) {
        this.load = load;
        this.source = pool.newSource(this);
        this.stamp = firstStamp(number);
    }

    /** The stamp before a client's first: no two clients ever have the same. */
    static long firstStamp(int number) {
        return (long) number << NUMBER_SHIFT;
    }

    /** Begins a slice of time. */
    void begin() {
        began = System.nanoTime();
        source.acquire();
    }

    @Override
    public void granted(RequestConnection connection) {
        connection.send(this, ++stamp);
    }

    @Override
    public void answered() {
        long now = System.nanoTime();
        load.served(now - began);
        began = now;
        source.release();
        if (load.isOver()) {
            load.finished();
        } else {
            source.acquire();
        }
    }

    @Override
    public void fail(Throwable cause) {
        load.fail(cause);
    }

    @Override
    public void lost() {
        // An idle channel, closed at the end of the measurement.
    }
}
