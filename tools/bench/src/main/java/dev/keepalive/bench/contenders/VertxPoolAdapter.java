package dev.keepalive.bench.contenders;

import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.pool.ConnectResult;
import io.vertx.core.internal.pool.ConnectionPool;
import io.vertx.core.internal.pool.Lease;
import io.vertx.core.internal.pool.PoolConnector;
import io.vertx.core.internal.pool.PoolWaiter;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A map of Vert.x's internal pools, all on one event loop. */
final class VertxPoolAdapter implements PoolAdapter {
    private final VertxInternal vertx = (VertxInternal)
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    private final ContextInternal context = vertx.createEventLoopContext();
    private final PoolMap<ConnectionPool<DummyConnection>> pools;
    private final boolean confined;

    /** @param confined true to run cycles on the event loop */
    VertxPoolAdapter(PoolConfig config, boolean confined) {
        this.pools = new PoolMap<>(
                config,
                endpoint ->
                        ConnectionPool.pool(new NoIoVertxConnector(endpoint), new int[] {config.perEndpoint()}, -1));
        this.confined = confined;
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        LeaseAnswer answer = new LeaseAnswer();
        pools.at(endpoint).acquire(context, 0, answer);
        Lease<DummyConnection> lease = answer.lease;
        return lease != null ? lease : answer.later().get();
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((Lease<?>) lease).recycle();
    }

    @Override
    public Object connection(Object lease) {
        return ((Lease<?>) lease).get();
    }

    @Override
    public Object acquireAsync(int endpoint, Consumer<Object> then) {
        VertxWaiter waiter = new VertxWaiter(then);
        pools.at(endpoint).acquire(context, waiter, 0, waiter);
        return waiter;
    }

    @Override
    public void withdraw(int endpoint, Object waiter) {
        PoolWaiter<DummyConnection> queued = ((VertxWaiter) waiter).waiter;
        if (queued == null) {
            throw new IllegalStateException("the acquire has no waiter");
        }
        pools.at(endpoint).cancel(queued, (cancelled, failure) -> {});
    }

    @Override
    public void confine(Runnable cycles) {
        if (confined) {
            context.nettyEventLoop().submit(cycles).syncUninterruptibly();
        } else {
            cycles.run();
        }
    }

    @Override
    public void close() {
        vertx.close();
    }

    /**
     * The result of one acquire. On the event loop it is there when the acquire returns; elsewhere a future waits for
     * it.
     */
    private static final class LeaseAnswer implements Completable<Lease<DummyConnection>> {
        private @Nullable CompletableFuture<Lease<DummyConnection>> later;
        volatile @Nullable Lease<DummyConnection> lease;

        @Override
        public void complete(@Nullable Lease<DummyConnection> result, @Nullable Throwable failure) {
            CompletableFuture<Lease<DummyConnection>> waiting;
            synchronized (this) {
                lease = result;
                waiting = later;
            }
            if (waiting != null) {
                waiting.complete(result);
            }
        }

        synchronized CompletableFuture<Lease<DummyConnection>> later() {
            Lease<DummyConnection> now = lease;
            CompletableFuture<Lease<DummyConnection>> future =
                    now == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(now);
            later = future;
            return future;
        }
    }

    /** One asynchronous acquire. */
    private static final class VertxWaiter
            implements Completable<Lease<DummyConnection>>, PoolWaiter.Listener<DummyConnection> {
        private final Consumer<Object> then;
        private volatile @Nullable PoolWaiter<DummyConnection> waiter;

        VertxWaiter(Consumer<Object> then) {
            this.then = then;
        }

        @Override
        public void onEnqueue(PoolWaiter<DummyConnection> waiter) {
            this.waiter = waiter;
        }

        @Override
        public void complete(@Nullable Lease<DummyConnection> result, @Nullable Throwable failure) {
            if (result != null) {
                then.accept(result);
            }
        }
    }

    /** Connects within the call. */
    private record NoIoVertxConnector(int endpoint) implements PoolConnector<DummyConnection> {
        @Override
        public Future<ConnectResult<DummyConnection>> connect(ContextInternal context, Listener listener) {
            return Future.succeededFuture(new ConnectResult<>(new DummyConnection(endpoint), 1, 0));
        }

        @Override
        public boolean isValid(DummyConnection connection) {
            return true;
        }
    }
}
