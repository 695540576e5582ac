package dev.keepalive.bench.contenders;

import java.util.Objects;
import org.eclipse.jetty.util.ConcurrentPool;
import org.eclipse.jetty.util.Pool;

/** A map of Jetty's concurrent pools, with the strategy of Jetty's HTTP client. Nobody can wait. */
final class JettyPoolAdapter implements PoolAdapter {
    private final PoolMap<ConcurrentPool<DummyConnection>> pools;

    JettyPoolAdapter(PoolConfig config) {
        pools = new PoolMap<>(
                config, endpoint -> new ConcurrentPool<>(ConcurrentPool.StrategyType.FIRST, config.perEndpoint()));
    }

    @Override
    public Object acquire(int endpoint) {
        ConcurrentPool<DummyConnection> pool = pools.at(endpoint);
        Pool.Entry<DummyConnection> idle = pool.acquire();
        return idle == null ? opened(pool, endpoint) : idle;
    }

    private static Object opened(ConcurrentPool<DummyConnection> pool, int endpoint) {
        Pool.Entry<DummyConnection> place = pool.reserve();
        if (place == null) {
            throw new IllegalStateException("as many connections as are allowed are in use");
        }
        place.enable(new DummyConnection(endpoint), true);
        return place;
    }

    @Override
    public void release(int endpoint, Object lease) {
        ((Pool.Entry<?>) lease).release();
    }

    @Override
    public Object connection(Object lease) {
        return Objects.requireNonNull(((Pool.Entry<?>) lease).getPooled());
    }

    @Override
    public void close() {
        pools.forEach(ConcurrentPool::terminate);
    }
}
