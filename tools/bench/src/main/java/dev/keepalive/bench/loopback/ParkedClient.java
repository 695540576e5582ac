package dev.keepalive.bench.loopback;

import dev.keepalive.bench.slices.ThreadClient;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A client with a thread: acquires, sends, and parks until the answer is there; then it releases. */
final class ParkedClient implements RequestClient, ThreadClient {
    private final ChannelPoolAdapter.ChannelSource source;
    private long stamp;
    private @Nullable Thread thread;
    private volatile boolean done;
    private volatile @Nullable Throwable failure;

    ParkedClient(ChannelPoolAdapter pool, int number) {
        this.source = pool.newSource(this);
        this.stamp = LoopClient.firstStamp(number);
    }

    @Override
    public void request() {
        thread = Thread.currentThread();
        done = false;
        source.acquire();
        while (!done) {
            LockSupport.park(this);
        }
        Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException(cause);
        }
        source.release();
    }

    @Override
    public void granted(RequestConnection connection) {
        connection.send(this, ++stamp);
    }

    @Override
    public void answered() {
        done = true;
        LockSupport.unpark(thread);
    }

    @Override
    public void fail(Throwable cause) {
        failure = cause;
        answered();
    }

    @Override
    public void lost() {
        // An idle channel, closed at the end of the measurement.
    }
}
