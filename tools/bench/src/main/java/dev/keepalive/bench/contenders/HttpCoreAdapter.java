package dev.keepalive.bench.contenders;

import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.io.ModalCloseable;
import org.apache.hc.core5.pool.ManagedConnPool;
import org.apache.hc.core5.pool.PoolEntry;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/** Apache HttpCore's pools. */
final class HttpCoreAdapter implements PoolAdapter {
    private final ManagedConnPool<String, ModalCloseable> pool;
    private final IntFunction<ModalCloseable> opener;
    private final String[] endpoints;
    private final Timeout timeout;

    HttpCoreAdapter(PoolConfig config, HttpCoreVariant variant) {
        this.pool = variant.newPool(config.perEndpoint(), config.total());
        this.opener = config.opener();
        this.endpoints = EndpointNames.of(config);
        Duration duration = config.timeout();
        this.timeout = duration == null ? Timeout.DISABLED : Timeout.of(duration);
    }

    @Override
    public Object acquire(int endpoint) throws InterruptedException, ExecutionException {
        PoolEntry<String, ModalCloseable> entry = lease(endpoint, null).get();
        open(endpoint, entry);
        return entry;
    }

    /** The pool makes entries only; its user opens the connections. */
    private void open(int endpoint, PoolEntry<String, ModalCloseable> entry) {
        if (!entry.hasConnection()) {
            entry.assignConnection(opener.apply(endpoint));
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
    public Object acquireAsync(int endpoint, Consumer<Object> then) {
        return lease(endpoint, new FutureCallback<>() {
            @Override
            public void completed(PoolEntry<String, ModalCloseable> entry) {
                open(endpoint, entry);
                then.accept(entry);
            }

            @Override
            public void failed(Exception cause) {
                // The waiter timed out.
            }

            @Override
            public void cancelled() {
                // The waiter was withdrawn.
            }
        });
    }

    private Future<PoolEntry<String, ModalCloseable>> lease(
            int endpoint, @Nullable FutureCallback<PoolEntry<String, ModalCloseable>> callback) {
        return pool.lease(endpoints[endpoint], null, timeout, callback);
    }

    @Override
    public void withdraw(int endpoint, Object waiter) {
        if (!((Future<?>) waiter).cancel(false)) {
            throw new CancellationException("the waiter was withdrawn before");
        }
    }

    @SuppressWarnings("unchecked") // the pool made this lease
    private static PoolEntry<String, ModalCloseable> entry(Object lease) {
        return (PoolEntry<String, ModalCloseable>) lease;
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
