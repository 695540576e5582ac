package dev.keepalive.bench.contenders;

import java.util.Objects;
import org.eclipse.jetty.util.ConcurrentPool;
import org.eclipse.jetty.util.Pool;

/** A map of Jetty's concurrent pools, with the strategy of Jetty's HTTP client. It has no waiters. */
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
        return idle == null ? open(pool, endpoint) : idle;
    }

    private static Object open(ConcurrentPool<DummyConnection> pool, int endpoint) {
        Pool.Entry<DummyConnection> entry = pool.reserve();
        if (entry == null) {
            throw new IllegalStateException("the limit of connections is reached");
        }
        entry.enable(new DummyConnection(endpoint), true);
        return entry;
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
