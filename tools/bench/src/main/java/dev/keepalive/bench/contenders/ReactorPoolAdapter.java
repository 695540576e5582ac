package dev.keepalive.bench.contenders;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.pool.InstrumentedPool;
import reactor.pool.Pool;
import reactor.pool.PoolBuilder;
import reactor.pool.PooledRef;

/** A map of reactor-pool's pools, like the one in reactor-netty. */
final class ReactorPoolAdapter implements PoolAdapter {
    private final PoolMap<InstrumentedPool<DummyConnection>> pools;
    private final @Nullable Duration timeout;

    ReactorPoolAdapter(PoolConfig config) {
        this.pools = new PoolMap<>(
                config, endpoint -> PoolBuilder.from(Mono.fromSupplier(() -> new DummyConnection(endpoint)))
                        .sizeBetween(0, config.perEndpoint())
                        .maxPendingAcquireUnbounded()
                        .idleResourceReuseMruOrder()
                        .buildPool());
        this.timeout = config.timeout();
    }

    @Override
    public Object acquire(int endpoint) {
        return Objects.requireNonNull(answer(endpoint).block());
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((PooledRef<?>) lease).release().subscribe();
    }

    @Override
    public Object connection(Object lease) {
        return ((PooledRef<?>) lease).poolable();
    }

    @Override
    public Object acquireAsync(int endpoint, Consumer<Object> then) {
        return answer(endpoint).subscribe(then, failure -> {});
    }

    private Mono<PooledRef<DummyConnection>> answer(int endpoint) {
        Pool<DummyConnection> pool = pools.at(endpoint);
        Duration within = timeout;
        return within == null ? pool.acquire() : pool.acquire(within);
    }

    @Override
    public void withdraw(int endpoint, Object waiter) {
        ((Disposable) waiter).dispose();
    }

    @Override
    public void close() {
        pools.forEach(Pool::dispose);
    }
}
