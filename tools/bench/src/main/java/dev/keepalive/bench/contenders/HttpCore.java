package dev.keepalive.bench.contenders;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.pool.LaxConnPool;
import org.apache.hc.core5.pool.ManagedConnPool;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.pool.PoolReusePolicy;
import org.apache.hc.core5.pool.RouteSegmentedConnPool;
import org.apache.hc.core5.pool.StrictConnPool;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** A pool of Apache HttpCore. */
final class HttpCore implements Contender {
    private final ManagedConnPool<String, Connection> pool;
    private final String[] endpoints;
    private final Timeout timeout;

    private HttpCore(Setting setting, ManagedConnPool<String, Connection> pool) {
        this.pool = pool;
        this.endpoints = Names.of(setting);
        Duration duration = setting.timeout();
        this.timeout = duration == null ? Timeout.DISABLED : Timeout.of(duration);
    }

    /** The pool with one lock, which keeps the total. */
    static HttpCore strict(Setting setting) {
        return new HttpCore(
                setting,
                new StrictConnPool<>(
                        setting.perEndpoint(),
                        setting.total(),
                        TimeValue.NEG_ONE_MILLISECOND,
                        PoolReusePolicy.LIFO,
                        null));
    }

    /** The pool without a total. */
    static HttpCore lax(Setting setting) {
        return new HttpCore(
                setting,
                new LaxConnPool<>(setting.perEndpoint(), TimeValue.NEG_ONE_MILLISECOND, PoolReusePolicy.LIFO, null));
    }

    /** The newest pool. */
    static HttpCore segmented(Setting setting) {
        return new HttpCore(
                setting,
                new RouteSegmentedConnPool<>(
                        setting.perEndpoint(),
                        setting.total(),
                        TimeValue.NEG_ONE_MILLISECOND,
                        PoolReusePolicy.LIFO,
                        (connection, mode) -> {}));
    }

    @Override
    public Object acquire(int endpoint) throws InterruptedException, ExecutionException {
        PoolEntry<String, Connection> entry = lease(endpoint, null).get();
        opened(endpoint, entry);
        return entry;
    }

    /** The pool makes places, and its user the connections. */
    private static void opened(int endpoint, PoolEntry<String, Connection> entry) {
        if (!entry.hasConnection()) {
            entry.assignConnection(new Connection(endpoint));
        }
    }

    @Override
    public void release(int endpoint, Object lease) {
        pool.release(entry(lease), true);
    }

    @Override
    public Object connection(Object lease) {
        return entry(lease).getConnection();
    }

    @Override
    public Object queue(int endpoint, Consumer<Object> then) {
        return lease(endpoint, new FutureCallback<>() {
            @Override
            public void completed(PoolEntry<String, Connection> entry) {
                opened(endpoint, entry);
                then.accept(entry);
            }

            @Override
            public void failed(Exception cause) {
                // A waiter whose time is up.
            }

            @Override
            public void cancelled() {
                // A waiter who gave up.
            }
        });
    }

    private Future<PoolEntry<String, Connection>> lease(
            int endpoint, @Nullable FutureCallback<PoolEntry<String, Connection>> callback) {
        return pool.lease(endpoints[endpoint], null, timeout, callback);
    }

    @Override
    public void withdraw(int endpoint, Object place) {
        if (!((Future<?>) place).cancel(false)) {
            throw new CancellationException("the place in the line was given up before");
        }
    }

    @SuppressWarnings("unchecked") // the pool's own lease
    private static PoolEntry<String, Connection> entry(Object lease) {
        return (PoolEntry<String, Connection>) lease;
    }

    @Override
    public boolean closeIdle() {
        pool.closeIdle(TimeValue.ZERO_MILLISECONDS);
        return true;
    }

    @Override
    public void close() {
        pool.close(CloseMode.IMMEDIATE);
    }
}
