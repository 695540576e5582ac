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

/** A map of the pools inside Vert.x, all on one event loop. */
final class VertxPool implements Contender {
    private final VertxInternal vertx = (VertxInternal)
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1));
    private final ContextInternal context = vertx.createEventLoopContext();
    private final Keyed<ConnectionPool<Connection>> pools;
    private final boolean confined;

    /** @param confined whether cycles run on the event loop */
    VertxPool(Setting setting, boolean confined) {
        this.pools = new Keyed<>(
                setting,
                endpoint ->
                        ConnectionPool.pool(new MuteVertxConnector(endpoint), new int[] {setting.perEndpoint()}, -1));
        this.confined = confined;
    }

    @Override
    public Object acquire(int endpoint) throws Exception {
        Answer answer = new Answer();
        pools.at(endpoint).acquire(context, 0, answer);
        Lease<Connection> lease = answer.lease;
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
    public Object queue(int endpoint, Consumer<Object> then) {
        Place place = new Place(then);
        pools.at(endpoint).acquire(context, place, 0, place);
        return place;
    }

    @Override
    public void withdraw(int endpoint, Object place) {
        PoolWaiter<Connection> waiter = ((Place) place).waiter;
        if (waiter == null) {
            throw new IllegalStateException("nobody waits there");
        }
        pools.at(endpoint).cancel(waiter, (cancelled, failure) -> {});
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

    /** The answer to one acquire: there when it returns, if that was on the loop; else a future is made for it. */
    private static final class Answer implements Completable<Lease<Connection>> {
        private @Nullable CompletableFuture<Lease<Connection>> later;
        volatile @Nullable Lease<Connection> lease;

        @Override
        public void complete(@Nullable Lease<Connection> result, @Nullable Throwable failure) {
            CompletableFuture<Lease<Connection>> waiting;
            synchronized (this) {
                lease = result;
                waiting = later;
            }
            if (waiting != null) {
                waiting.complete(result);
            }
        }

        synchronized CompletableFuture<Lease<Connection>> later() {
            Lease<Connection> now = lease;
            CompletableFuture<Lease<Connection>> future =
                    now == null ? new CompletableFuture<>() : CompletableFuture.completedFuture(now);
            later = future;
            return future;
        }
    }

    /** A place in the line. */
    private static final class Place implements Completable<Lease<Connection>>, PoolWaiter.Listener<Connection> {
        private final Consumer<Object> then;
        private volatile @Nullable PoolWaiter<Connection> waiter;

        Place(Consumer<Object> then) {
            this.then = then;
        }

        @Override
        public void onEnqueue(PoolWaiter<Connection> waiter) {
            this.waiter = waiter;
        }

        @Override
        public void complete(@Nullable Lease<Connection> result, @Nullable Throwable failure) {
            if (result != null) {
                then.accept(result);
            }
        }
    }

    /** Connects at once. */
    private record MuteVertxConnector(int endpoint) implements PoolConnector<Connection> {
        @Override
        public Future<ConnectResult<Connection>> connect(ContextInternal context, Listener listener) {
            return Future.succeededFuture(new ConnectResult<>(new Connection(endpoint), 1, 0));
        }

        @Override
        public boolean isValid(Connection connection) {
            return true;
        }
    }
}
