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

/** A map of reactor-pool's pools, as reactor-netty keeps it. */
final class ReactorPool implements Contender {
    private final Keyed<InstrumentedPool<Connection>> pools;
    private final @Nullable Duration timeout;

    ReactorPool(Setting setting) {
        this.pools =
                new Keyed<>(setting, endpoint -> PoolBuilder.from(Mono.fromSupplier(() -> new Connection(endpoint)))
                        .sizeBetween(0, setting.perEndpoint())
                        .maxPendingAcquireUnbounded()
                        .idleResourceReuseMruOrder()
                        .buildPool());
        this.timeout = setting.timeout();
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
    public Object queue(int endpoint, Consumer<Object> then) {
        return answer(endpoint).subscribe(then, failure -> {});
    }

    private Mono<PooledRef<Connection>> answer(int endpoint) {
        Pool<Connection> pool = pools.at(endpoint);
        Duration within = timeout;
        return within == null ? pool.acquire() : pool.acquire(within);
    }

    @Override
    public void withdraw(int endpoint, Object place) {
        ((Disposable) place).dispose();
    }

    @Override
    public void close() {
        pools.forEach(Pool::dispose);
    }
}
